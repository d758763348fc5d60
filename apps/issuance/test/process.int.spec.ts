/** Issuance as it starts in production: from its built output, as a process of its own. */
import { randomUUID } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ProblemError, tokenDigest, type ConfirmReply, type CreateKeyOutput } from '@mcpstack/contracts';
import { freePort, ManagedProcess, waitFor } from '@mcpstack/local-servers';
import { readPeppers } from '@mcpstack/service-kit';
import { Harness, strongKey } from './harness.ts';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));

let harness: Harness;
const children: ManagedProcess[] = [];
beforeAll(async () => {
  harness = await Harness.start();
  // Only the processes serve from here on.
  await Promise.all(harness.instances.splice(0).map((instance) => instance.close()));
});
afterEach(() => Promise.all(children.splice(0).map((child) => child.kill())));
afterAll(() => harness.stop());

async function start(changes: Record<string, string> = {}) {
  if (!existsSync(MAIN)) throw new Error('build first: npm run build');
  const port = await freePort();
  const env = { PATH: process.env['PATH'], ...harness.env, HEALTH_PORT: `${port}`, ...changes };
  const child = await ManagedProcess.start({
    name: 'issuance',
    command: process.execPath,
    args: [MAIN],
    env,
  });
  children.push(child);
  const ready = async () => {
    const response = await fetch(`http://127.0.0.1:${port}/health/ready`, {
      signal: AbortSignal.timeout(5_000),
    });
    return { status: response.status, text: await response.text() };
  };
  return {
    child,
    ready,
    untilReady: () => waitFor(async () => (await ready()).status === 200, { what: 'ready' }),
  };
}

describe('issuance as a process', () => {
  it('is ready when NATS and the log answer, says why it is not, and recovers without a restart (G4)', async () => {
    const { ready, untilReady } = await start();
    await untilReady();
    expect(await harness.createKey()).toHaveProperty('secret');
    await harness.server.pause();
    const refused = await waitFor(async () => {
      const answer = await ready();
      return answer.status === 503 ? answer : undefined;
    });
    expect(refused.text).toMatch(/nats-answers|event-log/);
    await harness.server.resume();
    await untilReady();
    expect(await harness.createKey()).toHaveProperty('secret');
  });

  it('on SIGTERM it finishes what it took, answers it, and exits 0 within seconds', async () => {
    const { child, untilReady } = await start({ FINAL_TIMEOUT_MS: '5000' });
    await untilReady();
    const { key } = await harness.createKey();
    let mayConfirm = false;
    const asked = harness.asked.length;
    harness.confirm = (): ConfirmReply => ({ confirmed: mayConfirm });
    const revoked = harness.revokeKey(key.id);
    await waitFor(() => harness.asked.length > asked);
    const began = performance.now();
    const stopped = child.stop({ graceMs: 15_000 });
    await waitFor(() => child.lastLines().some((line) => line.includes('"stopping"')));
    mayConfirm = true;
    expect(await revoked).toHaveProperty('position');
    expect(await stopped).toEqual({ code: 0, signal: null });
    expect(performance.now() - began).toBeLessThan(10_000);
    harness.confirm = () => ({ confirmed: true });
  });

  it('killed with 60 creates under way, loses none that it acknowledged and makes none twice (G2)', async () => {
    const first = await start();
    await first.untilReady();
    // Some are acknowledged; of others the event stands and the reply is held back when the kill comes.
    let asked = 0;
    let killed: Promise<unknown> | undefined;
    harness.confirm = (): ConfirmReply | undefined => {
      asked += 1;
      if (asked === 40) killed = first.child.kill();
      return asked <= 20 || asked > 60 ? { confirmed: true } : undefined;
    };
    const all = Promise.all(Array.from({ length: 60 }, createUntilAnswered));
    await waitFor(() => killed, { what: 'the kill' });
    await killed;
    await (await start()).untilReady();
    const answers = await all;

    expect(answers.filter(({ tries }) => tries > 1).length).toBeGreaterThanOrEqual(20);
    const peppers = readPeppers(harness.pepperFile);
    for (const { key, secret } of answers) {
      const events = await harness.events(`key-${key.id}`);
      expect(events.map((event) => event.type)).toEqual(['KeyCreated']);
      // The secret that was answered, by whichever try, is the one whose credential stands.
      expect(events[0]!.data).toMatchObject({ credential: peppers.credential(tokenDigest(secret!)) });
    }
    expect(new Set(answers.map(({ key }) => key.id)).size).toBe(60);
    harness.confirm = () => ({ confirmed: true });
  });

  it.each<[string, () => Record<string, string>, RegExp]>([
    ['no PEPPER_FILE', () => ({ PEPPER_FILE: '' }), /PEPPER_FILE is not set/],
    [
      'a PEPPER_FILE that is not there',
      () => ({ PEPPER_FILE: '/nowhere.json' }),
      /PEPPER_FILE .*make one with/,
    ],
    ['a broken PEPPER_FILE', () => ({ PEPPER_FILE: brokenFile() }), /PEPPER_FILE is not of the form/],
    [
      'a broken EVENT_STORE_URL',
      () => ({ EVENT_STORE_URL: 'postgres://x' }),
      /EVENT_STORE_URL .*write kurrentdb:/,
    ],
    ['no NATS there', () => ({ NATS_URL: 'nats://127.0.0.1:1' }), /No NATS server answers at NATS_URL/],
    ['no log there', () => ({ EVENT_STORE_URL: 'nats://127.0.0.1:1' }), /EVENT_STORE_URL/],
    [
      'a wait that is too short',
      () => ({ FINAL_TIMEOUT_MS: '200' }),
      /FINAL_TIMEOUT_MS must be more than 207/,
    ],
  ])('%s: one sentence that says what to do, exit code 1', async (_what, changes, sentence) => {
    const { child } = await start(changes());
    expect(await child.exited).toEqual({ code: 1, signal: null });
    const said = child.lastLines().filter((line) => !line.startsWith('{'));
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(sentence);
    expect(said[0]).not.toContain(`secret-${'x'.repeat(8)}`);
  });
});

/** Sends one create again and again until it is answered, as a client with an Idempotency-Key does. */
async function createUntilAnswered(): Promise<CreateKeyOutput & { tries: number }> {
  const input = { organizationId: harness.organizationId, name: 'bot', role: 'developer' as const };
  const envelope = harness.envelope(input, { idempotencyKey: strongKey() });
  for (let tries = 1; ; tries += 1) {
    try {
      return { ...(await harness.client.send('createKey', envelope, { timeoutMs: 3_000 })), tries };
    } catch (error) {
      if (!(error instanceof ProblemError) || error.code !== 'unavailable' || tries > 100) throw error;
      await delay(100);
    }
  }
}

function brokenFile(): string {
  const file = join(harness.folder, `${randomUUID()}.json`);
  writeFileSync(file, JSON.stringify({ current: 1, peppers: { 1: `secret-${'x'.repeat(8)}` } }));
  return file;
}
