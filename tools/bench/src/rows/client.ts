/** The SDK's client against the NATS library's own request(), to the same bare responder. */
import { VERIFY_SUBJECT, type VerifyReply } from '@mcpstack/contracts';
import type { Verifier } from '@mcpstack/verify';
import type { NatsConnection } from '@nats-io/transport-node';
import { closedLoop, inTurn, ratioOf, type Load } from '../measure.ts';
import type { Result } from '../result.ts';
import type { Rounds } from './verify.ts';

export async function clientRow(
  { bare, nats, digest }: { bare: Verifier; nats: NatsConnection; digest: string },
  inFlight: number,
  { rounds, durationMs }: Rounds,
): Promise<Result[]> {
  const sdk = (): Promise<Load> =>
    closedLoop({ inFlight, durationMs }, async () => {
      const reply = await bare.verify({ digest });
      if (!reply.valid) throw new Error(`a check answered ${reply.code}`);
    });
  const library = (): Promise<Load> =>
    closedLoop({ inFlight, durationMs }, async () => {
      const message = await nats.request(VERIFY_SUBJECT, JSON.stringify({ digest }), { timeout: 5_000 });
      if (!message.json<VerifyReply>().valid) throw new Error('a request was not answered VALID');
    });
  const pairs = await inTurn(rounds, sdk, library);
  return [
    {
      row: 'SDK client',
      variant: `${inFlight} in flight`,
      figure: 'throughput',
      unit: '/s',
      baseline: "the NATS library's request()",
      atLeast: 2,
      aim: 4,
      lowerIsBetter: false,
      ratio: ratioOf(pairs, ({ perSecond }) => perSecond),
    },
  ];
}
