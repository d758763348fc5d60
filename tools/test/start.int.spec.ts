import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, startNats, startRedis, waitFor } from '@mcpstack/local-servers';
import { fakeProduct, Launcher, processesOf, remove } from './launcher.ts';

describe('npm start', () => {
  let root: string;
  let data: string;
  beforeEach(() => {
    root = fakeProduct();
    data = join(root, 'data folder');
  });
  afterEach(() => {
    const left = processesOf(root);
    remove(root);
    // Whatever happened before: nothing is left running.
    expect(left).toEqual([]);
  });

  const localFile = () =>
    JSON.parse(readFileSync(join(root, '.mcpstack', 'local.json'), 'utf8')) as Record<string, string>;
  const serviceLog = (name: string) => readFileSync(join(data, 'logs', `${name}.log`), 'utf8');
  const pidOf = (name: string) => Number(/pid=(\d+)/.exec(serviceLog(name))![1]);

  it('runs the main job, says where everything is, and stops in order within seconds', async () => {
    const port = await freePort();
    const launcher = new Launcher(root, ['--data', data, '--port', String(port), '--authorizers', '2']);
    await launcher.up();
    const local = localFile();
    expect(local).toMatchObject({
      gatewayUrl: `http://127.0.0.1:${port}`,
      organizationId: 'org_1',
      ownerEmail: 'owner@localhost',
      adminKey: 'mcpstack_sk_fake',
    });
    expect(local.eventStoreUrl).toBe(local.natsUrl);
    expect(local.redisUrl).toMatch(/^redis:\/\/127\.0\.0\.1:\d+$/);
    expect(statSync(join(root, '.mcpstack', 'local.json')).mode & 0o777).toBe(0o600);
    expect(statSync(join(data, 'peppers.json')).mode & 0o777).toBe(0o600);
    expect(statSync(join(data, 'owner.json')).mode & 0o777).toBe(0o600);
    expect(launcher.output).toContain('authorizer-2 is ready');
    expect(launcher.output).toMatch(/verified it again: REVOKED +\d+\.\d ms/);
    expect(launcher.output).not.toContain(local.ownerPassword);
    expect(launcher.output).not.toContain(local.adminKey);
    expect(processesOf(root).length).toBeGreaterThanOrEqual(8);

    const begun = performance.now();
    launcher.child.kill('SIGTERM');
    expect(await launcher.ended(0)).toBe(0);
    expect(performance.now() - begun).toBeLessThan(30_000);
    expect(serviceLog('gateway')).toContain('gateway drained');
  });

  it('finds its data and its owner again', async () => {
    const first = new Launcher(root, ['--data', data, '--check']);
    expect(await first.ended(0)).toBe(0);
    const before = localFile();
    const peppers = readFileSync(join(data, 'peppers.json'), 'utf8');
    const second = new Launcher(root, ['--data', data, '--check']);
    expect(await second.ended(0)).toBe(0);
    expect(localFile()).toMatchObject({ ownerPassword: before.ownerPassword, adminKey: before.adminKey });
    expect(readFileSync(join(data, 'peppers.json'), 'utf8')).toBe(peppers);
  });

  it('uses the NATS and the Redis that are given, and leaves them running', async () => {
    const [nats, redis] = await Promise.all([startNats(), startRedis()]);
    try {
      const given = { NATS_URL: nats.url, REDIS_URL: redis.url, MCPSTACK_SERVER_PATH: '/nowhere' };
      const launcher = new Launcher(root, ['--data', data, '--check'], given);
      expect(await launcher.ended(0)).toBe(0);
      expect(localFile()).toMatchObject({ natsUrl: nats.url, redisUrl: redis.url, eventStoreUrl: nats.url });
      expect(launcher.output).not.toContain('NATS on');
      expect([nats.running, redis.running]).toEqual([true, true]);
    } finally {
      await Promise.all([nats.stop(), redis.stop()]);
    }
  });

  it('refuses a second start on the same data folder in one sentence, and leaves the first alone', async () => {
    const first = new Launcher(root, ['--data', data]);
    await first.up();
    const second = new Launcher(root, ['--data', data]);
    expect(await second.ended(1)).toBe(1);
    expect(second.output.trim()).toMatch(/^MCPStack Keys is already running on the data folder .*--data\.$/);
    expect(first.child.exitCode).toBe(null);
    first.child.kill('SIGINT');
    expect(await first.ended(0)).toBe(0);
  });

  it('names a service that dies, with its last log lines, and stops everything', async () => {
    const launcher = new Launcher(root, ['--data', data]);
    await launcher.up();
    process.kill(pidOf('projection'), 'SIGKILL');
    expect(await launcher.ended(1)).toBe(1);
    expect(launcher.output).toMatch(/ {4}projection pid=\d+\nprojection ended by itself \(SIGKILL\)/);
  });

  it('names a service that does not come up, with its last words', async () => {
    const launcher = new Launcher(root, ['--data', data], { FAKE_BROKEN: 'issuance' });
    expect(await launcher.ended(1)).toBe(1);
    expect(launcher.output).toMatch(
      /issuance: SETTING_X is not set\.\nissuance ended \(1\) before it was ready/,
    );
  });

  it('fails when the key is not refused after it was revoked', async () => {
    const launcher = new Launcher(root, ['--data', data, '--check'], { FAKE_NEVER_REFUSES: '1' });
    expect(await launcher.ended(1)).toBe(1);
    expect(launcher.output).toContain('The main job failed: verify answered VALID instead of REVOKED.');
  });

  it('stops everything also when it is told to while it starts', async () => {
    const launcher = new Launcher(root, ['--data', data]);
    launcher.child.stdout!.once('data', () => launcher.child.kill('SIGTERM'));
    expect(await launcher.ended(0)).toBe(0);
    expect(launcher.output).not.toContain('Ready after');
  });

  it('stops everything when npm is gone, which tells it nothing', async () => {
    const launch = join(import.meta.dirname, 'fixtures', 'launch.mjs');
    const line = `"${process.execPath}" "${launch}" "${root}" --data "${data}"; true`;
    const shell = spawn('/bin/sh', ['-c', line], {
      env: { ...process.env, NODE_OPTIONS: '', npm_lifecycle_event: 'start' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    shell.stdout.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')));
    await waitFor(() => said.includes('Ready after'), { timeoutMs: 150_000 });
    shell.kill('SIGTERM');
    await waitFor(() => processesOf(root).length === 0, { what: 'everything to end' });
    expect(serviceLog('gateway')).toContain('gateway drained');
  });

  it('leaves nothing behind when it is itself killed with SIGKILL', async () => {
    const launcher = new Launcher(root, ['--data', data]);
    await launcher.up();
    launcher.child.kill('SIGKILL');
    await launcher.exited;
    await waitFor(() => processesOf(root).length === 0, { what: 'its children to end' });
  });

  describe('with bad input says one sentence that tells what to do', () => {
    const sentence = async (args: string[], env: NodeJS.ProcessEnv = {}) => {
      const launcher = new Launcher(root, ['--data', data, '--check', ...args], env);
      expect(await launcher.ended(1)).toBe(1);
      const lines = launcher.output.trim().split('\n');
      expect(lines).toHaveLength(1);
      return lines[0];
    };

    it.each(['mongodb://x', 'kurrentdb://', 'esdb', 'nats://', 'http://user:geheim@localhost:2113'])(
      'about EVENT_STORE_URL=%s',
      async (url) => {
        const said = await sentence([], { EVENT_STORE_URL: url });
        expect(said).toMatch(/^EVENT_STORE_URL cannot be used: write (kurrentdb|nats):\/\//);
        expect(said).not.toContain('geheim');
      },
    );

    it('about an event store that nobody answers for', async () => {
      const port = await freePort();
      const said = await sentence([], {
        EVENT_STORE_URL: `kurrentdb://a:geheim@127.0.0.1:${port}?tls=false`,
      });
      expect(said).toMatch(new RegExp(`^Nobody answers at 127.0.0.1:${port}, where EVENT_STORE_URL points`));
      expect(said).not.toContain('geheim');
    });

    it.each([
      ['NATS_URL', 'http://x'],
      ['REDIS_URL', 'localhost:6379'],
    ])('about %s=%s', async (name, url) => {
      expect(await sentence([], { [name]: url })).toMatch(`${name} cannot be used: write `);
    });

    it('about a port in use', async () => {
      const blocker = createServer();
      const port = await freePort();
      await new Promise<void>((resolve) => blocker.listen(port, '127.0.0.1', resolve));
      expect(await sentence(['--port', String(port)])).toMatch(
        `Port ${port} is in use: stop what listens there`,
      );
      await new Promise((resolve) => blocker.close(resolve));
    });

    it('about a data folder that cannot be written', async () => {
      const file = join(root, 'file');
      writeFileSync(file, '');
      for (const folder of [join(file, 'data'), '/proc/mcpstack']) {
        expect(await sentence(['--data', folder])).toMatch(
          /^The data folder .* cannot be written: choose another/,
        );
      }
    });

    describe('about servers', () => {
      let bin: string;
      beforeEach(() => (bin = mkdtempSync(join(tmpdir(), 'mcpstack-bin-'))));
      afterEach(() => remove(bin));

      it('that are too old', async () => {
        writeFileSync(join(bin, 'nats-server'), '#!/bin/sh\necho "nats-server: v2.2.0"\n');
        chmodSync(join(bin, 'nats-server'), 0o755);
        expect(await sentence([], { MCPSTACK_SERVER_PATH: bin, MCPSTACK_NO_INSTALL: '1' })).toMatch(
          /nats-server is version 2\.2\.0, but NATS server 2\.9\.0 or newer is needed .*: install a newer/,
        );
      });

      it('that are missing', async () => {
        expect(await sentence([], { MCPSTACK_SERVER_PATH: bin, MCPSTACK_NO_INSTALL: '1' })).toMatch(
          /^nats-server 2\.9\.0 or newer and redis-server 7\.0\.0 or newer not found: install with "apt-get/,
        );
      });
    });
  });
});
