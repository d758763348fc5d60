/** The Secrets of docs/kubernetes.md, made as the page says, with a kubectl that takes no file which is not there. */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { SERVICES, type Server } from '../../src/manifests/services.ts';
import { KUBERNETES, objectsOf, podSpecOf, ROOT } from './objects.ts';

/** Writes down what it is told to make, as `name key key`, and fails as the real one does. */
const KUBECTL = `#!/bin/sh
[ "$1 $2" = "create secret" ] || [ "$1 $2" = "create configmap" ] || exit 0
name=$3
[ "$2" = configmap ] || name=$4
made=$name
while [ $# -gt 0 ]; do
  if [ "$1" = --from-file ]; then
    file=\${2#*=}
    [ -f "$file" ] || { echo "error: error reading $file: no such file or directory" >&2; exit 1; }
    made="$made \${2%%=*}"
  fi
  shift
done
echo "$made" >> "$KUBECTL_MADE"
`;
const FILES: Readonly<Record<Server, { ending: string; key: string }>> = {
  nats: { ending: 'nats', key: 'nats-password' },
  redis: { ending: 'redis', key: 'redis-password' },
  log: { ending: 'log', key: 'event-store-password' },
};

const page = readFileSync(join(ROOT, 'docs', 'kubernetes.md'), 'utf8');
const section = /^## Secrets\n(.*?)^## /ms.exec(page)![1]!;
/** Lines that are set in, as they would be pasted one block after the other. */
const blocks = [...section.matchAll(/(?:^ {4}.*\n)+/gm)].map(([block]) => block.replaceAll(/^ {4}/gm, ''));

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'mcpstack-secrets-'))));
afterEach(() => rmSync(folder, { recursive: true }));

/** @param without services for which nobody made a password. */
function run(shell: string, script: string, ...without: string[]) {
  const place = (...names: string[]) => join(folder, ...names);
  for (const name of ['bin', 'mine', 'deploy']) mkdirSync(place(name));
  writeFileSync(place('bin', 'kubectl'), KUBECTL, { mode: 0o755 });
  cpSync(join(ROOT, 'deploy', 'make-secrets.mjs'), place('deploy', 'make-secrets.mjs'));
  const passwords = SERVICES.filter(({ name }) => !without.includes(name)).flatMap(({ name, servers }) =>
    servers.map((server) => `${name}.${FILES[server].ending}`),
  );
  const others = ['issuer.seed', 'xkey.seed', 'nats.crt', 'redis.crt', 'event-store.crt'];
  for (const file of [...passwords, ...others]) writeFileSync(place('mine', file), 'x');
  const { status, stderr } = spawnSync(shell, ['-euc', script], {
    cwd: folder,
    encoding: 'utf8',
    env: {
      ...process.env,
      PATH: `${place('bin')}${delimiter}${process.env['PATH']}`,
      KUBECTL_MADE: place('made'),
    },
  });
  const made = status === 0 ? readFileSync(place('made'), 'utf8').trim().split('\n') : [];
  return { status, stderr, made: made.map((line) => line.split(' ')) };
}

/** With what the page leaves to others, in the folder that it makes. */
const whole = blocks
  .map((block) => (block.includes('mkdir secrets') ? `${block}cp ../mine/* .\n` : block))
  .join('\n');

describe.each(['sh', 'bash'].filter((shell) => spawnSync(shell, ['-c', 'true']).status === 0))(
  'in %s',
  (shell) => {
    it('every Secret is made that a pod mounts, with the keys that it mounts', () => {
      const { status, stderr, made } = run(shell, whole);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      const keysOf = new Map(made.map(([name, ...keys]) => [name!, keys]));
      const objects = ['base', 'components/forward-auth', 'components/nats-login'].flatMap((name) =>
        objectsOf(join(KUBERNETES, name)),
      );
      const mounted = objects.flatMap((object) =>
        (podSpecOf(object)?.volumes ?? []).flatMap(({ secret, configMap }) => {
          const name = secret?.secretName ?? configMap?.name;
          const items = secret?.items ?? configMap?.items ?? [];
          return name === undefined ? [] : items.map(({ key }) => `${name} ${key}`);
        }),
      );
      expect(mounted.length).toBeGreaterThan(30);
      expect(
        mounted.filter((place) => !keysOf.get(place.split(' ')[0]!)?.includes(place.split(' ')[1]!)),
      ).toEqual([]);
    });

    it('each service has the passwords of what it talks to, and no other', () => {
      const { made } = run(shell, whole, 'forward-auth');
      const credentials = made.filter(([name]) => name!.endsWith('-credentials'));
      expect(credentials).toEqual(
        SERVICES.filter(({ name }) => name !== 'forward-auth').map(({ name, servers }) => [
          `mcpstack-${name}-credentials`,
          ...servers.map((server) => FILES[server].key),
        ]),
      );
    });

    it('control: a file that is not there ends it', () => {
      const script = 'kubectl create secret generic a --from-file b=missing';
      expect(run(shell, script)).toMatchObject({
        status: 1,
        stderr: expect.stringContaining('missing') as string,
      });
    });
  },
);

const isReal = spawnSync('kubectl', ['version', '--client']).status === 0;
(isReal ? it : it.skip)(
  `the real one says the same${isReal ? '' : ' (skipped: there is no kubectl here)'}`,
  () => {
    const args = ['create', 'secret', 'generic', 'a', '--dry-run=client', '--from-file', 'b=missing'];
    expect(() => execFileSync('kubectl', args, { cwd: folder, stdio: 'pipe' })).toThrow(
      'error: error reading missing: no such file or directory',
    );
  },
);
