/** `as-of`, asked as a person asks it: moments in every spelling, whom and what about, and what is said of what is not there. */
import { openEventStore, type EventStore } from '@mcpstack/event-store';
import { startNats, type LocalServer } from '@mcpstack/local-servers';
import { LogWriter } from './log-writer.ts';
import { runAudit } from './run-audit.ts';

const NOW = '2026-06-01T00:00:00.000Z';
const [ORG, OWNER, DEV, KEY] = ['org_1', 'user_owner', 'user_dev', 'key_ci'];
const CREDENTIAL = { digest: 'a'.repeat(64), pepperVersion: 1 };
const HOSTILE = '\u001b[2Jci\u202e\nAdmin';

let nats: LocalServer;
let store: EventStore;
let writer: LogWriter;
beforeAll(async () => {
  nats = await startNats();
  store = await openEventStore(nats.url);
  writer = new LogWriter(store);
  const [owner, dev] = [
    { type: 'user', id: OWNER },
    { type: 'user', id: DEV },
  ] as const;
  await writer.put('organization', ORG, {
    ...{ type: 'OrganizationCreated', at: '2026-05-01T08:00:00.000Z', actor: owner },
    data: { organizationId: ORG, name: 'Acme', ownerId: OWNER },
  });
  await writer.put('user', OWNER, {
    ...{ type: 'UserProfileChanged', at: '2026-05-01T08:00:00.000Z', actor: owner },
    data: { userId: OWNER, name: 'Olga' },
  });
  await writer.put('user', DEV, {
    ...{ type: 'UserProfileChanged', at: '2026-05-01T08:00:00.000Z', actor: dev },
    data: { userId: DEV, name: 'Dev Erased' },
  });
  await writer.put(
    'organization',
    ORG,
    {
      ...{ type: 'MemberInvited', at: '2026-05-02T08:00:00.000Z', actor: owner },
      data: {
        ...{ invitationId: 'inv_1', role: 'viewer', profileId: DEV, credential: CREDENTIAL },
        expiresAt: '2026-05-12T08:00:00.000Z',
      },
    },
    {
      ...{ type: 'InvitationAccepted', at: '2026-05-02T09:00:00.000Z', actor: dev },
      data: { invitationId: 'inv_1', userId: DEV, role: 'viewer' },
    },
    {
      ...{ type: 'MemberRoleChanged', at: '2026-05-03T10:00:00.000Z', actor: owner },
      data: { userId: DEV, role: 'developer' },
    },
  );
  await writer.put(
    'key',
    KEY,
    {
      ...{ type: 'KeyCreated', at: '2026-05-03T11:00:00.000Z', actor: owner },
      data: {
        ...{ keyId: KEY, organizationId: ORG, kind: 'service', name: HOSTILE, role: 'developer' },
        ...{ credential: CREDENTIAL, expiresAt: '2026-07-01T00:00:00.000Z', allowedIps: ['10.0.0.0/8'] },
      },
    },
    {
      ...{ type: 'KeyRotated', at: '2026-05-04T11:00:00.000Z', actor: owner },
      data: {
        ...{ version: 2, credential: { ...CREDENTIAL, digest: 'b'.repeat(64) } },
        previous: { validUntil: '2026-05-05T11:00:00.000Z' },
      },
    },
  );
  await writer.put('user', DEV, {
    ...{ type: 'UserProfileErased', at: '2026-05-06T08:00:00.000Z', actor: dev },
    data: { userId: DEV, erased: [] },
  });
});
afterAll(async () => {
  await store.close();
  await nats.stop();
});

const asOf = (...args: string[]) =>
  runAudit(['as-of', ...args], { env: { EVENT_STORE_URL: nats.url }, now: () => NOW });

interface Told {
  time: string;
  existed?: boolean;
  why?: string;
  notes: string[];
  holders: { id: string; since: string; role: string; why: string; name?: string }[];
  keys: { verdict: { code: string }; secrets: number[] }[];
  organizations: { id: string; members: number; keys: number; validKeys: number }[];
  members: { userId: string; role: string; permissions: string[] }[];
}
const told = async (...args: string[]) => {
  const ran = await asOf(...args, '--json');
  expect(ran).toMatchObject({ exitCode: 0, stderr: '' });
  return ran.json<Told>();
};

describe('who could have called servers:write on 3 May at noon?', () => {
  it('is answered with people and keys, their role, since when and why', async () => {
    const { holders } = await told('2026-05-03T12:00:00Z', '--permission', 'servers:write');
    expect(holders).toMatchObject([
      { id: OWNER, role: 'owner', name: 'Olga', since: '2026-05-01T08:00:00.000Z' },
      { id: DEV, role: 'developer', since: '2026-05-03T10:00:00.000Z', why: `made developer by ${OWNER}` },
      { id: KEY, role: 'developer', since: '2026-05-03T11:00:00.000Z', why: `made by ${OWNER}` },
    ]);
    // Their profile was erased since: their name is shown no more, though it stood at that time.
    expect(holders[1]).not.toHaveProperty('name');
  });

  it('two hours before, the member was a viewer and the key was not there', async () => {
    const { holders } = await told('2026-05-03T09:59:59.999Z', '--permission', 'servers:write');
    expect(holders.map(({ id }) => id)).toEqual([OWNER]);
    const read = await told('2026-05-03T12:00:00Z', '--permission', 'servers:read', '--member', DEV);
    expect(read.holders).toMatchObject([{ id: DEV, since: '2026-05-02T09:00:00.000Z' }]);
  });

  it('in lines for a terminal of 80 columns, whatever a name would do to it', async () => {
    const { stdout } = await asOf('2026-05-03T12:00:00Z', '--permission', 'servers:write');
    expect(stdout).not.toMatch(/(?!\n)\p{Control}|\p{Bidi_Control}/u);
    expect(stdout).toContain(`key ${KEY}`);
    expect(stdout).toContain('only from 10.0.0.0/8');
    expect(Math.max(...stdout.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(80);
  });
});

describe('what is asked about', () => {
  it('an organization: its members and keys', async () => {
    const { organizations, members, keys } = await told('2026-05-04', '--organization', ORG);
    expect(organizations).toMatchObject([{ id: ORG, members: 2, keys: 1, validKeys: 1 }]);
    expect([members.length, keys.length]).toEqual([2, 1]);
    expect((await told('now')).organizations).toMatchObject([{ id: ORG, members: 2, keys: 1, validKeys: 1 }]);
  });

  it.each([
    ['before its rotation', '2026-05-04T10:59:59Z', 'VALID', [1]],
    ['while both secrets worked', '2026-05-04T11:00:00Z', 'VALID', [1, 2]],
    ['to the last moment of the overlap', '2026-05-05T10:59:59.999Z', 'VALID', [1, 2]],
    ['after it', '2026-05-05T11:00:00Z', 'VALID', [2]],
    ['ahead, before its expiry', '2026-06-30T23:59:59.999Z', 'VALID', [2]],
    ['ahead, at its expiry', '2026-07-01T00:00:00Z', 'EXPIRED', []],
  ])('a key, %s', async (_, time, code, secrets) => {
    expect((await told(time, '--key', KEY)).keys).toMatchObject([{ verdict: { code }, secrets }]);
  });

  it('a person: where they were a member, and what they could do', async () => {
    const { members } = await told('2026-05-02T10:00:00Z', '--member', DEV);
    expect(members).toMatchObject([{ userId: DEV, role: 'viewer' }]);
    expect(members[0]!.permissions).not.toContain('servers:write');
  });

  it('a position of the log, exactly', async () => {
    let position = '';
    for await (const event of store.readStream(`key-${KEY}`))
      if (event.revision === 0n) position = `${event.position}`;
    const { keys, time } = await told('--position', position, '--key', KEY);
    expect(keys).toMatchObject([{ verdict: { code: 'VALID' }, secrets: [1] }]);
    expect(time).toBe('2026-05-03T11:00:00.000Z');
    const before = await told('--position', `${BigInt(position) - 1n}`, '--key', KEY);
    expect(before).toMatchObject({ existed: false });
    const judged = await told('2026-07-01T00:00:00Z', '--position', position, '--key', KEY);
    expect(judged.keys).toMatchObject([{ verdict: { code: 'EXPIRED' } }]);
  });
});

describe('moments', () => {
  it.each([
    ['2026-05-03T14:00:00+02:00', '2026-05-03T12:00:00.000Z'],
    ['2026-05-03t17:45:00+05:45', '2026-05-03T12:00:00.000Z'],
    ['2026-05-02T23:30:00-12:30', '2026-05-03T12:00:00.000Z'],
    ['2026-05-03 12:00:00.1239z', '2026-05-03T12:00:00.123Z'],
    ['2026-05-03', '2026-05-03T00:00:00.000Z'],
  ])('%s is %s', async (time, at) => {
    expect((await told(time)).time).toBe(at);
  });

  it.each([
    ['2026-05-03T12:00:00', 'names no zone', '2026-05-03T12:00:00Z for UTC'],
    ['2026-05-03 12:00', 'names no zone', '2026-05-03T12:00:00+02:00'],
    ['2026-02-30', 'TIME is no time', '2026-05-03T12:00:00Z'],
    ['2026-05-03T12:00:00 Europe/Berlin', 'TIME is no time', 'with its offset'],
    ['2026-05-03T12:00:00+25:00', 'TIME is no time', 'with its offset'],
    ['3 May 2026', 'TIME is no time', 'with its offset'],
    ['03/05/2026', 'TIME is no time', 'with its offset'],
    ['1777809600', 'TIME is no time', 'with its offset'],
  ])('%s is refused with how it is written', async (time, text, spelling) => {
    const { exitCode, stderr } = await asOf(time);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(text);
    expect(stderr).toContain(spelling);
  });

  it('before the log: nothing existed, and it is said', async () => {
    expect(await told('2020-01-01')).toMatchObject({ existed: false });
    const { stdout, exitCode } = await asOf('1996-01-01T00:00:00Z', '--permission', 'servers:write');
    expect({ stdout, exitCode }).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('nothing existed') as string,
    });
  });

  it('in the future: the log as it stands, and it is said', async () => {
    const { notes } = await told('2036-01-01T00:00:00Z', '--key', KEY);
    expect(notes.join()).toContain('lies ahead');
  });
});

describe('what cannot be told', () => {
  it.each([
    [['2026-05-03T10:30:00Z', '--key', KEY], 'did not exist yet: it was made at 2026-05-03T11:00:00.000Z'],
    [['2026-05-01T09:00:00Z', '--member', DEV], 'no member of any organization then'],
  ])('%j: %s', async (args, why) => {
    expect((await told(...args)).why).toContain(why);
  });

  it.each([
    [['2026-05-04', '--key', 'key_nobody'], 'The log knows no key key_nobody'],
    [['2026-05-04', '--organization', 'org_2'], 'The log knows no organization org_2'],
    [['2026-05-04', '--member', 'user_nobody'], 'names no member user_nobody'],
    [['2026-05-04', '--key', 'org_1'], '--key is no id'],
    [['2026-05-04', '--permission', 'servers:fly'], 'There is no permission "servers:fly"'],
    [['--position', 'x'], '--position is no position'],
    [[], 'No moment is named'],
  ])('%j: exit 2, %s', async (args, text) => {
    const { exitCode, stderr, stdout } = await asOf(...args);
    expect(stderr).toContain(text);
    expect({ exitCode, stdout: stdout.includes(HOSTILE) }).toEqual({ exitCode: 2, stdout: false });
  });

  it('an event that is not known: exit 3, but not where it is of another organization, or came later', async () => {
    const unknown = {
      id: 'e1c9a1d2-0000-4000-8000-000000000000',
      type: 'OrganizationTeleported',
      data: {},
      metadata: { at: '2026-05-10T00:00:00.000Z', actor: { type: 'system', id: 'x' }, schemaVersion: 1 },
    };
    await writer.putStored('organization-org_other', [unknown]);
    const after = await asOf('2026-05-20T00:00:00Z');
    expect(after.exitCode).toBe(3);
    expect(after.stderr).toContain('OrganizationTeleported at position');
    expect((await asOf('2026-05-20T00:00:00Z', '--organization', ORG)).exitCode).toBe(0);
    expect((await asOf('2026-05-09T00:00:00Z')).exitCode).toBe(0);
  });
});
