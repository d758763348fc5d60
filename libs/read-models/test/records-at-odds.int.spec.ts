/** Absence never permits, nor does what cannot be read: the records beside the key, spoiled one by one. */
import { newId } from '@mcpstack/contracts';
import { client, log, models, organizationId, publish } from './published-log.ts';

let agentId: string;
let digest: string;

beforeEach(async () => {
  agentId = log.createAgent(organizationId).id;
  ({ digest } = log.createPublicKey(organizationId, agentId));
  await publish();
});

async function change(which: 'agent' | 'organization', by: object): Promise<void> {
  const name = `mcpstack:{p0}:g-1:${which}:${which === 'agent' ? agentId : organizationId}`;
  const record = JSON.parse((await client.hGet(name, 'data'))!) as object;
  await client.hSet(name, 'data', JSON.stringify({ ...record, ...by }));
}
const status = async () => (await models.findByDigests([digest])).value.status;

it.each<['agent' | 'organization', string, () => object]>([
  ['agent', 'of another organization', () => ({ organizationId: newId('organization') })],
  ['agent', 'of a newer version', () => ({ onlyAtNight: true })],
  ['organization', 'of a newer version', () => ({ onlyAtNight: true })],
  ['organization', 'without a policy', () => ({ policy: undefined })],
])('the %s is %s: the key proves nothing', async (which, _, by) => {
  // The control: written anew as it was, it is found.
  await change(which, {});
  expect(await status()).toBe('found');
  await change(which, by());
  expect(await status()).toBe('unprovable');
});

it('a key that stands under another organization than its own proves nothing', async () => {
  const key = log.createKey(organizationId);
  const stranger = log.createOrganization();
  await publish();
  const record = `mcpstack:{p0}:g-1:key:${key.id}`;
  const statusUnder = async (organization: string) => {
    await client.hSet(record, 'org', organization);
    return (await models.findByDigests([key.digest])).value.status;
  };
  expect(await statusUnder(organizationId)).toBe('found');
  expect(await statusUnder(stranger.id)).toBe('unprovable');
});
