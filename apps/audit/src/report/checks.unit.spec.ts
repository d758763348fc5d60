/** Each check: what it finds, and what it does not; and the numbers of a report. */
import { type Actor, type Role } from '@mcpstack/contracts';
import { codecFor } from '@mcpstack/domain';
import { CHECKS, look, type Settings } from './checks.ts';
import { figuresOf } from './figures.ts';
import { makeReport } from './report.ts';
import { Survey } from './survey.ts';

const NOW = '2026-06-01T00:00:00.000Z';
const SETTINGS: Settings = { nowMs: Date.parse(NOW), days: 90, rotateDays: 365, addresses: 3 };
const ORG = 'org_1';
const ADA: Actor = { type: 'user', id: 'user_ada' };
const BOB: Actor = { type: 'user', id: 'user_bob' };
const CREDENTIAL = { digest: 'ab'.repeat(32), pepperVersion: 1 };
const ago = (days: number): string => new Date(SETTINGS.nowMs - days * 86_400_000).toISOString();

let survey: Survey;
beforeEach(() => {
  survey = new Survey();
  put(
    'organization',
    ORG,
    'OrganizationCreated',
    { organizationId: ORG, name: 'Acme', ownerId: ADA.id },
    ago(900),
  );
  invite('user_bob', 'admin');
});

/** Through the codec, as the log has it. */
function put(
  category: string,
  id: string,
  type: string,
  data: object,
  at = ago(10),
  actor: Actor = ADA,
): void {
  const codec = codecFor(category);
  const encoded = codec.encode({ type, data, at, actor });
  const metadata = { at, actor, schemaVersion: encoded.schemaVersion };
  survey.add({ stream: `${category}-${id}` }, codec.decode({ ...encoded, metadata }));
}

function invite(userId: string, role: Role): void {
  const invitationId = `inv_${userId.slice(5)}`;
  const invited = { invitationId, role, profileId: 'user_p', credential: CREDENTIAL, expiresAt: ago(800) };
  put('organization', ORG, 'MemberInvited', invited, ago(880));
  put('organization', ORG, 'InvitationAccepted', { invitationId, userId, role }, ago(880));
}
const member = (type: string, userId: string, more: object = {}) =>
  put('organization', ORG, type, { userId, ...more });

interface Made {
  role?: Role;
  at?: string;
  by?: Actor;
  expiresAt?: string;
}
/** A key that no check has anything against; `usedAt` false: it was never used. */
function make(id: string, { role = 'viewer', at = ago(30), by = ADA, ...more }: Made = {}): void {
  const made = { keyId: id, organizationId: ORG, kind: 'service', name: id, role, credential: CREDENTIAL };
  put('key', id, 'KeyCreated', { ...made, expiresAt: ago(-100), ...more }, at, by);
}
function use(id: string, at = ago(1), addressPrefix?: string): void {
  const from = addressPrefix === undefined ? {} : { lastUsedFrom: { addressPrefix } };
  put(
    'usage',
    id,
    'KeyUsed',
    { keyId: id, organizationId: ORG, from: at, to: at, count: 2, lastUsedAt: at, ...from },
    at,
  );
}
const change = (id: string, type: string, data: object = {}, at = ago(5)) => put('key', id, type, data, at);

/** The keys that a check finds, with what it says of them. */
function found(id: string): string[] {
  const finding = look(survey, SETTINGS).find(({ check }) => check.id === id)!;
  return finding.keys.map(({ keyId, detail }) => `${keyId}: ${detail}`);
}

it('a key in order: no check has anything against it', () => {
  make('key_fine');
  use('key_fine');
  expect(look(survey, SETTINGS).filter(({ keys }) => keys.length > 0)).toEqual([]);
});

it('used after they ended: later than clocks differ', () => {
  for (const id of ['key_a', 'key_b', 'key_c']) make(id, { expiresAt: ago(2) });
  change('key_a', 'KeyRevoked', { reason: 'requested' }, ago(5));
  use('key_a', new Date(Date.parse(ago(5)) + 60_000).toISOString());
  change('key_b', 'KeyRevoked', { reason: 'requested' }, ago(5));
  use('key_b', new Date(Date.parse(ago(5)) + 2_000).toISOString());
  // By the time of the expiry, not of the event that recorded it.
  put('key', 'key_c', 'KeyExpired', { expiresAt: ago(2) }, ago(1));
  use('key_c', ago(1.5));
  expect(found('used-after-end')).toEqual([
    'key_c: expired 2026-05-30, used 12 hours later',
    'key_a: revoked 2026-05-27, used 60 s later',
  ]);
});

it('exposed and not rotated since', () => {
  for (const id of ['key_a', 'key_b', 'key_c']) {
    make(id);
    use(id);
    change(id, 'KeyExposed', {}, ago(4));
  }
  const rotated = { version: 2, credential: CREDENTIAL, previous: { validUntil: ago(3) } };
  change('key_b', 'KeyRotated', rotated, ago(3));
  change('key_c', 'KeyRevoked', { reason: 'reported-leak', source: 'github' }, ago(3));
  expect(found('exposed')).toEqual(['key_a: exposed 2026-05-28']);
});

it('made by people who left or were suspended, also through keys that they made', () => {
  make('key_bob', { by: BOB });
  make('key_child', { by: { type: 'key', id: 'key_bob' } });
  make('key_ada');
  make('key_setup', { by: { type: 'system', id: 'setup' } });
  expect(found('maker-gone')).toEqual([]);
  member('MemberSuspended', BOB.id);
  change('key_bob', 'KeyRevoked', { reason: 'requested' });
  expect(found('maker-gone')).toEqual(['key_child: user_bob is suspended, through key_bob']);
  member('MemberRemoved', BOB.id);
  expect(found('maker-gone')).toEqual(['key_child: user_bob is no member, through key_bob']);
});

it('keys that name each other as their makers hold nothing up', () => {
  make('key_a', { by: { type: 'key', id: 'key_b' } });
  make('key_b', { by: { type: 'key', id: 'key_a' } });
  expect(found('maker-gone')).toEqual([]);
});

it('may do more than their maker may now; narrowed ones do not', () => {
  make('key_a', { by: BOB, role: 'admin' });
  make('key_b', { by: BOB, role: 'admin' });
  make('key_c', { by: BOB, role: 'viewer' });
  expect(found('beyond-maker')).toEqual([]);
  member('MemberRoleChanged', BOB.id, { role: 'developer' });
  change('key_b', 'KeyNarrowed', { permissions: ['servers:read'] });
  expect(found('beyond-maker')).toEqual(['key_a: admin, but user_bob is developer']);
});

it('owner and admin keys that nobody used', () => {
  make('key_admin', { role: 'admin', at: ago(200) });
  use('key_admin', ago(100));
  make('key_owner', { role: 'owner', at: ago(200) });
  make('key_new', { role: 'owner', at: ago(89) });
  make('key_used', { role: 'owner', at: ago(200) });
  use('key_used', ago(89));
  make('key_viewer', { at: ago(200) });
  expect(found('privileged-unused')).toEqual([
    'key_owner: owner, never used for 200 days',
    'key_admin: admin, unused for 100 days',
  ]);
});

it('live keys of a suspended organization', () => {
  make('key_a');
  make('key_b');
  change('key_b', 'KeySuspended');
  expect(found('suspended-organization')).toEqual([]);
  put('organization', ORG, 'OrganizationSuspended', {});
  expect(found('suspended-organization')).toEqual(['key_a: viewer']);
});

it('without an expiry; not those that have ended by the clock', () => {
  make('key_a');
  const created = {
    keyId: 'key_b',
    organizationId: ORG,
    kind: 'service',
    name: 'b',
    role: 'viewer',
    credential: CREDENTIAL,
  };
  put('key', 'key_b', 'KeyCreated', created, ago(50));
  make('key_c', { expiresAt: ago(1) });
  expect(found('no-expiry')).toEqual(['key_b: made 50 days ago']);
  expect(found('never-used')).toEqual(['key_b: made 50 days ago', 'key_a: made 30 days ago']);
});

it('secrets that are not changed for a year', () => {
  make('key_a', { at: ago(400) });
  make('key_b', { at: ago(400) });
  make('key_c', { at: ago(364) });
  change(
    'key_b',
    'KeyRotated',
    { version: 2, credential: CREDENTIAL, previous: { validUntil: ago(99) } },
    ago(100),
  );
  expect(found('old-secret')).toEqual(['key_a: secret is 400 days old']);
});

it('many networks within the days; what was longer ago does not count', () => {
  for (const id of ['key_a', 'key_b']) make(id, { at: ago(300) });
  for (const [index, prefix] of [
    '192.0.2.0/24',
    '198.51.100.0/24',
    '203.0.113.0/24',
    '203.0.113.0/24',
  ].entries()) {
    use('key_a', ago(index + 1), prefix);
    use('key_b', ago(index === 0 ? 91 : 1), prefix);
  }
  expect(found('many-addresses')).toEqual(['key_a: at least 3 networks']);
});

it('memory for networks is bounded', () => {
  make('key_a');
  for (let n = 0; n < 1_000; n += 1) use('key_a', ago(1), `10.${n >> 8}.${n & 255}.0/24`);
  expect(found('many-addresses')).toEqual(['key_a: at least 64 networks']);
});

it('never used, and not used for 90 days; a key of today may be unused', () => {
  make('key_a', { at: ago(200) });
  use('key_a', ago(90));
  make('key_b', { at: ago(200) });
  use('key_b', ago(89));
  make('key_c', { at: ago(2) });
  make('key_d', { at: ago(0.5) });
  expect(found('unused')).toEqual(['key_a: last used 90 days ago']);
  expect(found('never-used')).toEqual(['key_c: made 2 days ago']);
});

it('the numbers: states, roles, ages, weeks', () => {
  make('key_a', { role: 'admin', at: ago(400) });
  use('key_a', ago(1));
  make('key_b', { at: ago(100) });
  make('key_c');
  change('key_c', 'KeyRevoked', { reason: 'reported-leak', source: 'github' });
  make('key_d');
  change('key_d', 'KeySuspended');
  make('key_e', { expiresAt: ago(1) });
  const figures = figuresOf(survey, SETTINGS);
  expect(figures).toMatchObject({
    organizations: { active: 1, suspended: 0 },
    members: { active: 2, suspended: 0 },
    keys: { live: 2, suspended: 1, expired: 1, revoked: 1, revokedForLeak: 1 },
    uses: 2,
  });
  const counts = (bars: readonly { label: string; count: number }[]) =>
    bars.filter(({ count }) => count > 0).map(({ label, count }) => [label, count]);
  expect(counts(figures.byRole)).toEqual([
    ['admin', 1],
    ['viewer', 1],
  ]);
  expect(counts(figures.byLastUse)).toEqual([
    ['under 7 days', 1],
    ['never', 1],
  ]);
  expect(counts(figures.bySecretAge)).toEqual([
    ['90 to 180 days', 1],
    ['over 365 days', 1],
  ]);
  expect(counts(figures.usesByWeek)).toEqual([['2026-05-28', 2]]);
});

it('of one organization alone', () => {
  survey = new Survey(ORG);
  put('organization', ORG, 'OrganizationCreated', { organizationId: ORG, name: 'Acme', ownerId: ADA.id });
  put('organization', 'org_2', 'OrganizationCreated', {
    organizationId: 'org_2',
    name: 'Other',
    ownerId: ADA.id,
  });
  make('key_a');
  const other = {
    keyId: 'key_b',
    organizationId: 'org_2',
    kind: 'service',
    name: 'b',
    role: 'viewer',
    credential: CREDENTIAL,
  };
  put('key', 'key_b', 'KeyCreated', other);
  put('key', 'key_b', 'KeyExposed', {});
  expect([...survey.keys.keys()]).toEqual(['key_a']);
  expect(survey.organizationIds()).toEqual([ORG]);
});

it('the worst comes first, and no secret is in it', () => {
  make('key_a', { at: ago(400) });
  change('key_a', 'KeyExposed');
  const report = makeReport({
    survey,
    settings: SETTINGS,
    log: { id: 'log' },
    until: 7n,
    organizationId: undefined,
    most: 10_000,
  });
  const order = report.findings.map(({ severity }) => severity);
  expect(order).toEqual([...order].sort((a, b) => 'hml'.indexOf(a[0]!) - 'hml'.indexOf(b[0]!)));
  expect(report.findings).toHaveLength(CHECKS.length);
  expect(JSON.stringify(report)).not.toContain('abab');
});
