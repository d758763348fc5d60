/** G3, where readings are held: whatever was found is looked at again, and a change of any part of it shows. */
import { newId } from '@mcpstack/contracts';
import { streamName } from '@mcpstack/domain';
import type { KeyLookup } from '../src/index.ts';
import { client, log, models, organizationId, publish } from './published-log.ts';

type Found = Extract<KeyLookup, { status: 'found' }>;

let [service, page, other]: { id: string; digest: string; stream: string }[] = [];
let agent: { id: string; stream: string };
/** The service key, the publishable key and a key of another organization, as they were found. */
let found: readonly Found[];

beforeEach(async () => {
  agent = log.createAgent(organizationId);
  service = log.createKey(organizationId);
  page = log.createPublicKey(organizationId, agent.id);
  other = log.createKey(log.createOrganization().id);
  await publish();
  const { value } = await models.findMany([service, page, other].map(({ digest }) => [digest]));
  found = value.filter((lookup) => lookup.status === 'found');
  expect(found).toHaveLength(3);
});

const unchanged = async (): Promise<readonly boolean[]> => (await models.areUnchanged(found)).value;
const at = (name: string) => `mcpstack:{p0}:g-1:${name}`;
const recordOf = () => at(`key:${service!.id}`);

it('what nothing happened to is unchanged, as often as it is asked, also in a data set that was written anew', async () => {
  expect(await unchanged()).toEqual([true, true, true]);
  await publish();
  expect(await unchanged()).toEqual([true, true, true]);
});

it.each<[string, () => unknown, boolean[]]>([
  ['its key is revoked', () => log.revoke(service!.stream), [false, true, true]],
  [
    'its key gets a limit',
    () =>
      log.append(service!.stream, 'KeyNarrowed', { limits: [{ name: 'burst', limit: 5, windowMs: 1_000 }] }),
    [false, true, true],
  ],
  [
    'its organization is suspended',
    () => log.append(streamName('organization', organizationId), 'OrganizationSuspended', {}),
    [false, false, true],
  ],
  ['its agent is removed', () => log.append(agent.stream, 'AgentRemoved', {}), [true, false, true]],
  [
    'an event of its key cannot be read',
    () => log.append(service!.stream, 'KeyOfTheFuture', {}),
    [false, true, true],
  ],
])('a change shows, and no other: %s', async (_, change, expected) => {
  change();
  await publish();
  expect(await unchanged()).toEqual(expected);
});

it('control: what has changed is found all the same, as it is now', async () => {
  log.append(service!.stream, 'KeyNarrowed', { limits: [{ name: 'burst', limit: 5, windowMs: 1_000 }] });
  log.append(streamName('organization', organizationId), 'OrganizationSuspended', {});
  await publish();
  expect((await models.findMany([[service!.digest]])).value).toMatchObject([
    { status: 'found', key: { limits: [{ limit: 5 }] }, organization: { state: 'suspended' } },
  ]);
});

it.each<[string, () => Promise<unknown>, boolean[]]>([
  ['the claim', () => client.del(at(`digest:${service!.digest}`)), [false, true, true]],
  ['the key', () => client.del(recordOf()), [false, true, true]],
  ['what the key says', () => client.hDel(recordOf(), 'data'), [false, true, true]],
  ['the organization', () => client.del(at(`organization:${organizationId}`)), [false, false, true]],
  ['the agent', () => client.del(at(`agent:${agent.id}`)), [true, false, true]],
])('absence never permits: without %s', async (_, remove, expected) => {
  await remove();
  expect(await unchanged()).toEqual(expected);
});

it.each<[string, () => Promise<unknown>]>([
  ['the claim is no text', () => replace(at(`digest:${service!.digest}`))],
  ['the record is no hash', () => replace(recordOf())],
  ['the claim is another key’s', () => client.set(at(`digest:${service!.digest}`), `1:${other!.id}`)],
  [
    'the record stands under another organization',
    () => client.hSet(recordOf(), 'org', newId('organization')),
  ],
])('nor where %s; the others are looked at all the same', async (_, spoil) => {
  await spoil();
  expect(await unchanged()).toEqual([false, true, true]);
});

it('what has no mark is never unchanged', async () => {
  const { value } = await models.areUnchanged(found.map(({ digest }) => ({ digest })));
  expect(value).toEqual([false, false, false]);
});

async function replace(name: string): Promise<void> {
  await client.del(name);
  await client.rPush(name, 'x');
}
