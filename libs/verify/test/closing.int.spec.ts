/** What is left when a verifier has no room or is closed: nothing is answered or sent beyond it, nothing counted wrongly. */
import { waitFor } from '@mcpstack/testing';
import type { Checks, ChecksOptions } from '../src/checks.ts';
import { valid } from './responder.ts';
import { checks, responder } from './responding.ts';
import { digest } from './world.ts';

let verifier: Checks;
async function start(options: Partial<ChecksOptions> = {}): Promise<void> {
  verifier = await checks(options);
}
const KEY = { digest: digest(1) };

it('a closed verifier gives no answer that it kept: nobody would count it', async () => {
  responder.answer(() => valid(5_000));
  await start();
  await verifier.verify(KEY);
  expect(await verifier.verify(KEY)).toMatchObject({ code: 'VALID' });
  const closed = verifier.close();
  expect(await verifier.verify(KEY)).toMatchObject({ code: 'UNAVAILABLE' });
  await closed;
  expect(await verifier.verify(KEY)).toMatchObject({ code: 'UNAVAILABLE' });
  expect(responder.requests.map(({ reused }) => reused)).toEqual([undefined, 1]);
});

it('renewals take no more room than there is; what they would tell of is said to be uncounted', async () => {
  responder.answer(() => valid(200));
  await start({ maxInFlight: 1, timeoutMs: 2_000 });
  await verifier.verify(KEY);
  await verifier.verify(KEY);
  responder.onMessage = undefined;
  const waiting = verifier.verify({ digest: digest(2) });
  await waitFor(() => verifier.stats().uncounted === 1, { what: 'the use that is not told of' });
  expect(responder.requests).toHaveLength(2);
  responder.received.at(-1)!.reply([valid(0)]);
  expect(await waiting).toMatchObject({ code: 'VALID' });
});

it('a renewal that nobody could answer leaves the answer in force for its time, and no longer', async () => {
  let isAway = false;
  const away = { valid: false, code: 'UNAVAILABLE', freshForMs: 0 } as const;
  responder.answer(() => (isAway ? away : valid(1_000)));
  await start();
  await verifier.verify(KEY);
  await verifier.verify(KEY);
  isAway = true;
  await waitFor(() => verifier.stats().uncounted === 1, { what: 'the renewal that was not answered' });
  expect(await verifier.verify(KEY)).toMatchObject({ code: 'VALID' });
  await waitFor(async () => !(await verifier.verify(KEY)).valid, { what: 'its end' });
});
