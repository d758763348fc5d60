/** G8 through the public interfaces: who makes a key never ends with more in it than they hold themselves. */
import { setTimeout as delay } from 'node:timers/promises';
import { ROLE_PERMISSIONS, type ApiKey } from '@mcpstack/contracts';
import { join, newPerson, type Person } from './people.ts';
import { Product } from './product.ts';

const MAKERS = 10;
const ROUNDS = 50;

let product: Product;
const makers: (Person & { at: string })[] = [];
beforeAll(async () => {
  product = await Product.start();
  // One after the other: they share a file of logins.
  for (let n = 0; n < MAKERS; n += 1) {
    const made = await product.http('POST', '/api/v1/organizations', { body: { name: `Race ${n}` } });
    const at = `/api/v1/organizations/${made.body['id'] as string}`;
    const set = await product.http('PUT', `${at}/policy`, { body: { onMakerLoss: 'revoke' } });
    expect(set.status).toBe(200);
    const maker = await newPerson(product, `maker-${n}`);
    await join(product, maker, 'admin', made.body['id'] as string);
    makers.push({ ...maker, at });
  }
}, 600_000);
afterAll(() => product?.stop());

describe('500 races of "create a key" against "demote its maker" (G8)', () => {
  it('leave no key in force that holds more than its maker', async () => {
    const outcomes = { made: 0, refused: 0 };
    const race = async ({ at, userId, token }: (typeof makers)[number]): Promise<void> => {
      for (let round = 0; round < ROUNDS; round += 1) {
        const member = `${at}/members/${userId}`;
        const promoted = await product.insist('PATCH', member, { body: { role: 'admin' } });
        expect(promoted.status).toBe(200);
        const create = product.insist('POST', `${at}/api-keys`, {
          token,
          body: { name: `race ${round}`, role: 'admin' },
          headers: { 'mcpstack-position': promoted.headers.get('mcpstack-position')! },
        });
        // Anywhere within the time that a create takes.
        await delay(Math.random() * 15);
        const demote = product.insist('PATCH', member, { body: { role: 'viewer' } });
        const [created, demoted] = await Promise.all([create, demote]);
        expect(demoted.status).toBe(200);
        expect([201, 403]).toContain(created.status);
        outcomes[created.status === 201 ? 'made' : 'refused'] += 1;
        const secret = created.body['secret'] as string | undefined;
        if (secret !== undefined) expect((await product.verify({ key: secret })).valid).toBe(false);
      }
    };
    await Promise.all(makers.map(race));
    expect(outcomes.made + outcomes.refused).toBe(MAKERS * ROUNDS);
    // Neither side won always: the races were real.
    expect(Math.min(outcomes.made, outcomes.refused)).toBeGreaterThan(0);
    expect(await keysBeyondTheirMaker()).toEqual([]);
  }, 300_000);

  it('control: under the policy "list" a demoted maker\'s key stays in force, and is shown as such', async () => {
    const { at, userId, token } = makers[0]!;
    expect((await product.http('PUT', `${at}/policy`, { body: { onMakerLoss: 'list' } })).status).toBe(200);
    const member = `${at}/members/${userId}`;
    const promoted = await product.http('PATCH', member, { body: { role: 'admin' } });
    const headers = { 'mcpstack-position': promoted.headers.get('mcpstack-position')! };
    const made = await product.http('POST', `${at}/api-keys`, {
      token,
      body: { name: 'left alone', role: 'admin' },
      headers,
    });
    expect(made.status).toBe(201);
    expect((await product.http('PATCH', member, { body: { role: 'viewer' } })).status).toBe(200);
    expect((await product.verify({ key: made.body['secret'] as string })).valid).toBe(true);
    expect(await keysBeyondTheirMaker()).toEqual([made.body['id']]);
    const shown = await product.http('GET', `${at}/api-keys/${made.body['id'] as string}`);
    expect(shown.body).toMatchObject({ state: 'active', beyondMaker: true });
  });
});

/** Ids of the keys in force that members made and that hold more than those do now, told from the log alone. */
async function keysBeyondTheirMaker(): Promise<string[]> {
  /** By organization and user. */
  const roles = new Map<string, ApiKey['role']>();
  const keys = new Map<string, { maker: string; role: ApiKey['role'] }>();
  for (const { stream, type, data, metadata } of await product.log()) {
    if (stream.startsWith('organization-')) {
      const { userId, ownerId, role } = data as { userId: string; ownerId: string; role: ApiKey['role'] };
      if (type === 'OrganizationCreated') roles.set(`${stream} ${ownerId}`, 'owner');
      if (type === 'InvitationAccepted' || type === 'MemberRoleChanged')
        roles.set(`${stream} ${userId}`, role);
    }
    const keyId = stream.slice('key-'.length);
    const actor = metadata['actor'] as { type: string; id: string };
    if (type === 'KeyCreated') {
      const maker = `organization-${data['organizationId'] as string} ${actor.id}`;
      keys.set(keyId, { maker, role: data['role'] as ApiKey['role'] });
    }
    if (type === 'KeyRevoked') keys.delete(keyId);
  }
  return [...keys].flatMap(([id, { maker, role }]) => {
    const held = ROLE_PERMISSIONS[roles.get(maker)!];
    return ROLE_PERMISSIONS[role].every((one) => held.includes(one)) ? [] : [id];
  });
}
