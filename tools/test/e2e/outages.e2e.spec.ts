import { createVerifier, type Verifier } from '@mcpstack/verify';
import { Relay, startNats, startRedis, waitFor, type LocalServer } from '@mcpstack/testing';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { VERIFY_SUBJECT, type VerifyReply } from '@mcpstack/contracts';
import { FAST, Product } from './product.ts';

/** What a check takes at the very most, whatever has happened to the parts behind it; and some for a busy machine. */
const DEADLINE_MS = 2_000;
const SLACK_MS = 2_000;

/** NATS and Redis behind relays, and a log of its own, so that each can be away alone. */
const servers: Record<'NATS' | 'Redis' | 'the log', { server: LocalServer; relay: Relay }> = {} as never;
let product: Product;
let verifier: Verifier;
let plain: NatsConnection;
let key: { id: string; secret: string };
const report: Record<string, string | number>[] = [];

beforeAll(async () => {
  for (const [name, start] of [
    ['NATS', startNats],
    ['Redis', startRedis],
    ['the log', startNats],
  ] as const) {
    const server = await start();
    servers[name] = { server, relay: await Relay.start(server.port) };
  }
  const urlOf = (name: keyof typeof servers, scheme: string) =>
    `${scheme}://127.0.0.1:${servers[name].relay.port}`;
  product = await Product.start({
    natsUrl: urlOf('NATS', 'nats'),
    redisUrl: urlOf('Redis', 'redis'),
    eventStoreUrl: urlOf('the log', 'nats'),
    instances: { authorizer: 3, scheduler: 0 },
    // What never becomes final is told sooner than usual.
    env: { ...FAST, FINAL_TIMEOUT_MS: '4000' },
  });
  const options = { servers: urlOf('NATS', 'nats'), maxReconnectAttempts: -1, reconnectTimeWait: 50 };
  plain = await connect(options);
  verifier = await createVerifier({ nats: options, timeoutMs: DEADLINE_MS });
  key = await product.create('checked');
}, 600_000);
afterAll(async () => {
  for (const { relay } of Object.values(servers)) relay.release();
  await verifier?.close();
  await plain?.close();
  await product?.stop();
  for (const { server, relay } of Object.values(servers)) {
    await relay.stop();
    await server.stop();
  }
  if (report.length > 0) console.table(report);
});

type Answer = { code: string; tookMs: number };
const CALLERS: Record<string, (secret?: string) => Promise<Answer>> = {
  // A plain request has the deadline that its caller gives it: nobody else answers when NATS is away.
  plain: (secret = key.secret) =>
    timed(
      plain
        .request(VERIFY_SUBJECT, JSON.stringify({ key: secret }), { timeout: DEADLINE_MS })
        .then((reply) => reply.json<VerifyReply>().code)
        .catch(() => 'no answer'),
    ),
  sdk: (secret = key.secret) => timed(verifier.verify({ key: secret }).then(({ code }) => code)),
};

async function timed(answer: Promise<string>): Promise<Answer> {
  const beganAtMs = performance.now();
  return { code: await answer, tookMs: performance.now() - beganAtMs };
}

/** Both callers get a VALID, and each authorizer has one to give. */
async function recovered(): Promise<void> {
  await waitFor(
    async () => {
      const answers = await Promise.all(
        Array.from({ length: 6 }, () => [CALLERS['plain']!(), CALLERS['sdk']!()]).flat(),
      );
      return answers.every(({ code }) => code === 'VALID');
    },
    { timeoutMs: 90_000, what: 'every check to answer VALID again' },
  );
}

const FAULTS: Record<string, (name: keyof typeof servers) => Promise<() => Promise<void> | void>> = {
  killed: async (name) => {
    await servers[name].server.kill();
    return () => servers[name].server.restart();
  },
  stopped: async (name) => {
    await servers[name].server.pause();
    return () => servers[name].server.resume();
  },
  'half-open': (name) => {
    servers[name].relay.hold();
    return Promise.resolve(() => servers[name].relay.release());
  },
};

/** Checks all the time, by both callers, while the part is away; what they got. */
async function checksWhile(forMs: number): Promise<Record<string, Answer[]>> {
  const got: Record<string, Answer[]> = {};
  const untilMs = performance.now() + forMs;
  await Promise.all(
    Object.entries(CALLERS).map(async ([caller, check]) => {
      const answers: Answer[] = (got[caller] = []);
      while (performance.now() < untilMs) {
        answers.push(...(await Promise.all([check(), check(), check()])));
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }),
  );
  return got;
}

describe('G4: NATS, Redis, the log: killed, stopped, half-open', () => {
  beforeEach(recovered, 40_000);

  const cases = (['NATS', 'Redis', 'the log'] as const).flatMap((name) =>
    Object.keys(FAULTS).map((fault) => [name, fault] as const),
  );
  it.each(cases)(
    '%s %s: every check answers in time, and checks come back by themselves',
    async (name, fault) => {
      const pids = [...product.stack.services.values()].map(({ pid }) => pid);
      const end = await FAULTS[fault]!(name);
      let got: Record<string, Answer[]>;
      try {
        got = await checksWhile(1_200);
      } finally {
        await end();
      }
      const endedAtMs = performance.now();
      await recovered();
      const recoveryMs = Math.round(performance.now() - endedAtMs);
      const all = Object.values(got).flat();
      const slowest = (caller: string) => Math.round(Math.max(...got[caller]!.map(({ tookMs }) => tookMs)));
      const codes = [...new Set(all.map(({ code }) => code))].sort().join(', ');
      report.push({
        part: name,
        fault,
        checks: all.length,
        codes,
        plainMs: slowest('plain'),
        sdkMs: slowest('sdk'),
        recoveryMs,
      });

      expect(Math.max(...all.map(({ tookMs }) => tookMs))).toBeLessThan(DEADLINE_MS + SLACK_MS);
      expect(new Set(got['sdk']!.map(({ code }) => code))).not.toContain('no answer');
      // The log being away stops changes, not checks; without the others nothing is proven for long.
      expect(all.at(-1)!.code === 'VALID').toBe(name === 'the log');
      expect([...product.stack.services.values()].map(({ pid }) => pid)).toEqual(pids);
    },
    600_000,
  );

  it('the projection stopped: checks run out after T; they come back with it', async () => {
    await product.stack.service('projection').pause();
    await waitFor(async () => (await CALLERS['plain']!()).code === 'UNAVAILABLE');
    await product.stack.service('projection').resume();
    await recovered();
  });
});

describe('G3: recorded is not yet final', () => {
  it('while the projection hangs, DELETE answers 503 not-final, no check says VALID, and the retry makes it final', async () => {
    await recovered();
    const doomed = await product.create('doomed');
    for (const check of Object.values(CALLERS)) expect((await check(doomed.secret)).code).toBe('VALID');
    // The owner's own rights are checked in Redis, too: they are believed for T after the last stamp.
    const path = `${product.keysPath}/${doomed.id}`;
    await product.stack.service('projection').pause();
    const first = await product.http('DELETE', path);
    expect([first.status, first.body['code']]).toEqual([503, 'not-final']);
    expect(first.body['detail']).toMatch(/recorded/i);
    for (const check of Object.values(CALLERS)) expect((await check(doomed.secret)).code).toBe('UNAVAILABLE');
    await product.stack.service('projection').resume();
    expect((await product.insist('DELETE', path)).status).toBe(204);
    for (const check of Object.values(CALLERS)) expect((await check(doomed.secret)).code).toBe('REVOKED');
    const events = (await product.log()).filter((event) => event.stream === `key-${doomed.id}`);
    expect(events.map((event) => event.type)).toEqual(['KeyCreated', 'KeyRevoked']);
  }, 600_000);
});

describe('a clean stop', () => {
  it('every service drains and ends with 0; the second start finds its data', async () => {
    const { stack } = product;
    // Callers before those that they call, so that each can still say what it has to say.
    for (const app of ['gateway', 'authorizer', 'projection', 'issuance']) {
      const instances = [...stack.services.values()].filter(({ name }) => name.startsWith(app));
      const ends = await Promise.all(instances.map((service) => service.stop()));
      expect(ends.map(({ code }) => code)).toEqual(instances.map(() => 0));
    }
    await Promise.all([...stack.services.values()].map((service) => service.restart()));
    await recovered();
  }, 600_000);
});
