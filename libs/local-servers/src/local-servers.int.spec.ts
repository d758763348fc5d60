import { createServer } from 'node:net';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exchange } from './exchange.ts';
import { freePort, isPortFree } from './free-port.ts';
import { startNats } from './nats.ts';
import { startRedis } from './redis.ts';

const redis = (port: number, command: string) =>
  exchange(port, `${command}\r\n`, (text) => text.endsWith('\r\n'), 2_000);

describe('a NATS server of our own', () => {
  it('listens on 127.0.0.1 only, with JetStream in its data folder and messages up to 4 MB', async () => {
    const server = await startNats();
    try {
      const greeting = await exchange(server.port, '', (text) => text.includes('\r\n'));
      const info = JSON.parse(greeting.slice(5)) as Record<string, unknown>;
      expect(info).toMatchObject({ host: '127.0.0.1', jetstream: true, max_payload: 4 * 1024 * 1024 });
      expect(existsSync(join(server.dataDir, 'jetstream'))).toBe(true);
    } finally {
      await server.stop();
    }
    expect(existsSync(server.dataDir)).toBe(false);
    expect(await isPortFree(server.port)).toBe(true);
  });

  it('asks for the credentials that it was given', async () => {
    const server = await startNats({ user: 'a', password: 'b"c' });
    const login = async (password: string) => {
      const hello = `CONNECT ${JSON.stringify({ user: 'a', pass: password, verbose: false })}\r\nPING\r\n`;
      return exchange(server.port, hello, (text) => text.includes('PONG') || text.includes('-ERR'));
    };
    try {
      expect(await login('b"c')).toContain('PONG');
      expect(await login('wrong')).toContain("-ERR 'Authorization Violation'");
    } finally {
      await server.stop();
    }
  });

  it('says in one sentence that a port is in use', async () => {
    const blocker = createServer();
    const port = await freePort();
    await new Promise<void>((resolve) => blocker.listen(port, '127.0.0.1', resolve));
    const failure = startNats({ port });
    await expect(failure).rejects.toMatchObject({ code: 'port-in-use' });
    await expect(failure).rejects.toThrow(new RegExp(`^Port ${port} is in use`));
    await new Promise((resolve) => blocker.close(resolve));
  });

  it('says in one sentence that its data folder cannot be written', async () => {
    // Also as root: nobody makes folders in /proc, or below a file.
    for (const dataDir of ['/proc/mcpstack/data', join(import.meta.filename, 'data')]) {
      await expect(startNats({ dataDir })).rejects.toMatchObject({ code: 'data-folder-unwritable' });
    }
  });

  it('gives the last words of a server that ends while it starts', async () => {
    const failure = startNats({ config: 'no_such_setting: {' });
    await expect(failure).rejects.toMatchObject({ code: 'start-failed' });
  });
});

describe('a Redis server of our own', () => {
  it('keeps its data over kill -9 and restart, on the same port', async () => {
    const server = await startRedis();
    try {
      expect(await redis(server.port, 'SET a 1')).toBe('+OK\r\n');
      // Written to the file at the latest after a second; WAITAOF does not exist before 7.2.
      expect(await redis(server.port, 'CONFIG SET appendfsync always')).toBe('+OK\r\n');
      const { pid, port } = server;
      await server.kill();
      expect(server.running).toBe(false);
      await server.restart();
      expect(server.port).toBe(port);
      expect(server.pid).not.toBe(pid);
      expect(await redis(port, 'GET a')).toBe('$1\r\n1\r\n');
      await server.restart({ kill: true });
      expect(await redis(port, 'GET a')).toBe('$1\r\n1\r\n');
    } finally {
      await server.stop();
    }
  });

  it('evicts nothing and writes an append-only file', async () => {
    const server = await startRedis();
    try {
      expect(await redis(server.port, 'CONFIG GET maxmemory-policy')).toContain('noeviction');
      expect(await redis(server.port, 'CONFIG GET appendonly')).toContain('yes');
      expect(await redis(server.port, 'CONFIG GET appendfsync')).toContain('everysec');
    } finally {
      await server.stop();
    }
  });

  it('hangs while paused and answers again when resumed', async () => {
    const server = await startRedis();
    try {
      await server.pause();
      await expect(exchange(server.port, 'PING\r\n', (text) => text.length > 0, 300)).rejects.toThrow(
        /no answer/,
      );
      await server.resume();
      expect(await redis(server.port, 'PING')).toBe('+PONG\r\n');
      await server.pause();
    } finally {
      await server.stop();
    }
    expect(server.running).toBe(false);
  });

  it('asks for its password', async () => {
    const server = await startRedis({ password: 'p"q' });
    try {
      expect(await redis(server.port, 'PING')).toContain('-NOAUTH');
    } finally {
      await server.stop();
    }
  });

  it('owns every slot in cluster mode', async () => {
    const server = await startRedis({ cluster: true });
    try {
      expect(await redis(server.port, 'SET {a}b 1')).toBe('+OK\r\n');
      await server.restart();
      expect(await redis(server.port, 'GET {a}b')).toBe('$1\r\n1\r\n');
    } finally {
      await server.stop();
    }
  });

  it('leaves a data folder that was given where it is', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'mcpstack given '));
    const server = await startRedis({ dataDir });
    await server.stop();
    expect(readFileSync(join(dataDir, 'redis.conf'), 'utf8')).toContain('appendonly yes');
    rmSync(dataDir, { recursive: true });
  });
});
