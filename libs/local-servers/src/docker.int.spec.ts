import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { exchange } from './exchange.ts';
import { isPortFree } from './free-port.ts';
import { startRedis } from './redis.ts';

/** A stand-in for docker: runs the image's program here and notes what it was asked. No engine is needed. */
const DOCKER = `
echo "$*" >> "$FAKE_DOCKER/asked"
verb=$1; shift
case "$verb" in
  run)
    while [ "$1" != --entrypoint ]; do [ "$1" = --name ] && name=$2; shift; done
    program=$2; shift 3
    echo $$ > "$FAKE_DOCKER/$name"
    exec "$program" "$@" ;;
  stop) kill -TERM "$(cat "$FAKE_DOCKER/$1")" ;;
  kill) kill -KILL "$(cat "$FAKE_DOCKER/$1")" ;;
  pause) kill -STOP "$(cat "$FAKE_DOCKER/$1")" ;;
  unpause) kill -CONT "$(cat "$FAKE_DOCKER/$1")" ;;
esac`;

describe('a server in a Docker container', () => {
  let folder: string;
  const { PATH } = process.env;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'mcpstack-docker-'));
    writeFileSync(join(folder, 'docker'), `#!/bin/sh\n${DOCKER}\n`);
    chmodSync(join(folder, 'docker'), 0o755);
    process.env.PATH = `${folder}${delimiter}${PATH}`;
    process.env.FAKE_DOCKER = folder;
  });
  afterEach(() => {
    process.env.PATH = PATH;
    delete process.env.FAKE_DOCKER;
    rmSync(folder, { recursive: true });
  });

  it('is published on 127.0.0.1, keeps its data in our folder, and gets our signals', async () => {
    const binary = { type: 'image', kind: 'redis', image: 'redis:7.4-alpine' } as const;
    const server = await startRedis({ binary });
    const ping = () => exchange(server.port, 'PING\r\n', (text) => text.endsWith('\r\n'), 300);
    try {
      const [asked] = readFileSync(join(folder, 'asked'), 'utf8').split('\n');
      expect(asked).toContain(`--publish 127.0.0.1:${server.port}:${server.port}`);
      expect(asked).toContain(`--volume ${server.dataDir}:${server.dataDir}`);
      expect(asked).toMatch(/--entrypoint redis-server redis:7\.4-alpine .*redis\.conf$/);
      await server.pause();
      await expect(ping()).rejects.toThrow();
      await server.resume();
      expect(await ping()).toBe('+PONG\r\n');
      await server.restart({ kill: true });
      expect(await ping()).toBe('+PONG\r\n');
    } finally {
      await server.stop();
    }
    const verbs = readFileSync(join(folder, 'asked'), 'utf8').match(/^\w+/gm);
    expect(verbs).toEqual(['run', 'pause', 'unpause', 'kill', 'run', 'stop', 'unpause']);
    expect(await isPortFree(server.port)).toBe(true);
  });
});
