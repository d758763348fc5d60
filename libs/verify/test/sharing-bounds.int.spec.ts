/** Sharing at its edges: who waits for whom, for how long, and what is told of when nobody is answered. */
import { waitFor } from '@mcpstack/testing';
import { connect } from '@nats-io/transport-node';
import { refused, valid } from './responder.ts';
import { checks, nats, responder } from './responding.ts';
import { checksOn, digest } from './world.ts';

const KEY = { digest: digest(1) };
const LIMITED = valid(0, { rateLimits: [{ name: 'a', limit: 9, remaining: 1, resetMs: 1 }] });

it('checks of a key that is known to have limits are asked at once, none after the other', async () => {
  responder.answer(() => LIMITED);
  const verifier = await checks();
  await verifier.verify(KEY);
  responder.onMessage = undefined;
  const all = Array.from({ length: 5 }, () => verifier.verify(KEY));
  // None was answered so far.
  await waitFor(() => responder.requests.length === 6, { what: 'a question for each' });
  for (const { requests, reply } of responder.received.slice(1)) reply(requests.map(() => LIMITED));
  expect((await Promise.all(all)).every((reply) => reply.valid)).toBe(true);
});

it('uses while a renewal is under way are told of, though it is refused', async () => {
  responder.answer(() => valid(1_000));
  const verifier = await checks();
  await verifier.verify(KEY);
  responder.onMessage = undefined;
  await verifier.verify(KEY);
  const renewal = await responder.message(1);
  expect(renewal.requests).toMatchObject([{ refresh: true, reused: 1 }]);
  for (let n = 0; n < 3; n += 1) expect(await verifier.verify(KEY)).toMatchObject({ valid: true });
  renewal.reply([refused()]);
  const last = await responder.message(2);
  expect(last.requests).toMatchObject([{ refresh: true, reused: 3 }]);
  last.reply([refused()]);
});

it('closing asks no more once nobody answers', async () => {
  responder.answer(() => valid(5_000));
  const verifier = await checks({ timeoutMs: 100, maxInFlight: 1 });
  for (let index = 0; index < 10; index += 1)
    for (let n = 0; n < 2; n += 1) await verifier.verify({ digest: digest(index) });
  expect(responder.requests).toHaveLength(10);
  responder.onMessage = undefined;
  await verifier.close();
  expect(responder.requests).toHaveLength(11);
  expect(verifier.stats()).toMatchObject({ uncounted: 10 });
});

it('a check that has to ask for itself in the end has no more time for it than it had', async () => {
  const timeoutMs = 1_500;
  const verifier = await checks({ timeoutMs });
  const first = verifier.verify(KEY);
  const asked = await responder.message(0);
  const beganAtMs = performance.now();
  const second = verifier.verify(KEY);
  setTimeout(() => asked.reply([refused()]), timeoutMs - 300);
  expect(await first).toMatchObject({ code: 'REVOKED' });
  expect(await second).toMatchObject({ code: 'UNAVAILABLE' });
  expect(performance.now() - beganAtMs).toBeLessThan(timeoutMs + 3_000);
  expect(responder.requests).toHaveLength(2);
});

it('a connection of the caller’s own stays open; one of ours is closed', async () => {
  const connection = await connect({ servers: nats.url });
  for (const isOwn of [false, true]) {
    await (await checksOn(nats.url, { connection, isOwn })).close();
    expect(connection.isClosed()).toBe(isOwn);
  }
});
