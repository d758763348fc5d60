/** What others are told: pages of it equal the log, whatever is asked for, while new events come and old ones go. */
import { createClient } from '@redis/client';
import { startRedis, type LocalServer } from '@mcpstack/local-servers';
import { AUDIT_EVENT_TYPES, isAuditEventType, newId, type AuditEvent } from '@mcpstack/contracts';
import { auditEventOf, categoryOf, codecFor, streamName } from '@mcpstack/domain';
import type { RecordedEvent } from '@mcpstack/event-store';
import {
  applyEvents,
  BadCursorError,
  openReadModels,
  ReadModelWriter,
  type AuditEventRequest,
  type Generation,
  type ReadModels,
  type WriteSession,
} from '../src/index.ts';
import { MemoryLog } from './log.ts';
import { randomOf } from './random.ts';
import { eventAt, FRESHNESS, until } from './world.ts';

let redis: LocalServer;
let client: ReturnType<typeof createClient>;
let models: ReadModels;
let session: WriteSession;
let generation: Generation;
/** More than a filtered page looks at, of this organization alone; and a history of others between them. */
const log = new MemoryLog();
let organizationId: string;
let other: string;
/** A key with a few events, one with more than stand with a record, and one of another organization. */
let [key, busyKey, foreignKey]: { id: string; stream: string }[] = [];
const listName = () => `mcpstack:{p0}:${generation}:organization-events:${organizationId}`;

async function apply(events: readonly RecordedEvent[]): Promise<void> {
  for (let from = 0; from < events.length; from += 250)
    await applyEvents(session, generation, events.slice(from, from + 250), log.readStream);
}

/** The log's own events of the organization, told; oldest first. Each event of the log is read once. */
function toldOf(organization: string): AuditEvent[] {
  for (const event of log.events.slice(read)) {
    const named = event.data['organizationId'];
    if (typeof named === 'string') homes.set(event.stream, named);
    const home = homes.get(event.stream);
    if (home === undefined) continue;
    const told = auditEventOf(event, codecFor(categoryOf(event.stream)).decode(event), home);
    if (!told) continue;
    const before = toldIn.get(home);
    if (before) before.push(told);
    else toldIn.set(home, [told]);
  }
  read = log.events.length;
  return [...(toldIn.get(organization) ?? [])];
}
let read = 0;
const homes = new Map<string, string>();
const toldIn = new Map<string, AuditEvent[]>();

/** Every page, one after the other. */
async function pages(request: AuditEventRequest, organization = organizationId) {
  const items: AuditEvent[] = [];
  const sizes: number[] = [];
  let cursor: string | undefined;
  do {
    const { value } = await models.listAuditEvents(organization, {
      limit: 200,
      ...request,
      ...(cursor !== undefined && { cursor }),
    });
    items.push(...value.items);
    sizes.push(value.items.length);
    cursor = value.nextCursor;
    if (sizes.length > 1_000) throw new Error('the pages have no end');
  } while (cursor !== undefined);
  return { items, sizes };
}

beforeAll(async () => {
  redis = await startRedis();
  client = createClient({ url: redis.url });
  await client.connect();
  session = await new ReadModelWriter({ url: redis.url, timeoutMs: 20_000 }).begin();
  generation = await session.build('log-1');
  ({ id: organizationId } = log.createOrganization());
  ({ id: other } = log.createOrganization());
  [key, foreignKey, busyKey] = [
    log.createKey(organizationId),
    log.createKey(other),
    log.createKey(organizationId),
  ];
  log.rename(key.stream, 'second');
  log.grow(2_000, randomOf(7));
  const servers = Array.from({ length: 40 }, () => {
    const serverId = newId('server');
    log.append(streamName('server', serverId), 'ServerCreated', { serverId, organizationId, name: 's' });
    return streamName('server', serverId);
  });
  for (let n = 0; n < 10_000; n += 1) {
    if (n % 5 === 0) log.rename(busyKey.stream, `name ${n}`);
    else log.append(servers[n % 40]!, 'ServerRenamed', { name: `name ${n}` });
  }
  log.revoke(key.stream);
  log.revoke(foreignKey.stream);
  await apply(log.events);
  await session.switchTo(generation);
  models = openReadModels({ url: redis.url, freshness: FRESHNESS, timeoutMs: 20_000 });
  await until('connected', () => Promise.resolve(models.state().connected));
});
afterAll(async () => {
  await models.close();
  session.end();
  client.destroy();
  await redis.stop();
});

describe('the events of an organization', () => {
  it('10,000 of them, page by page, equal the log in both orders', async () => {
    const told = toldOf(organizationId);
    expect(told.length).toBeGreaterThan(10_000);
    expect((await pages({ order: 'oldest' })).items).toEqual(told);
    expect((await pages({ order: 'newest' })).items).toEqual(told.toReversed());
    // The control: another organization's are others.
    expect((await pages({ order: 'oldest' }, other)).items).toEqual(toldOf(other));
    expect(toldOf(other)).not.toEqual(told);
  });

  it('of every organization and every type, as the log tells them', async () => {
    const created = log.events.filter(({ type }) => type === 'OrganizationCreated');
    const seen = new Set<string>();
    for (const { data } of created) {
      const told = toldOf(data['organizationId'] as string);
      expect((await pages({ order: 'oldest' }, data['organizationId'] as string)).items).toEqual(told);
      for (const { type } of told) seen.add(type);
    }
    const inLog = new Set(log.events.map(({ type }) => type).filter(isAuditEventType));
    expect(seen).toEqual(inLog);
    // Nearly all that there are; fold.int.spec.ts has them all.
    expect(seen.size).toBeGreaterThan(AUDIT_EVENT_TYPES.length - 6);
  });

  it('an organization that nobody knows has none', async () => {
    const { value } = await models.listAuditEvents(newId('organization'));
    expect(value).toEqual({ items: [], position: `${log.head}` });
  });

  it.each<[string, () => AuditEventRequest & { is: (event: AuditEvent) => boolean }]>([
    ['a type', () => ({ filter: { types: ['KeyRevoked'] }, is: ({ type }) => type === 'KeyRevoked' })],
    [
      'types',
      () => ({
        filter: { types: ['KeyRevoked', 'KeyCreated'] },
        is: ({ type }) => type === 'KeyRevoked' || type === 'KeyCreated',
      }),
    ],
    ['nobody', () => ({ filter: { actor: newId('user') }, is: () => false })],
    ['an actor', () => ({ filter: { actor: 'user_1' }, is: ({ actor }) => actor.id === 'user_1' })],
    [
      'a subject with a record',
      () => ({ filter: { subject: key!.id }, is: ({ subject }) => subject.id === key!.id }),
    ],
    [
      'a subject whose positions are too many to stand with it',
      () => ({ filter: { subject: busyKey!.id }, is: ({ subject }) => subject.id === busyKey!.id }),
    ],
    [
      'the organization as subject',
      () => ({ filter: { subject: organizationId }, is: ({ subject }) => subject.id === organizationId }),
    ],
    ['a foreign subject', () => ({ filter: { subject: foreignKey!.id }, is: () => false })],
    [
      'positions',
      () => ({
        after: '3000',
        before: '5000',
        is: ({ position }) => Number(position) > 3_000 && Number(position) < 5_000,
      }),
    ],
    [
      'times, the first inclusive, the last not',
      () => {
        const [from, to] = [log.events[2_500]!, log.events[6_000]!].map(
          ({ metadata }) => metadata['at'] as string,
        );
        return { filter: { from: from!, to: to! }, is: ({ at }) => at >= from! && at < to! };
      },
    ],
    ['the future', () => ({ filter: { from: '2126-01-01T00:00:00Z' }, is: () => false })],
  ])('filtered by %s equal the filtered log, in both orders', async (_, ask) => {
    const { is, ...request } = ask();
    const told = toldOf(organizationId).filter(is);
    expect((await pages({ ...request, order: 'oldest' })).items).toEqual(told);
    expect((await pages({ ...request, order: 'newest' })).items).toEqual(told.toReversed());
  });

  it('a filter looks at no more than 10,000 at a time, and says where to go on', async () => {
    const { value } = await models.listAuditEvents(organizationId, {
      filter: { types: ['OrganizationCreated'] },
    });
    expect(value).toMatchObject({ items: [], nextCursor: expect.any(String) as unknown });
    const { sizes } = await pages({ filter: { types: ['OrganizationCreated'] } });
    expect(sizes).toEqual([0, 1]);
  });

  it('cursors of the other order, of another organization, or made up are refused', async () => {
    const { nextCursor } = (await models.listAuditEvents(organizationId, { limit: 1 })).value;
    const refused = (organization: string, request: AuditEventRequest) =>
      expect(models.listAuditEvents(organization, request)).rejects.toThrow(BadCursorError);
    await refused(organizationId, { cursor: nextCursor!, order: 'oldest' });
    await refused(other, { cursor: nextCursor! });
    await refused(organizationId, { cursor: 'bm9uc2Vuc2U' });
    expect(
      (await models.listAuditEvents(organizationId, { cursor: nextCursor!, limit: 1 })).value.items,
    ).toHaveLength(1);
    for (const bad of [
      { limit: 0 },
      { limit: 201 },
      { after: 'x' },
      { before: '-1' },
      { filter: { from: 'noon' } },
    ])
      await expect(models.listAuditEvents(organizationId, bad)).rejects.toThrow(RangeError);
  });
});

describe('the events of one key', () => {
  it('are its history, found without a look at others', async () => {
    const { value } = await models.listKeyEvents(organizationId, key!.id, { order: 'oldest' });
    expect(value!.items.map(({ type }) => type)).toEqual(['KeyCreated', 'KeyRenamed', 'KeyRevoked']);
    expect(value!.items).toEqual(toldOf(organizationId).filter(({ subject }) => subject.id === key!.id));
    const newest = await models.listKeyEvents(organizationId, key!.id, { limit: 1 });
    expect(newest.value!.items).toMatchObject([{ type: 'KeyRevoked' }]);
    const { nextCursor } = newest.value!;
    const rest = await models.listKeyEvents(organizationId, key!.id, { cursor: nextCursor! });
    expect(rest.value!.items.map(({ type }) => type)).toEqual(['KeyRenamed', 'KeyCreated']);
    expect(rest.value!.nextCursor).toBeUndefined();
    // Three of ten thousand: a scan would have stopped half-way. The control is the key that is scanned for.
    const record = (id: string) => client.hGet(`mcpstack:{p0}:${generation}:key:${id}`, 'events');
    expect(await record(key!.id)).toMatch(/^\d+ \d+ \d+$/);
    expect(await record(busyKey!.id)).toBe('-');
  });

  it('of a foreign key and of an unknown one are none, alike', async () => {
    expect((await models.listKeyEvents(organizationId, foreignKey!.id)).value).toBeUndefined();
    expect((await models.listKeyEvents(organizationId, newId('key'))).value).toBeUndefined();
    expect((await models.listKeyEvents(other, foreignKey!.id)).value!.items).toHaveLength(2);
  });
});

describe('while new events come', () => {
  const renamed = (count: number) =>
    Array.from({ length: count }, (_, n) => log.append(key!.stream, 'KeyRenamed', { name: `later ${n}` }));

  it('cursors stay where they are: each event is shown once, none is left out', async () => {
    const before = toldOf(organizationId);
    const first = (await models.listAuditEvents(organizationId, { limit: 5 })).value;
    await apply(renamed(7));
    const second = await models.listAuditEvents(organizationId, { limit: 5, cursor: first.nextCursor! });
    expect([...first.items, ...second.value.items]).toEqual(before.toReversed().slice(0, 10));
    // Only the first page says from where on to look for what comes.
    expect(second.value.position).toBeUndefined();
    const came = await models.listAuditEvents(organizationId, { order: 'oldest', after: first.position! });
    expect(came.value.items.map(({ data }) => (data as { name: string }).name)).toEqual(
      Array.from({ length: 7 }, (_, n) => `later ${n}`),
    );
  });

  it('whoever polls after the position of the page before sees every event once', async () => {
    let after = (await models.listAuditEvents(organizationId)).value.position!;
    const seen: AuditEvent[] = [];
    const from = log.events.length;
    for (let round = 0; round < 6; round += 1) {
      await apply(renamed(round * 30));
      const { value } = await models.listAuditEvents(organizationId, { order: 'oldest', after, limit: 50 });
      seen.push(...value.items);
      expect(BigInt(value.position!)).toBeGreaterThanOrEqual(BigInt(after));
      after = value.position!;
    }
    seen.push(...(await pages({ order: 'oldest', after })).items);
    expect(seen.map(({ id }) => id)).toEqual(log.events.slice(from).map(({ id }) => id));
  });

  it('none is shown while one before it is missing', async () => {
    const [one, two] = renamed(2);
    const strange = log.append(streamName('server', newId('server')), 'ServerRenamed', { name: 'x' });
    const { value } = await models.listAuditEvents(organizationId);
    // A gap is filled from the log up to its end: the first one is not applied, the second one stands already.
    const member = JSON.stringify([
      two!.id,
      'KeyRenamed',
      two!.metadata['at'],
      'user',
      'user_1',
      key!.id,
      'r',
      {},
    ]);
    await client.zAdd(listName(), { score: Number(two!.position), value: member });
    const ask = async () =>
      (await models.listAuditEvents(organizationId, { order: 'oldest', after: value.position! })).value;
    expect(await ask()).toEqual({ items: [], position: value.position });
    // The control: once the position is there it shows.
    await session.apply(generation, [], eventAt(two!.position));
    expect((await ask()).items.map(({ id }) => id)).toEqual([two!.id]);
    await client.zRem(listName(), member);
    await apply([one!, two!]);
    expect((await ask()).items.map(({ id }) => id)).toEqual([one!.id, two!.id]);
    expect(strange.position).toBeGreaterThan(two!.position);
  });
});

it('the newest 100,000 are kept, whatever the order in which they come; a page says what may be gone', async () => {
  const told = toldOf(organizationId);
  const missing = 100_000 - told.length + 3;
  expect((await models.listAuditEvents(organizationId)).value.droppedBefore).toBeUndefined();
  // As if so many had come later, but for three: the next events push the oldest out.
  const head = Number(log.head);
  const [id, at] = ['0', new Date(0).toISOString()];
  for (let from = 3; from < missing; from += 10_000) {
    const scores = Array.from({ length: Math.min(10_000, missing - from) }, (_, n) => head + from + n);
    const value = (n: number) =>
      JSON.stringify([`${id}${n}`, 'KeySuspended', at, 'user', 'user_1', key!.id, 'r', {}]);
    await client.zAdd(
      listName(),
      scores.map((score) => ({ score, value: value(score) })),
    );
  }
  await session.apply(generation, [], eventAt(BigInt(head + missing)));
  expect(await client.zCard(listName())).toBe(100_000);
  // It is full, and nothing was dropped yet.
  expect((await models.listAuditEvents(organizationId)).value.droppedBefore).toBeUndefined();
  const kept = async () =>
    (await client.zRange(listName(), 0, 9)).map((member) => (JSON.parse(member) as string[])[0]);
  const before = await kept();
  const [first, second] = [0, 1].map((n) => log.append(key!.stream, 'KeyRenamed', { name: `last ${n}` }));
  await apply([second!]);
  // The gap before it was filled from the log.
  expect(await client.zCard(listName())).toBe(100_000);
  expect(await kept()).toEqual([...before.slice(2), ...(await kept()).slice(-2)]);
  await apply([first!, second!]);
  expect((await kept())[0]).toBe(before[2]);
  const page = (await models.listAuditEvents(organizationId, { order: 'oldest', limit: 1 })).value;
  expect(page.droppedBefore).toBe(page.items[0]!.position);
  // What is about a key whose oldest events were dropped: the rest of its history.
  const dropped = await models.listAuditEvents(organizationId, { filter: { subject: organizationId } });
  expect(dropped.value.items).toEqual([]);
});
