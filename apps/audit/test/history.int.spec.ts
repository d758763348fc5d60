/** `history`: what is told of a key, a person, an organization; what is not; and what it says where it cannot tell. */
import { openEventStore, type EventStore } from '@mcpstack/event-store';
import { startNats, type LocalServer } from '@mcpstack/local-servers';
import { LogWriter } from './log-writer.ts';
import { runAudit } from './run-audit.ts';

const [ORG, OWNER, DEV, KEY, OTHER, AGENT] = [
  'org_1',
  'user_owner',
  'user_dev',
  'key_ci',
  'key_made',
  'agent_1',
];
const CREDENTIAL = { digest: 'a'.repeat(64), pepperVersion: 1 };
const HOSTILE = '\u001b[2Jci\u202e\nAdmin';
const [owner, dev, system] = [
  { type: 'user', id: OWNER },
  { type: 'user', id: DEV },
  { type: 'system', id: 'issuance' },
] as const;

let nats: LocalServer;
let store: EventStore;
let writer: LogWriter;
let hour = 0;
const at = () => `2026-05-01T${String((hour += 1)).padStart(2, '0')}:00:00.000Z`;
beforeAll(async () => {
  nats = await startNats();
  store = await openEventStore(nats.url);
  writer = new LogWriter(store);
  const key = (keyId: string, name: string) => ({
    ...{
      keyId,
      organizationId: ORG,
      kind: 'service',
      name,
      role: 'developer' as const,
      credential: CREDENTIAL,
    },
  });
  const profile = (userId: string, name: string) => ({
    userId,
    name,
    email: `${name.toLowerCase()}@example.com`,
  });
  await writer.put('organization', ORG, {
    ...{ type: 'OrganizationCreated', at: at(), actor: owner, requestId: 'req-setup' },
    data: { organizationId: ORG, name: 'Acme', ownerId: OWNER },
  });
  await writer.put('user', OWNER, {
    type: 'UserProfileChanged',
    at: at(),
    actor: owner,
    data: profile(OWNER, 'Olga'),
  });
  await writer.put('user', DEV, {
    type: 'UserProfileChanged',
    at: at(),
    actor: dev,
    data: profile(DEV, 'Dimitri'),
  });
  await writer.put('organization', ORG, {
    ...{ type: 'InvitationAccepted', at: at(), actor: dev, requestId: 'req-join' },
    data: { invitationId: 'inv_1', userId: DEV, role: 'developer' },
  });
  await writer.put('key', KEY, {
    type: 'KeyCreated',
    at: at(),
    actor: dev,
    requestId: 'req-key',
    data: key(KEY, HOSTILE),
  });
  await writer.put('usage', KEY, {
    ...{ type: 'KeyUsed', at: at(), actor: { type: 'system', id: 'authorizer' } },
    data: {
      ...{
        keyId: KEY,
        organizationId: ORG,
        from: '2026-05-01T05:00:00.000Z',
        to: '2026-05-01T05:00:10.000Z',
      },
      ...{ count: 1234, lastUsedAt: '2026-05-01T05:00:09.000Z' },
    },
  });
  await writer.put('key', OTHER, {
    ...{ type: 'KeyCreated', at: at(), actor: { type: 'key', id: KEY }, requestId: 'req-made' },
    data: key(OTHER, 'made by a key'),
  });
  await writer.put('agent', AGENT, {
    ...{ type: 'AgentCreated', at: at(), actor: owner },
    data: { agentId: AGENT, organizationId: ORG, name: 'Concierge' },
  });
  await writer.put('agent', AGENT, {
    ...{ type: 'AgentDomainAdded', at: at(), actor: owner },
    data: { domainId: 'dom_1', domain: 'example.com', challenge: 'c' },
  });
  await writer.put('organization', ORG, {
    ...{ type: 'MemberRemoved', at: at(), actor: owner, requestId: 'req-remove' },
    data: { userId: DEV },
  });
  await writer.put('key', KEY, {
    ...{ type: 'KeyRevoked', at: at(), actor: system, requestId: 'req-remove' },
    data: { reason: 'maker-lost-rights' },
  });
  await writer.put('user', DEV, {
    type: 'UserProfileErased',
    at: at(),
    actor: dev,
    data: { userId: DEV, erased: [] },
  });
});
afterAll(async () => {
  await store.close();
  await nats.stop();
});

const history = (...args: string[]) => runAudit(['history', ...args], { env: { EVENT_STORE_URL: nats.url } });

interface Told {
  kind: string;
  name?: string;
  events: {
    position: string;
    type: string;
    what: string;
    at: string;
    actor: { id: string; name?: string };
    requestId: string;
    with: { type: string; subject: { id: string } }[];
    isBy: boolean;
  }[];
  use?: { count: number };
}
const told = async (id: string) => {
  const ran = await history(id, '--json');
  expect(ran).toMatchObject({ exitCode: 0, stderr: '' });
  return ran.json<Told>();
};

describe('the history', () => {
  it('of a key: what happened to it, who did it, by which request, why, and its use', async () => {
    const { kind, events, use } = await told(KEY);
    expect(kind).toBe('key');
    expect(events).toMatchObject([
      { type: 'KeyCreated', actor: { id: DEV }, requestId: 'req-key', with: [], isBy: false },
      { type: 'KeyCreated', actor: { id: KEY }, requestId: 'req-made', isBy: true },
      {
        ...{ type: 'KeyRevoked', what: 'key revoked: its maker lost the rights that it holds' },
        // What led to it.
        with: [{ type: 'MemberRemoved', subject: { id: DEV } }],
      },
    ]);
    expect(use).toMatchObject({ count: 1_234 });
  });

  it('of a person: what they did and what was done to them, and nothing personal', async () => {
    const { stdout } = await history(DEV);
    const { events } = await told(DEV);
    expect(events.map(({ type }) => type)).toEqual([
      ...['UserProfileChanged', 'InvitationAccepted', 'KeyCreated', 'MemberRemoved', 'UserProfileErased'],
    ]);
    expect(events.at(-2)).toMatchObject({
      actor: { id: OWNER, name: 'Olga' },
      with: [{ type: 'KeyRevoked' }],
    });
    // Their profile was erased: not even their name is left. Of who stays, the name alone is shown.
    expect(stdout).not.toMatch(/Dimitri|@example/i);
    expect(stdout).toContain('"Olga"');
    expect((await told(OWNER)).name).toBe('Olga');
    expect(JSON.stringify(await told(OWNER))).not.toMatch(/Dimitri|@example/i);
  });

  it('of an organization: all that is in it', async () => {
    const { events, use } = await told(ORG);
    expect(events.map(({ type }) => type)).toEqual([
      ...['OrganizationCreated', 'InvitationAccepted', 'KeyCreated', 'KeyCreated', 'AgentCreated'],
      ...['AgentDomainAdded', 'MemberRemoved', 'KeyRevoked'],
    ]);
    expect(use).toMatchObject({ count: 1_234 });
  });

  it.each([
    [AGENT, ['AgentCreated', 'AgentDomainAdded']],
    ['dom_1', ['AgentDomainAdded']],
    ['inv_1', ['InvitationAccepted']],
  ])('of %s', async (id, types) => {
    expect((await told(id)).events.map(({ type }) => type)).toEqual(types);
  });

  it('goes on after a position, and says that nothing more comes', async () => {
    const [first, ...rest] = (await told(KEY)).events;
    const ran = await history(KEY, '--after', first!.position, '--json');
    expect(ran.json()).toMatchObject({ events: rest, more: null, relatedCut: false, use: { count: 1_234 } });
    expect((await history(KEY, '--after', first!.position)).stdout).toContain('2 events after position');
    expect(await history(KEY, '--after', '2026-05-01')).toMatchObject({ exitCode: 2, stdout: '' });
  });

  it('in lines for a terminal of 80 columns, whatever a name would do to it', async () => {
    const { stdout } = await history(KEY);
    expect(stdout).not.toMatch(/(?!\n)\p{Control}|\p{Bidi_Control}/u);
    expect(Math.max(...stdout.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(80);
    expect(stdout).toContain('with: member removed, user_dev, position');
    expect(stdout).toContain('It was used 1,234 times');
  });
});

describe('what cannot be told', () => {
  it.each([
    ['key_nobody', 'The log says nothing of key_nobody'],
    ['olga', '"olga" is no id'],
    ['planet_1', 'no id'],
    ['key_' + HOSTILE, 'no id'],
  ])('%j: exit 2', async (id, text) => {
    const { exitCode, stderr } = await history(id);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(text);
    expect(stderr).not.toMatch(/(?!\n)\p{Control}/u);
  });

  it('an event that it does not know: exit 3, it may have been about this', async () => {
    const metadata = { at: at(), actor: system, schemaVersion: 7 };
    const id = 'e1c9a1d2-0000-4000-8000-000000000001';
    await writer.putStored('key-key_strange', [{ id, type: 'KeyTeleported', data: {}, metadata }]);
    const ran = await history(KEY);
    expect(ran.exitCode).toBe(3);
    expect(ran.stdout).toContain('key created');
    expect(ran.stderr).toContain('KeyTeleported at position');
    expect((await history('key_strange')).exitCode).toBe(3);
  });
});
