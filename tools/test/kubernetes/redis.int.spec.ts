/** The example of Redis with Sentinel, started by its own script: three pods as three addresses of this machine. */
import { execFile, execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findServer, repositoryRoot } from '@mcpstack/local-servers';
import { makeTestCertificate, waitFor, type TestCertificate } from '@mcpstack/testing';
import { KUBERNETES, objectsOf } from './objects.ts';

const SENTINEL_PASSWORD = 'of-sentinels';
/** Somebody else on this machine has others. */
const addressOf = (pod: number) => `127.77.${process.pid % 250}.1${pod}`;
const REDIS = 6379;
const SENTINEL = 26_379;
const ROLES = ['redis', 'sentinel'] as const;

const { data } = objectsOf(join(KUBERNETES, 'examples', 'redis')).find(({ kind }) => kind === 'ConfigMap')!;
const command = await findServer('redis').catch(() => undefined);
const has = (program: string) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
const why =
  process.platform !== 'linux' || command?.type !== 'program' || !has('redis-cli') || !has('timeout')
    ? 'it needs Linux with redis-server, redis-cli and timeout'
    : undefined;

(why === undefined ? describe : describe.skip)(`examples/redis${why ? ` (skipped: ${why})` : ''}`, () => {
  let folder: string;
  let certificate: TestCertificate;
  let replicaPassword: string;
  const running = new Map<string, ChildProcess>();

  /** The files of the ConfigMap, with the places of this machine. */
  function mount(pod: number): void {
    const home = join(folder, `pod-${pod}`);
    mkdirSync(join(home, 'config'), { recursive: true });
    mkdirSync(join(home, 'data'), { recursive: true });
    const here = (text: string) =>
      text
        .replaceAll('/etc/redis/config', join(home, 'config'))
        .replaceAll('/etc/redis', join(folder, 'etc'))
        .replaceAll(/(?<=[ "])\/data\b/g, join(home, 'data'))
        .replaceAll('$POD_NAME.redis-nodes.redis.svc', addressOf(pod))
        .replaceAll('redis-$number.redis-nodes.redis.svc', addressOf(0).replace(/0$/, '$number'))
        .replaceAll('redis-0.redis-nodes.redis.svc', addressOf(0))
        .replaceAll(/^port 0$/gm, `port 0\nbind ${addressOf(pod)}`);
    for (const [name, text] of Object.entries(data!)) writeFileSync(join(home, 'config', name), here(text));
  }

  /** What a container of the pod would start. */
  function start(pod: number, role: (typeof ROLES)[number]): void {
    const script = join(folder, `pod-${pod}`, 'config', 'start.sh');
    const child = spawn('sh', [script, role], { stdio: 'ignore' });
    running.set(`${role} ${pod}`, child);
  }

  async function kill(pod: number, role: (typeof ROLES)[number]): Promise<void> {
    const child = running.get(`${role} ${pod}`)!;
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  async function ask(pod: number, port: number, password: string, ...words: string[]): Promise<string> {
    const at = ['--tls', '--cacert', certificate.caFile, '-h', addressOf(pod), '-p', `${port}`];
    const user = port === REDIS ? ['--user', 'replica'] : [];
    const env = { ...process.env, ...(password && { REDISCLI_AUTH: password }) };
    const { stdout } = await promisify(execFile)('redis-cli', [...at, ...user, ...words], { env });
    return stdout.trim();
  }
  const sentinel = (pod: number, ...words: string[]) =>
    ask(pod, SENTINEL, SENTINEL_PASSWORD, 'sentinel', ...words);
  const role = async (pod: number) => (await ask(pod, REDIS, replicaPassword, 'role')).split('\n');
  const agree = (pod: number) =>
    waitFor(async () => (await sentinel(pod, 'ckquorum', 'mcpstack')).startsWith('OK 3 usable'), {
      what: `three sentinels that know each other at ${pod}`,
    });

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'mcpstack-redis-example-'));
    certificate = await makeTestCertificate();
    for (const name of ['tls', 'users']) mkdirSync(join(folder, 'etc', name), { recursive: true });
    const files = { 'tls.crt': 'certFile', 'tls.key': 'keyFile', 'ca.crt': 'caFile' } as const;
    for (const [name, file] of Object.entries(files))
      symlinkSync(certificate[file], join(folder, 'etc', 'tls', name));
    const users = join(folder, 'etc', 'users');
    execFileSync(process.execPath, [join(repositoryRoot(), 'deploy', 'redis', 'make-users.mjs'), users]);
    copyFileSync(join(users, 'replica.password'), join(users, 'replica-password'));
    replicaPassword = readFileSync(join(users, 'replica-password'), 'utf8').trim();
    writeFileSync(join(users, 'sentinel-password'), SENTINEL_PASSWORD);
    // As a StatefulSet does it: the next one when the one before answers.
    for (const pod of [0, 1, 2]) {
      mount(pod);
      for (const one of ROLES) start(pod, one);
      await waitFor(async () => (await role(pod)).length > 1);
      await waitFor(async () => (await sentinel(pod, 'masters')) !== '');
    }
  });

  afterAll(async () => {
    for (const pod of [0, 1, 2]) for (const one of ROLES) await kill(pod, one);
    rmSync(folder, { recursive: true });
    rmSync(certificate.folder, { recursive: true });
  });

  it('sentinels say nothing without their password', async () => {
    for (const pod of [0, 1, 2])
      for (const password of ['', replicaPassword])
        expect(await ask(pod, SENTINEL, password, 'sentinel', 'masters')).toContain('NOAUTH');
  });

  it('know each other by it, and the two replicas', async () => {
    for (const pod of [0, 1, 2]) await agree(pod);
    expect((await role(0))[0]).toBe('master');
    for (const pod of [1, 2]) expect((await role(pod)).slice(0, 2)).toEqual(['slave', addressOf(0)]);
  });

  it('agree on another primary, and the first comes back as a replica of it, because they say so', async () => {
    for (const one of ROLES) await kill(0, one);
    const primaryAt = async (pod: number) =>
      (await sentinel(pod, 'get-master-addr-by-name', 'mcpstack')).split('\n')[0]!;
    // The two that are left may vote each for itself several times, of which each costs 20 s.
    const chosen = await waitFor(
      async () => {
        const [one, other] = await Promise.all([primaryAt(1), primaryAt(2)]);
        return one === other && one !== addressOf(0) && one;
      },
      { timeoutMs: 240_000, what: 'another primary' },
    );
    for (const one of ROLES) start(0, one);
    await waitFor(async () => (await role(0))[1] === chosen, { what: 'the first as a replica' });
    await agree(0);
  }, 600_000);
});
