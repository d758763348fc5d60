/** G3, where readings are held: what a mark names besides the revisions, which say nothing of these. */
import type { KeyLookup } from '../src/index.ts';
import { CONTROL } from '../src/namespace.ts';
import { client, log, models, organizationId, publish } from './published-log.ts';

let found: Extract<KeyLookup, { status: 'found' }>;
let recordName: string;

beforeEach(async () => {
  const key = log.createKey(organizationId);
  await publish();
  recordName = `mcpstack:{p0}:g-1:key:${key.id}`;
  const { value } = await models.findByDigests([key.digest]);
  found = value as typeof found;
});

it.each<[string, () => Promise<unknown>]>([
  ['what it says was cut off', () => cutOff()],
  ['it was parked', () => client.hSet(recordName, 'parked', '0 Unheard')],
  ['other read models are in force, which may say it otherwise', () => putCopyInForce()],
])('a record of the same revision has changed where %s', async (_, spoil) => {
  // The control.
  expect((await models.areUnchanged([found])).value).toEqual([true]);
  await spoil();
  expect((await models.areUnchanged([found])).value).toEqual([false]);
});

async function cutOff(): Promise<void> {
  await client.hSet(recordName, 'data', (await client.hGet(recordName, 'data'))!.slice(0, -1));
}

async function putCopyInForce(): Promise<void> {
  for (const name of await client.keys('mcpstack:{p0}:g-1:*'))
    await client.copy(name, name.replace('g-1', 'g-2'));
  await client.hSet(CONTROL, 'active', 'g-2');
}
