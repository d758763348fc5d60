/** What others are told of events (G1): for every event of ours, and nothing of a credential or a person in it. */
import { readFileSync } from 'node:fs';
import {
  AUDIT_EVENT_SUBJECTS,
  AUDIT_EVENT_TYPES,
  AUDIT_SUBJECTS,
  describeEvent,
  type AuditEvent,
} from '@mcpstack/contracts';
import { auditEventOf, CATEGORIES, codecFor } from '../src/index.ts';
import { GOLDEN_EVENTS } from './golden-events.ts';

/** Of use, of people and of checkpoints nothing is told. */
const UNTOLD = ['usage', 'user', 'checkpoint'];
const ORGANIZATION = 'org_0000000000000000000001';
const STREAM_IDS: Readonly<Record<string, string>> = {
  organization: ORGANIZATION,
  agent: 'agent_0000000000000000000001',
  server: 'srv_0000000000000000000001',
  key: 'key_0000000000000000000001',
  webhook: 'whk_0000000000000000000001',
};

type Golden = (typeof GOLDEN_EVENTS)[string];
const told = (golden: Golden): AuditEvent | undefined =>
  auditEventOf(
    {
      id: '0b6f7e6c-7a3c-4b52-9a53-0d9a1f3e5b7d',
      stream: `${golden.category}-${STREAM_IDS[golden.category] ?? 'x'}`,
      position: 9_007_199_254_740_991n,
      metadata: { $correlationId: 'request-1', requestDigest: 'd'.repeat(64), salt: 'c2FsdA==' },
    },
    golden.event,
    ORGANIZATION,
  );
const goldens = Object.entries(GOLDEN_EVENTS);
const all = goldens.map(([name, golden]) => ({ name, golden, event: told(golden) }));

/** Names of fields that must not get out, and the values that stand for them in the golden files. */
const FORBIDDEN = [
  /"(credential|digest|pepperVersion|profileId|email|challenge|value|hint|requestDigest|salt|note)"/,
  /[0-9a-f]{64}/,
  /ada@example\.com|Ada Example|mcpstack_pk_|mcpstack-verify=/,
];
const leaksIn = (value: unknown): boolean => FORBIDDEN.some((pattern) => pattern.test(JSON.stringify(value)));

describe('what others are told', () => {
  it('is every type of event of every category of ours, but of use, people and checkpoints', () => {
    const types = (categories: readonly string[]) =>
      categories.flatMap((category) => Object.keys(codecFor(category).versions)).sort();
    const of = (isTold: boolean) => CATEGORIES.filter((category) => UNTOLD.includes(category) !== isTold);
    expect([...AUDIT_EVENT_TYPES].sort()).toEqual(types(of(true)));
    for (const { golden, event } of all)
      expect([golden.event.type, event !== undefined]).toEqual([
        golden.event.type,
        !UNTOLD.includes(golden.category),
      ]);
    expect(types(of(false))).toContain('KeyUsed');
  });

  it('holds nothing of credentials, digests or people; control: the same search finds what is stored', () => {
    const told = all.flatMap(({ event }) => (event ? [event] : []));
    expect(told.length).toBeGreaterThan(45);
    for (const event of told) {
      expect([event.type, leaksIn(event)]).toEqual([event.type, false]);
      expect([event.type, leaksIn(describeEvent(event))]).toEqual([event.type, false]);
    }
    const stored = all.filter(({ golden }) => leaksIn(golden.event.data)).map(({ name }) => name);
    expect(stored).toEqual(
      expect.arrayContaining([
        'KeyCreated.v1',
        'KeyRotated.v1',
        'MemberInvited.v1',
        'PublicKeyCreated.v1',
        'AgentDomainAdded.v1',
        'AgentDomainContested.v1',
        'UserProfileChanged.v1',
      ]),
    );
    expect(leaksIn({ ...told[0]!, data: { digest: '' } })).toBe(true);
  });

  it('is all that the event says but for what is withheld by name', () => {
    const withheld: Record<string, string[]> = {};
    for (const { golden, event } of all) {
      if (!event) continue;
      const shown = Object.keys(event.data);
      const rest = Object.keys(golden.event.data as object).filter((field) => !shown.includes(field));
      const fields = rest.filter((field) => !['organizationId', `${event.subject.kind}Id`].includes(field));
      for (const field of fields) (withheld[field] ??= []).push(event.type);
    }
    expect(
      Object.fromEntries(Object.entries(withheld).map(([field, types]) => [field, [...new Set(types)]])),
    ).toEqual({
      credential: expect.arrayContaining([
        'KeyCreated',
        'KeyRotated',
        'MemberInvited',
        'PublicKeyCreated',
      ]) as unknown,
      kind: ['KeyCreated'],
      hint: ['KeyCreated', 'KeyRotated'],
      value: ['PublicKeyCreated'],
      profileId: ['MemberInvited'],
      // The subject, under another name.
      userId: ['MemberRoleChanged', 'MemberSuspended', 'MemberResumed', 'MemberRemoved'],
      challenge: ['AgentDomainAdded', 'AgentDomainContested'],
      // Of the address the origin is told, of a secret that there is one.
      url: ['WebhookCreated', 'WebhookUrlChanged'],
      secret: ['WebhookCreated'],
      keyVersion: ['WebhookSecretRotated'],
    });
  });

  it('names who, when, where, about what, and the request', () => {
    const found = all.find(({ name }) => name === 'KeyRevoked.v2')!.event;
    expect(found).toEqual({
      id: '0b6f7e6c-7a3c-4b52-9a53-0d9a1f3e5b7d',
      type: 'KeyRevoked',
      at: '2026-11-24T08:00:00.000Z',
      actor: { type: 'system', id: 'gateway' },
      organizationId: ORGANIZATION,
      subject: { kind: 'key', id: 'key_0000000000000000000001' },
      requestId: 'request-1',
      position: '9007199254740991',
      data: { reason: 'reported-leak', source: 'github' },
    });
  });

  it('names the subject by an id of its kind', () => {
    for (const { event } of all)
      if (event) {
        expect(event.subject.kind).toBe(AUDIT_EVENT_SUBJECTS[event.type]);
        expect(event.subject.id).toMatch(new RegExp(`^${AUDIT_SUBJECTS[event.subject.kind]}_`));
      }
  });
});

describe('in words', () => {
  const words = new Map(
    all.flatMap(({ name, event }) => (event ? [[name, describeEvent(event)] as const] : [])),
  );

  it('every event has one line of its own, and says nothing that is undefined', () => {
    for (const [name, text] of words)
      expect([name, /^[a-z][^\n]{5,}$/.test(text) && !/undefined|\[object|null/.test(text)]).toEqual([
        name,
        true,
      ]);
    const currentOf = new Map(
      all.flatMap(({ event }) => (event ? [[event.type, describeEvent(event)] as const] : [])),
    );
    expect(new Set(currentOf.values()).size).toBe(AUDIT_EVENT_TYPES.length);
  });

  it.each([
    ['KeyRevoked.v2', 'key revoked: reported as a leak by "github"'],
    ['KeyRevoked.v1', 'key revoked: on request'],
    ['KeyRotated.v1', 'key rotated: secret 2; the one before is good until 2027-02-28T08:00:00.000Z'],
    ['KeyCreated.v1.narrowed', 'key created: "telemetry", role developer, only servers:read telemetry:write'],
    ['MemberRoleChanged.v1', 'member given another role: viewer'],
    [
      'OrganizationPolicyChanged.v1',
      'policy for keys changed: at most 90 days, expiry required, roles developer viewer, revoked when the maker loses the rights',
    ],
  ])('%s', (name, expected) => expect(words.get(name)).toBe(expected));

  it('spells out what a name could do to a terminal', () => {
    const { golden } = all.find(({ name }) => name === 'KeyRenamed.v1')!;
    const event = { ...golden.event, data: { name: '\u001b[2Jgone\n' } };
    expect(describeEvent(told({ ...golden, event })!)).toBe('key renamed: "\\u001b[2Jgone\\n"');
  });
});

it('a stored golden event goes through its codec and comes out likewise', () => {
  const text = readFileSync(new URL('./golden/KeyCreated.v2.json', import.meta.url), 'utf8');
  const stored = JSON.parse(text) as { type: string; data: unknown; metadata: Record<string, unknown> };
  const event = auditEventOf(
    { id: 'x', stream: 'key-key_0000000000000000000001', position: 1n, metadata: stored.metadata },
    codecFor('key').decode(stored),
    ORGANIZATION,
  );
  expect(event).toMatchObject({ type: 'KeyCreated', data: { role: 'admin', environment: 'production' } });
});
