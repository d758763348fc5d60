/** Verify over NATS against a bare responder, by the same client with the same payload. */
import type { Verifier } from '@mcpstack/verify';
import type { Echoes } from '../echoes.ts';
import type { Fleet } from '../fleet.ts';
import { drawFrom, randomFrom, type Distribution } from '../load.ts';
import { closedLoop, inTurn, ratioOf, type Load } from '../measure.ts';
import type { Result } from '../result.ts';

export interface VerifyVariant {
  keys: number;
  distribution: Distribution;
  authorizers: number;
  inFlight: number;
}

export interface Rounds {
  rounds: number;
  durationMs: number;
}

/** Both verifiers keep no answers, so that every check travels. */
export async function verifyRow(
  { fleet, echoes, ours, bare }: { fleet: Fleet; echoes: Echoes; ours: Verifier; bare: Verifier },
  { keys, distribution, authorizers, inFlight }: VerifyVariant,
  { rounds, durationMs }: Rounds,
): Promise<Result[]> {
  await fleet.runAuthorizers(authorizers);
  await echoes.run(authorizers);
  const draw = drawFrom(distribution, keys, randomFrom(1));
  // Made beforehand: to make a digest is the caller's cost, and the same in both.
  const digests = Array.from({ length: 65_536 }, () => fleet.digest(draw()));
  const load = (verifier: Verifier) => (): Promise<Load> =>
    closedLoop({ inFlight, durationMs }, async (number) => {
      const reply = await verifier.verify({ digest: digests[number % digests.length]! });
      if (!reply.valid) throw new Error(`a check answered ${reply.code}: ${reply.message}`);
    });
  const pairs = await inTurn(rounds, load(ours), load(bare));
  const common = {
    row: 'verify over NATS',
    variant: `${keys} keys, ${distribution}, ${authorizers} ${authorizers === 1 ? 'authorizer' : 'authorizers'}, ${inFlight} in flight`,
    baseline: 'bare NATS responder, same client',
  };
  return [
    {
      ...common,
      figure: 'p50',
      unit: 'ms',
      atLeast: 1.25,
      aim: 1.1,
      lowerIsBetter: true,
      ratio: ratioOf(pairs, ({ p50Ms }) => p50Ms),
    },
    {
      ...common,
      figure: 'throughput',
      unit: '/s',
      atLeast: 0.75,
      aim: 0.9,
      lowerIsBetter: false,
      ratio: ratioOf(pairs, ({ perSecond }) => perSecond),
    },
  ];
}
