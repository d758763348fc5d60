/** G4 in the SDK: NATS killed, hung, half-open: an answer within the deadline, and no restart to recover. */
import { jest } from '@jest/globals';
import { Relay, startNats, waitFor, type LocalServer } from '@mcpstack/testing';
import { createVerifier, type Verifier, type VerifierOptions } from '../src/index.ts';
import { Responder, valid } from './responder.ts';
import { digest } from './world.ts';

const TIMEOUT_MS = 400;
/** What a busy machine may add. */
const SLACK_MS = 3_000;

let nats: LocalServer;
let responder: Responder;
let verifier: Verifier;
beforeEach(async () => {
  nats = await startNats({ jetstream: false });
  responder = await Responder.start({ servers: nats.url });
  responder.answer(() => valid(0));
});
afterEach(async () => {
  await verifier.close();
  await responder.stop();
  await nats.stop();
});

async function start(more: Partial<VerifierOptions['nats']> = {}, options: Partial<VerifierOptions> = {}) {
  verifier = await createVerifier({
    nats: {
      servers: nats.url,
      reconnectTimeWait: 20,
      reconnectJitter: 0,
      ...more,
    } as VerifierOptions['nats'],
    timeoutMs: TIMEOUT_MS,
    ...options,
  });
  expect(await codes(3)).toEqual(['VALID', 'VALID', 'VALID']);
}

async function codes(count: number): Promise<string[]> {
  const asked = Array.from({ length: count }, (_, index) => verifier.verify({ digest: digest(index) }));
  return (await Promise.all(asked)).map(({ code }) => code);
}

/** Asks all the time until it is stopped; every answer must come within the deadline. */
function keepAsking(): () => Promise<{ slowestMs: number; answers: string[] }> {
  let isOver = false;
  const answers: string[] = [];
  let slowestMs = 0;
  const ask = async (): Promise<void> => {
    while (!isOver) {
      const beganAtMs = performance.now();
      const { code } = await verifier.verify({ digest: digest(7) });
      slowestMs = Math.max(slowestMs, performance.now() - beganAtMs);
      answers.push(code);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  const all = Promise.all(Array.from({ length: 4 }, ask));
  return async () => {
    isOver = true;
    await all;
    return { slowestMs, answers };
  };
}

const recovered = () =>
  waitFor(async () => (await codes(1))[0] === 'VALID', {
    what: 'a VALID answer',
    intervalMs: 5,
    timeoutMs: 20_000,
  });

it('killed and started again', async () => {
  await start();
  const stop = keepAsking();
  await nats.kill();
  await waitFor(async () => (await codes(1))[0] === 'UNAVAILABLE', { what: 'UNAVAILABLE' });
  await nats.restart();
  await recovered();
  const { slowestMs, answers } = await stop();
  expect(slowestMs).toBeLessThan(TIMEOUT_MS + SLACK_MS);
  // That VALID comes before and after is awaited above; these are all that came meanwhile.
  expect(answers.filter((code) => code !== 'VALID' && code !== 'UNAVAILABLE')).toEqual([]);
});

it('away for less than the deadline: what is asked meanwhile waits, and is answered', async () => {
  // Slower than the authorizer to come back: it would be told at once that nobody serves.
  await start({ reconnectTimeWait: 500 }, { timeoutMs: 10_000 });
  await nats.kill();
  // The loss is known once a check that was under way is ended by it, or the connection is down.
  const asked = new Promise<void>((resolve) => setTimeout(resolve, 50)).then(() => codes(20));
  await nats.restart();
  expect(await asked).toEqual(Array(20).fill('VALID'));
});

it('hung', async () => {
  await start();
  const stop = keepAsking();
  await nats.pause();
  const beganAtMs = performance.now();
  expect(await codes(100)).toEqual(Array(100).fill('UNAVAILABLE'));
  expect(performance.now() - beganAtMs).toBeLessThan(TIMEOUT_MS + SLACK_MS);
  await nats.resume();
  await recovered();
  expect((await stop()).slowestMs).toBeLessThan(TIMEOUT_MS + SLACK_MS);
});

it('half-open', async () => {
  const relay = await Relay.start(nats.port);
  await start({ servers: `127.0.0.1:${relay.port}`, pingInterval: 200, maxPingOut: 2 });
  const stop = keepAsking();
  relay.hold();
  const beganAtMs = performance.now();
  expect(await codes(100)).toEqual(Array(100).fill('UNAVAILABLE'));
  expect(performance.now() - beganAtMs).toBeLessThan(TIMEOUT_MS + SLACK_MS);
  // What was held is lost.
  relay.cut();
  relay.release();
  await recovered();
  expect((await stop()).slowestMs).toBeLessThan(TIMEOUT_MS + SLACK_MS);
  await verifier.close();
  await relay.stop();
});

it('cut after the wall clock was set back', async () => {
  const relay = await Relay.start(nats.port);
  await start({ servers: `127.0.0.1:${relay.port}` });
  const realNow = Date.now;
  const clock = jest.spyOn(Date, 'now').mockImplementation(() => realNow() - 3_600_000);
  try {
    relay.cut();
    await recovered();
  } finally {
    clock.mockRestore();
  }
  await verifier.close();
  await relay.stop();
});

it('a connection that has ended for good: at once', async () => {
  await start({ maxReconnectAttempts: 1 }, { timeoutMs: 60_000 });
  await nats.kill();
  await waitFor(async () => (await verifier.verify({ digest: digest(1) })).message?.endsWith('is closed'), {
    what: 'the end of the connection',
  });
});

it('an answer that is reused is no longer given once its time has ended, whatever is away', async () => {
  responder.answer(() => valid(100));
  await start();
  await nats.kill();
  await waitFor(async () => (await codes(1))[0] === 'UNAVAILABLE', { what: 'UNAVAILABLE' });
});
