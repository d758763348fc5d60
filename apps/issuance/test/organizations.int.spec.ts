/** Commands on organizations: accepted, refused, repeated; suspension is final when it is answered. */
import { randomUUID } from 'node:crypto';
import { newId, type OrganizationPolicy } from '@mcpstack/contracts';
import {
  expectFinal,
  expectForbidden,
  expectHidden,
  expectRepeatable,
  join,
  keyActor,
  person,
  wrongFields,
} from './checks.ts';
import { Harness, problemOf } from './harness.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start();
});
afterAll(() => harness.stop());
beforeEach(() => {
  harness.confirm = () => ({ confirmed: true });
  harness.asked.splice(0);
});

const mine = (name = 'Umbrella') => harness.createOrganization(name, harness.owner.id);
const typesOf = async (id: string) => (await harness.events(`organization-${id}`)).map(({ type }) => type);

describe('createOrganization', () => {
  it('accepted: answers the whole organization with the position, once visible', async () => {
    const commandId = randomUUID();
    const input = { name: 'Umbrella', ownerId: harness.owner.id };
    const output = await harness.send('createOrganization', input, { commandId });
    expect(output).toEqual({
      organization: {
        id: expect.stringMatching(/^org_[0-9A-Za-z]{22}$/) as string,
        name: 'Umbrella',
        state: 'active',
        policy: { onMakerLoss: 'list' },
        createdAt: expect.any(String) as string,
        revision: '0',
      },
      position: expect.stringMatching(/^\d+$/) as string,
    });
    expect(harness.asked).toMatchObject([{ need: 'visible', position: output.position }]);
    const [event] = await harness.events(`organization-${output.organization.id}`);
    expect(event).toMatchObject({ type: 'OrganizationCreated', metadata: { $causationId: commandId } });
  });

  it('repeated: the same answer, one event', async () => {
    const input = { name: 'Twice', ownerId: harness.owner.id };
    const { organization } = await expectRepeatable(harness, 'createOrganization', input);
    expect(await typesOf(organization.id)).toEqual(['OrganizationCreated']);
  });

  it('refused: to a key, for another owner, and under a name that is none', async () => {
    const input = { name: 'No', ownerId: harness.owner.id };
    await expectForbidden(harness.send('createOrganization', input, { actor: keyActor(newId('key')) }));
    expect(
      await wrongFields(harness.send('createOrganization', { ...input, ownerId: newId('user') })),
    ).toEqual(['ownerId']);
    expect(await wrongFields(harness.send('createOrganization', { ...input, name: ' ' }))).toEqual(['name']);
  });
});

describe('renameOrganization', () => {
  it('accepted and repeated: the new name, one event, the revision of it', async () => {
    const organizationId = await mine();
    const input = { organizationId, name: 'Renamed' };
    const { organization } = await expectRepeatable(harness, 'renameOrganization', input);
    expect(organization).toMatchObject({ name: 'Renamed', revision: '1' });
    expect(await typesOf(organizationId)).toEqual(['OrganizationCreated', 'OrganizationRenamed']);
  });

  it('with a revision: accepted where it stands, else precondition-failed and nothing is written', async () => {
    const organizationId = await mine();
    const input = { organizationId, name: 'First', ifRevision: '0' };
    expect((await harness.send('renameOrganization', input)).organization.revision).toBe('1');
    const stale = await problemOf(harness.send('renameOrganization', { ...input, name: 'Second' }));
    expect(stale.code).toBe('precondition-failed');
    expect(await typesOf(organizationId)).toEqual(['OrganizationCreated', 'OrganizationRenamed']);
    // A stranger learns nothing of where the stream stands.
    const actor = person();
    await expectHidden(harness.send('renameOrganization', { ...input, ifRevision: '7' }, { actor }));
    expect(await wrongFields(harness.send('renameOrganization', { ...input, ifRevision: '-1' }))).toEqual([
      'ifRevision',
    ]);
  });

  it('of twenty who saw the same revision at once, one is accepted', async () => {
    const organizationId = await mine();
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, (_, n) =>
        harness.send('renameOrganization', { organizationId, name: `Name ${n}`, ifRevision: '0' }),
      ),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const codes = outcomes.flatMap((one) =>
      one.status === 'rejected' ? [(one.reason as { code: string }).code] : [],
    );
    expect(new Set(codes)).toEqual(new Set(['precondition-failed']));
    expect(await typesOf(organizationId)).toEqual(['OrganizationCreated', 'OrganizationRenamed']);
  });

  it('refused: foreign, unknown, without the permission; by a key that may not', async () => {
    const organizationId = await mine();
    const input = { organizationId, name: 'No' };
    await expectHidden(
      harness.send('renameOrganization', input, { actor: person() }),
      harness.send('renameOrganization', { ...input, organizationId: newId('organization') }),
      harness.send('renameOrganization', input, { actor: keyActor(newId('key')) }),
      harness.send('renameOrganization', input, { actor: { type: 'system', id: 'scheduler' } }),
    );
    const admin = await join(harness, 'admin', organizationId);
    await expectForbidden(harness.send('renameOrganization', input, { actor: admin }), 'organization:write');
  });
});

describe('changePolicy', () => {
  const policy: OrganizationPolicy = {
    longestKeyLifeDays: 90,
    expiryRequired: true,
    allowedKeyRoles: ['developer', 'viewer'],
    onMakerLoss: 'revoke',
  };

  it('accepted and repeated: the whole policy, one event', async () => {
    const organizationId = await mine();
    const { organization } = await expectRepeatable(harness, 'changePolicy', { organizationId, policy });
    expect(organization).toMatchObject({ policy, revision: '1' });
    const whole = await harness.send('changePolicy', { organizationId, policy: { onMakerLoss: 'list' } });
    expect(whole.organization.policy).toEqual({ onMakerLoss: 'list' });
    expect(await typesOf(organizationId)).toEqual([
      'OrganizationCreated',
      'OrganizationPolicyChanged',
      'OrganizationPolicyChanged',
    ]);
  });

  it('refused: with a stale revision, foreign, without the permission', async () => {
    const organizationId = await mine();
    const input = { organizationId, policy };
    const stale = await problemOf(harness.send('changePolicy', { ...input, ifRevision: '5' }));
    expect(stale.code).toBe('precondition-failed');
    await expectHidden(
      harness.send('changePolicy', input, { actor: person() }),
      harness.send('changePolicy', { ...input, organizationId: newId('organization') }),
    );
    const admin = await join(harness, 'admin', organizationId);
    await expectForbidden(harness.send('changePolicy', input, { actor: admin }), 'organization:write');
  });

  it.each<[string, string, object]>([
    ['no life', 'policy.longestKeyLifeDays', { longestKeyLifeDays: 0 }],
    ['too long a life', 'policy.longestKeyLifeDays', { longestKeyLifeDays: 3_651 }],
    ['half a day', 'policy.longestKeyLifeDays', { longestKeyLifeDays: 1.5 }],
    ['null', 'policy.longestKeyLifeDays', { longestKeyLifeDays: null }],
    ['a text for a yes', 'policy.expiryRequired', { expiryRequired: 'yes' }],
    ['an unknown role', 'policy.allowedKeyRoles', { allowedKeyRoles: ['emperor'] }],
    ['a role twice', 'policy.allowedKeyRoles', { allowedKeyRoles: ['viewer', 'viewer'] }],
    ['an unknown answer to a loss', 'policy.onMakerLoss', { onMakerLoss: 'ignore' }],
    ['no answer to a loss', 'policy.onMakerLoss', { onMakerLoss: undefined }],
    ['an unknown rule', 'policy.extra', { extra: 1 }],
  ])('refused: %s', async (_what, field, change) => {
    const { organizationId } = harness;
    const head = await harness.head();
    const sent = harness.send('changePolicy', { organizationId, policy: { ...policy, ...change } });
    expect(await wrongFields(sent)).toEqual([field]);
    expect(await harness.head()).toBe(head);
  });
});

describe('suspendOrganization and resumeOrganization', () => {
  it('suspended: final when answered, after a retry too; repeated and resumed: one event each', async () => {
    const organizationId = await mine();
    const { organization } = await expectFinal(harness, 'suspendOrganization', { organizationId });
    expect(organization.state).toBe('suspended');
    // Suspended already, under another command id: nothing to write, and final all the same.
    await expectFinal(harness, 'suspendOrganization', { organizationId });
    harness.asked.splice(0);
    const resumed = await expectRepeatable(harness, 'resumeOrganization', { organizationId });
    expect(resumed.organization.state).toBe('active');
    expect(harness.asked[0]).toMatchObject({ need: 'visible', position: resumed.position });
    expect(await typesOf(organizationId)).toEqual([
      'OrganizationCreated',
      'OrganizationSuspended',
      'OrganizationResumed',
    ]);
    await expectRepeatable(harness, 'suspendOrganization', { organizationId });
  });

  it('a suspended one takes no other change, from no key any, and is resumed by its owner', async () => {
    const organizationId = await mine();
    const { key } = await harness.createKey({}, { organizationId, role: 'admin' });
    await harness.send('suspendOrganization', { organizationId });
    const input = { organizationId, name: 'No' };
    expect((await problemOf(harness.send('renameOrganization', input))).code).toBe('conflict');
    await expectHidden(harness.send('renameOrganization', input, { actor: keyActor(key.id) }));
    await harness.send('resumeOrganization', { organizationId });
    await harness.send('renameOrganization', input);
  });

  it('refused: foreign, unknown, without the permission', async () => {
    const organizationId = await mine();
    const admin = await join(harness, 'admin', organizationId);
    for (const name of ['suspendOrganization', 'resumeOrganization'] as const) {
      await expectHidden(
        harness.send(name, { organizationId }, { actor: person() }),
        harness.send(name, { organizationId: newId('organization') }),
      );
      await expectForbidden(harness.send(name, { organizationId }, { actor: admin }), 'organization:write');
    }
    expect(await typesOf(organizationId)).not.toContain('OrganizationSuspended');
  });
});
