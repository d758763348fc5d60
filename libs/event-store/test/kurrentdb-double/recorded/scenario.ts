/** A scenario: one double and the recorded cases that ran, in this order, on one database. */
import { createHash } from 'node:crypto';
import { KurrentDBClient, jsonEvent, type AppendStreamState } from './client.ts';
import { KurrentDbDouble, type DoubleOptions } from '../start-double.ts';
import { RECORDED, expectSameOrder, masked, outcomeOf, positionsIn } from './recording.ts';

/** Names of the cases that some scenario runs. */
export const RUN = new Set<string>();

export interface Scenario {
  double: KurrentDbDouble;
  /** A client of the double's URL. */
  client: KurrentDBClient;
  /** Another client; disposed of at the end. */
  connect: (url?: string) => KurrentDBClient;
}

export type Act = (scenario: Scenario) => Promise<unknown>;
/** Narrows both sides to what can be compared, where a case holds counts of the recorded machine. */
export type Narrow = (outcome: unknown) => unknown;
export type DefineCase = (name: string, act: Act, narrow?: Narrow) => void;

export interface ScenarioOptions extends DoubleOptions {
  /** The positions of the recording may be compared: all cases ran on one database. */
  ordered?: boolean;
  url?: (double: KurrentDbDouble) => string;
}

export function scenario(title: string, options: ScenarioOptions, define: (it: DefineCase) => void): void {
  describe(title, () => {
    const world = {} as Scenario;
    const clients: KurrentDBClient[] = [];
    const positions: [bigint, bigint][] = [];

    beforeAll(async () => {
      world.double = await KurrentDbDouble.start(options);
      const url = () => options.url?.(world.double) ?? world.double.url();
      world.connect = (other = url()) => {
        clients.push(KurrentDBClient.connectionString(other));
        return clients.at(-1)!;
      };
      world.client = world.connect();
    });

    afterAll(async () => {
      await Promise.all(clients.map((client) => client.dispose()));
      await world.double?.stop();
    });

    define((name, act, narrow = (outcome) => outcome) => {
      RUN.add(name);
      it(name, async () => {
        const { response, error } = RECORDED.get(name) ?? {};
        const then = error === undefined ? { response } : { error };
        const now = await outcomeOf(() => act(world));
        expect(masked(narrow(now))).toEqual(masked(narrow(then)));
        const [was, is] = [positionsIn(narrow(then)), positionsIn(narrow(now))];
        was.forEach((position, at) => positions.push([position, is[at]!]));
      });
    });

    if (options.ordered) it('positions are in the order of the recording', () => expectSameOrder(positions));
  });
}

/** A UUID for a letter, the same in every case. */
export function idOf(letter: string): string {
  const hex = createHash('sha256').update(letter).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

export function event(letter: string = crypto.randomUUID(), data: unknown = { i: 0 }, type = 'T') {
  return jsonEvent({ id: letter.length < 30 ? idOf(letter) : letter, type, data: data as never });
}

/** `count` events with data `{ i: 0 }`, `{ i: 1 }`, … */
export function several(count: number, type = 'T') {
  return Array.from({ length: count }, (_, i) => event(undefined, { i }, type));
}

/** Appends events by the letters of their ids: `a,b,c`. */
export function appendIds(stream: string, letters: string, state: AppendStreamState): Act {
  return ({ client }) =>
    client.appendToStream(
      stream,
      letters.split(',').map((letter) => event(letter)),
      { streamState: state },
    );
}

export async function all<T>(source: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const one of source) list.push(one);
  return list;
}
