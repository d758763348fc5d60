/** G7 in the SDK: every use is told of once, however it was answered; none is told of twice. */
import type { VerifyReply, VerifyRequest } from '@mcpstack/contracts';
import { waitFor } from '@mcpstack/testing';
import type { Checks, ChecksOptions } from '../src/checks.ts';
import { refused, valid } from './responder.ts';
import { checks, responder } from './responding.ts';
import { digest, past } from './world.ts';

let verifier: Checks;
async function start(options: Partial<ChecksOptions> = {}): Promise<void> {
  verifier = await checks(options);
}

/** Counts as the authorizer does: a VALID answer that somebody asked for, and what is told of besides. */
class Counter {
  uses = 0;
  readonly #reply: (request: VerifyRequest) => VerifyReply;

  constructor(reply: (request: VerifyRequest) => VerifyReply) {
    this.#reply = reply;
  }

  readonly answer = (request: VerifyRequest): VerifyReply => {
    const reply = this.#reply(request);
    this.uses += (request.reused ?? 0) + (reply.valid && !request.refresh ? 1 : 0);
    return reply;
  };
}

/** Asks for these keys so often, a few at once; how many answers were VALID. */
async function use(keys: number, times: number, pauseMs = 0, from = 0): Promise<number> {
  let granted = 0;
  for (let time = 0; time < times; time += 1) {
    const asked = Array.from({ length: keys }, (_, index) =>
      verifier.verify({ digest: digest(from + index) }),
    );
    granted += (await Promise.all(asked)).filter((reply) => reply.valid).length;
    if (pauseMs > 0) await past(pauseMs);
  }
  return granted;
}

it('renewals tell of the uses since the last one, and closing of the rest', async () => {
  const counter = new Counter(() => valid(100));
  responder.answer(counter.answer);
  await start();
  const granted = await use(5, 200, 2);
  expect(granted).toBe(1_000);
  expect(responder.requests.some(({ refresh, reused }) => refresh && reused! > 1)).toBe(true);
  await verifier.close();
  expect(counter.uses).toBe(granted);
  expect(verifier.stats()).toMatchObject({ uncounted: 0 });
});

it('a use after the last renewal is told of although nobody asks for the key again', async () => {
  const counter = new Counter(() => valid(100));
  responder.answer(counter.answer);
  await start();
  await verifier.verify({ digest: digest(1) });
  await past(85);
  await verifier.verify({ digest: digest(1) });
  await waitFor(() => counter.uses === 2, { what: 'the use' });
});

it('an answer that makes way for others tells of its uses first', async () => {
  const counter = new Counter(() => valid(5_000));
  responder.answer(counter.answer);
  await start({ maxReused: 10 });
  let granted = 0;
  for (let index = 0; index < 50; index += 1)
    for (let time = 0; time < 3; time += 1)
      granted += Number((await verifier.verify({ digest: digest(index) })).valid);
  await waitFor(() => counter.uses >= granted - 10 * 2, { what: 'the uses of those that made way' });
  await verifier.close();
  expect(counter.uses).toBe(granted);
});

it('closing tells of all uses, also where they are of more keys than may be asked for at once', async () => {
  const counter = new Counter(() => valid(5_000));
  responder.answer(counter.answer);
  await start({ maxInFlight: 5 });
  let granted = 0;
  for (let index = 0; index < 60; index += 1) granted += await use(1, 1, 0, index % 30);
  await verifier.close();
  expect(granted).toBe(60);
  expect(counter.uses).toBe(granted);
  expect(verifier.stats()).toMatchObject({ uncounted: 0 });
});

it('checks that share a question count each', async () => {
  const counter = new Counter(() => valid(1_000));
  responder.answer(counter.answer);
  await start();
  const all = await Promise.all(Array.from({ length: 20 }, () => verifier.verify({ digest: digest(1) })));
  expect(all.every((reply) => reply.valid)).toBe(true);
  await verifier.close();
  expect(counter.uses).toBe(20);
});

it('checks that share a question while the verifier is closed count each', async () => {
  const counter = new Counter(() => valid(1_000));
  await start();
  const all = Array.from({ length: 20 }, () => verifier.verify({ digest: digest(1) }));
  const asked = await responder.message(0);
  const closed = verifier.close();
  responder.answer(counter.answer);
  asked.reply(asked.requests.map(counter.answer));
  expect((await Promise.all(all)).every((reply) => reply.valid)).toBe(true);
  await closed;
  expect(counter.uses).toBe(20);
});

it('a key that is refused when it is renewed has its uses counted in full', async () => {
  let isRevoked = false;
  const counter = new Counter(() => (isRevoked ? refused() : valid(300)));
  responder.answer(counter.answer);
  await start();
  const granted = await use(3, 10);
  isRevoked = true;
  await waitFor(async () => !(await verifier.verify({ digest: digest(0) })).valid, { what: 'the refusal' });
  const { checks, reused } = verifier.stats();
  expect(checks).toBeGreaterThan(granted);
  await verifier.close();
  // Each key was asked once for somebody while it was VALID; all others were reused.
  expect(counter.uses).toBe(3 + reused);
});

describe('a message that got no answer', () => {
  /** Whether it was counted is not known: the reply was lost, not the question. */
  async function lostReplies(): Promise<Counter> {
    const counter = new Counter(() => valid(60));
    let isLossy = false;
    responder.onMessage = ({ requests, reply }) => {
      const replies = requests.map(counter.answer);
      if (isLossy) isLossy = false;
      else {
        reply(replies);
        isLossy = Math.random() < 0.3;
      }
    };
    await start({ timeoutMs: 80 });
    return counter;
  }

  it('is not told of again', async () => {
    const counter = await lostReplies();
    // Until a renewal that told of uses was lost, which is up to chance.
    let granted = 0;
    for (let tries = 0; tries < 20 && verifier.stats().uncounted === 0; tries += 1)
      granted += await use(3, 80, 3);
    const { unavailable } = verifier.stats();
    responder.answer(counter.answer);
    await verifier.close();
    expect(verifier.stats().uncounted).toBeGreaterThan(0);
    // A check whose own reply was lost counted although it was not granted; beyond that nothing is counted twice.
    expect(counter.uses).toBeGreaterThanOrEqual(granted);
    expect(counter.uses).toBeLessThanOrEqual(granted + unavailable);
  });
});

it.each([16_384, 1])(
  'closing while nobody answers ends, and says what was not told of',
  async (maxInFlight) => {
    responder.answer(() => valid(5_000));
    await start({ timeoutMs: 200, maxInFlight });
    for (let index = 0; index < 3; index += 1) await use(1, 5, 0, index);
    responder.onMessage = undefined;
    const beganAtMs = performance.now();
    await Promise.all([verifier.close(), verifier.close()]);
    expect(performance.now() - beganAtMs).toBeLessThan(8_000);
    expect(verifier.stats().uncounted).toBe(12);
  },
);
