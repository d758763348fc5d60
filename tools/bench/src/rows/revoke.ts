/** From sending DELETE until every authorizer and every SDK refuses, against an append and a round trip. */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { createVerifier, type Verifier } from '@mcpstack/verify';
import { connect } from '@nats-io/transport-node';
import type { Fleet } from '../fleet.ts';
import { percentile, ratioOf } from '../measure.ts';
import type { Result } from '../result.ts';

const SDKS = 2;
const WARM_UP = 50;
/**
 * Each SDK asks so often. In a closed loop the three of them would keep both cores of a small machine busy, and what
 * was measured would be how long every process on the way waits for a core.
 */
const ASKED_EVERY_MS = 1;

export async function revokeRow(fleet: Fleet, revocations: number): Promise<Result[]> {
  await fleet.runAuthorizers(3);
  const nats = await connect({ servers: fleet.stack.natsUrl });
  const options = { nats: { servers: fleet.stack.natsUrl } };
  // Answers are kept here: what is measured is when they end.
  const keeping = await Promise.all(Array.from({ length: SDKS }, () => createVerifier(options)));
  const sdks = [...keeping, await createVerifier({ ...options, maxReused: 0 })];
  const pairs: { ours: number; baseline: number }[] = [];
  try {
    for (let round = -WARM_UP; round < revocations; round += 1) {
      const key = await fleet.create();
      const asking = new AbortController();
      const asked = sdks.map((sdk) => refusedSince(sdk, key.secret, asking.signal));
      await delay(20);
      // The baseline's turn is under the same checks.
      const appendAtMs = performance.now();
      await fleet.store.append(`bench-${randomUUID()}`, 'no_stream', [fleet.keyCreated(-1)]);
      await nats.rtt();
      const baseline = performance.now() - appendAtMs;
      const beganAtMs = performance.now();
      // It answers after Δ: by then no authorizer can say VALID any more, and all of them have been asked often.
      await fleet.revoke(key.id).finally(() => asking.abort());
      const ours = Math.max(...(await Promise.all(asked))) - beganAtMs;
      if (round >= 0) pairs.push({ ours, baseline });
    }
  } finally {
    await Promise.all(sdks.map((sdk) => sdk.close()));
    await nats.close();
  }
  const at = (percent: number) => (figures: readonly number[]) =>
    percentile(
      [...figures].sort((a, b) => a - b),
      percent,
    );
  const of = (pick: (figures: readonly number[]) => number) => [
    { ours: pick(pairs.map(({ ours }) => ours)), baseline: pick(pairs.map(({ baseline }) => baseline)) },
  ];
  const common = {
    row: 'revoke to refused everywhere',
    variant: `${revocations} revocations, 3 authorizers, ${SDKS} SDKs that keep answers`,
    unit: 'ms',
    baseline: 'append and one NATS round trip',
    lowerIsBetter: true,
  };
  return [
    { ...common, figure: 'p99', atLeast: 5, aim: 2, ratio: ratioOf(of(at(99)), (figure) => figure) },
    { ...common, figure: 'p50', ratio: ratioOf(of(at(50)), (figure) => figure) },
  ];
}

/** Asks until the signal, and says when the first refusal came that no VALID has followed. */
async function refusedSince(sdk: Verifier, key: string, signal: AbortSignal): Promise<number> {
  let sinceMs: number | undefined;
  while (!signal.aborted) {
    const { valid } = await sdk.verify({ key });
    if (valid) sinceMs = undefined;
    else sinceMs ??= performance.now();
    await delay(ASKED_EVERY_MS);
  }
  if (sinceMs === undefined) throw new Error('a revoked key was still valid when the DELETE had answered');
  return sinceMs;
}
