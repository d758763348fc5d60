/** From sending DELETE until every authorizer and every SDK refuses, against an append and a round trip. */
import { randomUUID } from 'node:crypto';
import { createVerifier, type Verifier } from '@mcpstack/verify';
import { connect } from '@nats-io/transport-node';
import type { Fleet } from '../fleet.ts';
import { percentile, ratioOf } from '../measure.ts';
import type { Result } from '../result.ts';

const SDKS = 2;
const WARM_UP = 10;

export async function revokeRow(fleet: Fleet, revocations: number): Promise<Result[]> {
  await fleet.runAuthorizers(3);
  const nats = await connect({ servers: fleet.stack.natsUrl });
  const options = { nats: { servers: fleet.stack.natsUrl } };
  // Answers are kept here: what is measured is when they end.
  const sdks = await Promise.all(Array.from({ length: SDKS }, () => createVerifier(options)));
  const plain = await createVerifier({ ...options, maxReused: 0 });
  const pairs: { ours: number; baseline: number }[] = [];
  try {
    for (let round = -WARM_UP; round < revocations; round += 1) {
      const key = await fleet.create();
      for (const sdk of sdks) await sdk.verify({ key: key.secret });
      const beganAtMs = performance.now();
      const deleting = fleet.revoke(key.id);
      await Promise.all([...sdks.map((sdk) => refused(sdk, key.secret)), refused(plain, key.secret)]);
      const ours = performance.now() - beganAtMs;
      await deleting;
      const appendAtMs = performance.now();
      await fleet.store.append(`bench-${randomUUID()}`, 'no_stream', [fleet.keyCreated(-1)]);
      await nats.rtt();
      if (round >= 0) pairs.push({ ours, baseline: performance.now() - appendAtMs });
    }
  } finally {
    await Promise.all([...sdks, plain].map((verifier) => verifier.close()));
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

/** Asks again and again until the answer is a refusal; several in a row, as they meet any authorizer. */
async function refused(verifier: Verifier, key: string): Promise<void> {
  const untilMs = performance.now() + 10_000;
  for (let inARow = 0; inARow < 6;) {
    const { valid } = await verifier.verify({ key });
    inARow = valid ? 0 : inARow + 1;
    if (performance.now() > untilMs) throw new Error('a revoked key was not refused within 10 s');
    await new Promise((resolve) => setImmediate(resolve));
  }
}
