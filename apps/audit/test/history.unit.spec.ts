/** Histories of everybody and everything in random logs, against the plain list of what names them. */
import type { RecordedEvent } from '@mcpstack/event-store';
import { gather } from '../src/history/gather.ts';
import { RequestIndex, requestOf } from '../src/history/request-index.ts';
import { Subject } from '../src/history/subject.ts';
import { randomOf } from './decided-log.ts';
import { RandomLog } from './random-log.ts';

const logOf = (events: readonly RecordedEvent[]) => ({
  events: async function* ({ after = -1n, until = 2n ** 60n }: { after?: bigint; until?: bigint } = {}) {
    yield* await Promise.resolve(events.filter(({ position }) => position > after && position <= until));
  },
});

/** Three events in a row are of one request. */
const events = new RandomLog(randomOf(5)).grow(600).events.map((event, n): RecordedEvent => ({
  ...event,
  metadata: { ...event.metadata, $correlationId: `request ${Math.floor(n / 3)}` },
}));
const texts = events.map(({ data, metadata }) => JSON.stringify([data, metadata])).join();
const ids = [...new Set(texts.match(/"(key|user|org|agent|srv|inv|dom)_\w+"/g))].map(
  (quoted) => JSON.parse(quoted) as string,
);
const home = new Map(
  events
    .filter(({ data }) => 'organizationId' in data)
    .map(({ stream, data }) => [stream, data['organizationId']]),
);
/** About how many events it is in. */
const count = (id: string) => texts.split(`"${id}"`).length;

describe('a history', () => {
  it('holds every event that is of somebody or by them, once, in order, and no other', async () => {
    expect(ids.length).toBeGreaterThan(100);
    for (const id of ids) {
      const expected = events.filter(({ stream, data, metadata }) => {
        if (stream.startsWith('usage-')) return false;
        const isNamed = ['userId', 'ownerId', 'profileId', 'invitationId', 'domainId', 'agentId'].some(
          (field) => data[field] === id,
        );
        const isHome = id.startsWith('org_') && home.get(stream) === id;
        const { type, id: actor } = metadata['actor'] as { type: string; id: string };
        const isBy = actor === id && ['user', 'key'].includes(type);
        return isNamed || isHome || isBy || stream.endsWith(`-${id}`);
      });
      const found = await gather(logOf(events), Subject.of(id));
      expect(found.events.map(({ position }) => position)).toEqual(
        expected.map(({ position }) => `${position}`),
      );
      expect([found.unknown, found.invalid]).toEqual([[], []]);
    }
  });

  it('names what else came of the same request, and nothing else', async () => {
    let related = 0;
    for (const id of ids) {
      const found = await gather(logOf(events), Subject.of(id));
      const own = new Set(found.events.map(({ position }) => position));
      for (const event of found.events) {
        const others = events.filter(
          (one) =>
            requestOf(one) === event.requestId &&
            !own.has(`${one.position}`) &&
            !one.stream.startsWith('usage-'),
        );
        const shown = event.with.filter(({ type }) => type !== 'KeyUsed');
        expect(shown.map(({ position }) => position)).toEqual(others.map(({ position }) => `${position}`));
        related += others.length;
      }
    }
    expect(related).toBeGreaterThan(0);
  });
});

it('a long one is told in parts, which are together what the whole is; what is left out is said', async () => {
  const id = ids.reduce((most, one) => (count(one) > count(most) ? one : most));
  const whole = await gather(logOf(events), Subject.of(id));
  expect(whole).toMatchObject({ more: 0, relatedCut: false });
  expect(whole.events.length).toBeGreaterThan(20);
  const positions: string[] = [];
  for (let after = -1n, more = 1; more > 0;) {
    const part = await gather(logOf(events), Subject.of(id), { after, mostEvents: 7 });
    expect(part.events.length).toBeLessThanOrEqual(7);
    positions.push(...part.events.map(({ position }) => position));
    after = BigInt(positions.at(-1)!);
    more = part.more;
    expect(positions.length + more).toBe(whole.events.length);
  }
  expect(positions).toEqual(whole.events.map(({ position }) => position));
});

it('says when not all others of the same requests are named', async () => {
  const [id] = ids.filter((one) => count(one) > 10);
  const all = await gather(logOf(events), Subject.of(id!));
  const others = new Set(all.events.flatMap((event) => event.with.map(({ position }) => position)));
  expect(others.size).toBeGreaterThan(1);
  const cut = await gather(logOf(events), Subject.of(id!), { mostRelated: others.size - 1 });
  expect([all.relatedCut, cut.relatedCut]).toEqual([false, true]);
  expect(cut.events).toHaveLength(all.events.length);
});

it('events of a request are found wherever they lie, also where another request has the same hash', async () => {
  const [first] = events;
  const many = Array.from({ length: 5_000 }, (_, n) => ({
    ...first!,
    position: BigInt(n * 7 + 3),
    metadata: { ...first!.metadata, $correlationId: `r-${n % 1_700}` },
  }));
  const index = new RequestIndex();
  for (const event of many) index.add(event);
  const find = async (most: number) => {
    const found: number[] = [];
    const requests = new Set(['r-5', 'r-1699']);
    const places = index.placesOf(requests, new Set([38])).slice(0, most);
    for await (const event of index.read(logOf(many), requests, places)) found.push(Number(event.position));
    return found;
  };
  const expected = many
    .filter((_, n) => [5, 1_699].includes(n % 1_700))
    .map(({ position }) => Number(position));
  expect(await find(100)).toEqual(expected.filter((position) => position !== 38));
  expect(await find(2)).toHaveLength(2);
});
