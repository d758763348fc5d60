/** Records that are spoiled in Redis: never permitted, never a crash, never another key's trouble. */
import type { KeyLookup } from '../src/index.ts';
import { client, log, models, organizationId, publish } from './published-log.ts';

let key: { id: string; digest: string };
let other: { id: string; digest: string };

beforeEach(async () => {
  const limits = [{ name: 'burst', limit: 5, windowMs: 1_000 }];
  key = log.createKey(organizationId, { limits, allowedIps: ['10.0.0.0/8'], expiresAt: log.timeAfter(1e9) });
  other = log.createKey(log.createOrganization().id);
  await publish();
});

const at = (name: string) => `mcpstack:{p0}:g-1:${name}`;
const keyAt = () => at(`key:${key.id}`);
async function rewrite(change: (text: string) => string): Promise<void> {
  await client.hSet(keyAt(), 'data', change((await client.hGet(keyAt(), 'data'))!));
}
const changed = (change: object) => () =>
  rewrite((text) => JSON.stringify({ ...(JSON.parse(text) as object), ...change }));

async function lookups(): Promise<readonly KeyLookup['status'][]> {
  const { value } = await models.findMany([[other.digest], [key.digest], [other.digest]]);
  return value.map(({ status }) => status);
}

it.each<[string, () => Promise<unknown>]>([
  ['cut off', () => rewrite((text) => text.slice(0, -10))],
  ['empty', () => rewrite(() => '{}')],
  ['an array', () => rewrite(() => '[]')],
  ['no JSON', () => rewrite(() => 'x')],
  ['of another kind', changed({ kind: 'robot' })],
  ['of a newer version', changed({ onlyAtNight: true })],
  ["another's", changed({ id: 'key_other' })],
  ['permissions a text', changed({ permissions: 'servers:read' })],
  ['a permission of the future', changed({ permissions: ['moon:land'] })],
  ['secrets missing', changed({ secrets: undefined })],
  ['secrets empty', changed({ secrets: [] })],
  ['allowedIps a text', changed({ allowedIps: '10.0.0.0/8' })],
  ['allowedIps null', changed({ allowedIps: null })],
  ['expiresAt no time', changed({ expiresAt: 'soon' })],
  ['expiresAt a number', changed({ expiresAt: 1 })],
  ['scope a list', changed({ scope: [] })],
  ['a limit without a number', changed({ limits: [{ name: 'burst', windowMs: 1 }] })],
  ['limits a text', changed({ limits: 'none' })],
  ['a text where a hash is', () => client.del(keyAt()).then(() => client.set(keyAt(), 'x'))],
  ['the organization a text', () => spoil(`organization:${organizationId}`)],
  ['the claim a hash', () => client.del(claimAt()).then(() => client.hSet(claimAt(), 'a', 'b'))],
  ['the claim no claim', () => client.set(claimAt(), 'x')],
])('%s: proves nothing, and the others are found in the same read', async (_, spoilIt) => {
  // The control: before, it is found.
  expect(await lookups()).toEqual(['found', 'found', 'found']);
  await spoilIt();
  expect(await lookups()).toEqual(['found', 'unprovable', 'found']);
  expect((await models.findByDigests([key.digest])).value.status).toBe('unprovable');
  expect(models.state().connected).toBe(true);
  const { value } = await models.findByDigests([key.digest]);
  expect(JSON.stringify(value)).not.toContain(key.digest);
});

const claimAt = () => at(`digest:${key.digest}`);
const spoil = (name: string) => client.del(at(name)).then(() => client.set(at(name), 'x'));

it('by its id, within its organization alone', async () => {
  expect((await models.findKey(organizationId, key.id)).value).toMatchObject({
    status: 'found',
    digest: key.digest,
    key: { id: key.id },
  });
  expect((await models.findKey(organizationId, other.id)).value).toEqual({ status: 'unknown' });
  expect((await models.findKey(organizationId, 'key_none')).value).toEqual({ status: 'unknown' });
});
