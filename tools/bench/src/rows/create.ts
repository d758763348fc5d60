/** Creating a key, from HTTP to durable and visible, against bare appends of the same event to the same log. */
import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';
import type { Fleet } from '../fleet.ts';
import { closedLoop, inTurn, ratioOf, type Load } from '../measure.ts';
import type { Result } from '../result.ts';
import type { Rounds } from './verify.ts';

export async function createRow(
  fleet: Fleet,
  inFlight: number,
  { rounds, durationMs }: Rounds,
): Promise<Result[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: inFlight });
  const create = (): Promise<Load> =>
    closedLoop({ inFlight, durationMs }, (number) =>
      post(fleet, agent, JSON.stringify({ name: `bench ${number}`, role: 'developer' })),
    );
  const append = (): Promise<Load> =>
    closedLoop({ inFlight, durationMs }, () =>
      fleet.store.append(`bench-${randomUUID()}`, 'no_stream', [fleet.keyCreated(-1)], { timeoutMs: 30_000 }),
    );
  try {
    const pairs = await inTurn(rounds, create, append);
    return [
      {
        row: 'create key',
        variant: `${fleet.keys} keys, ${inFlight} in flight`,
        figure: 'throughput',
        unit: '/s',
        baseline: 'bare appends to the same log',
        atLeast: 0.4,
        aim: 0.7,
        lowerIsBetter: false,
        ratio: ratioOf(pairs, ({ perSecond }) => perSecond),
      },
    ];
  } finally {
    agent.destroy();
  }
}

function post({ keysPath, token }: Fleet, agent: Agent, body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const asked = request(keysPath, { method: 'POST', agent, headers }, (response) => {
      response.resume();
      response.on('end', () =>
        response.statusCode === 201 ? resolve() : reject(new Error(`create answered ${response.statusCode}`)),
      );
    });
    asked.on('error', reject);
    asked.end(body);
  });
}
