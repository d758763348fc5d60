/** A key logs a client in: real requests over a real server, in which a fake one stands for nats-server 2.10. */
import {
  makeToken,
  NATS_LOGIN_SUBJECT,
  natsInboxPrefix,
  natsRights,
  ROLE_PERMISSIONS,
  tokenDigest,
  VERIFY_SUBJECT,
  type Role,
  type VerifyReply,
  type VerifyRequest,
} from '@mcpstack/contracts';
import { startNats, waitFor, type LocalServer } from '@mcpstack/testing';
import { createVerifier, type Verifier } from '@mcpstack/verify';
import { createAccount, createCurve, createServer, createUser } from '@nats-io/nkeys';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { Logins } from '../src/logins.ts';
import { MAX_UNDER_WAY, serveLogins } from '../src/nats-login.module.ts';
import { FakeServer, type Asked } from './fake-server.ts';

const LIFE_S = 120;
const issuer = createAccount();
const xkey = createCurve();
const said: string[] = [];
const log = {
  warn: (message: string, more?: object) => said.push(`${message} ${JSON.stringify(more)}`),
  error: (message: string, more?: object) => said.push(`${message} ${JSON.stringify(more)}`),
};
/** What the authorizer answers, by digest. */
const replies = new Map<string, Partial<VerifyReply>>();
const questions: VerifyRequest[] = [];

let nats: LocalServer;
let open: NatsConnection[];
let verifier: Verifier;
let served: { stop(): Promise<void> };
let server: FakeServer;
let authorizer: NatsConnection;

beforeAll(async () => {
  const { publish, subscribe } = natsRights('nats-login');
  const lists = JSON.stringify({ publish, subscribe });
  nats = await startNats({
    jetstream: false,
    config: `authorization { users: [
      { user: server, password: s }
      { user: authorizer, password: a }
      { user: nats-login, password: l, permissions: ${lists} }
    ] }`,
  });
  const as = (user: string, pass: string) =>
    connect({ servers: `127.0.0.1:${nats.port}`, user, pass, inboxPrefix: natsInboxPrefix(user)! });
  open = await Promise.all([as('server', 's'), as('authorizer', 'a'), as('nats-login', 'l')]);
  authorizer = open[1]!;
  verifier = await createVerifier({ nats: open[2]!, timeoutMs: 500 });
  const logins = new Logins({ verifier, issuer, xkey, account: 'KEYS', lifeS: LIFE_S });
  served = serveLogins(open[2]!, logins, log);
  server = new FakeServer(open[0]!, issuer.getPublicKey(), xkey.getPublicKey());
  authorizer.subscribe(VERIFY_SUBJECT, {
    callback: (_, message) => {
      const request = message.json<VerifyRequest>();
      questions.push(request);
      const reply = replies.get(request.digest!) ?? { valid: false, code: 'NOT_FOUND' };
      if (reply.code !== undefined) message.respond(JSON.stringify({ freshForMs: 0, ...reply }));
    },
  });
  await Promise.all(open.map((one) => one.flush()));
});
afterAll(async () => {
  await served?.stop();
  await verifier?.close();
  await Promise.all((open ?? []).map((one) => one.close()));
  await nats?.stop();
});

/** A key that the authorizer answers so. */
function key(reply: Partial<VerifyReply>): string {
  const token = makeToken('service');
  replies.set(tokenDigest(token), reply);
  return token;
}
function valid(role: Role, more: Partial<VerifyReply> = {}): Partial<VerifyReply> {
  const known = { keyId: 'key_1', orgId: 'org_1', kind: 'service', role } as const;
  return { valid: true, code: 'VALID', ...known, permissions: ROLE_PERMISSIONS[role], ...more };
}
const withKey = (token: string, more: Asked = {}, timeoutMs = 20_000) =>
  server.ask({ options: { auth_token: token }, ...more }, timeoutMs);

describe('a key in force', () => {
  const inbox = '_INBOX_verifier.key_1.>';
  const [checks, space] = [['mcpstack.keys.v1.verify', 'mcpstack.keys.v1.verify-batch'], 'org.org_1.>'];

  it.each([
    // Without a list of what it may publish a user may publish everything.
    ['viewer', { deny: ['>'] }, { allow: [inbox, space] }],
    ['developer', { allow: [...checks, space] }, { allow: [inbox, space] }],
    ['owner', { allow: [...checks, space] }, { allow: [inbox, space] }],
  ] as const)('of a %s has the rights of its role, in the account of the clients', async (role, pub, sub) => {
    const { user } = (await withKey(key(valid(role))))!;
    expect(user).toMatchObject({ aud: 'KEYS', name: 'key_1', nats: { pub, sub, subs: 100 } });
    expect(user!.nats).not.toHaveProperty('issuer_account');
    expect(user!.nats).not.toHaveProperty('resp');
  });

  it('that was narrowed has what is left, and one for some servers alone is not let in', async () => {
    const { user } = (await withKey(key(valid('developer', { permissions: ['telemetry:write'] }))))!;
    expect(user!.nats).toMatchObject({ pub: { allow: [space] }, sub: { allow: [inbox] } });
    const scoped = key(valid('developer', { scope: { serverIds: ['srv_1'] } as never }));
    expect(await withKey(scoped)).toMatchObject({ error: 'FORBIDDEN' });
  });

  it('stays connected for the set time, and never longer than it is in force', async () => {
    const now = Date.now() / 1_000;
    const { user } = (await withKey(key(valid('viewer'))))!;
    expect(user!.exp).toBeGreaterThan(now + LIFE_S - 60);
    expect(user!.exp).toBeLessThanOrEqual(Date.now() / 1_000 + LIFE_S);
    const expiresAt = new Date(Date.now() + 30_000).toISOString();
    const soon = (await withKey(key(valid('viewer', { expiresAt }))))!;
    expect(soon.user!.exp).toBe(Math.floor(Date.parse(expiresAt) / 1_000));
    const past = key(valid('viewer', { expiresAt: new Date(Date.now() - 1).toISOString() }));
    expect(await withKey(past)).toMatchObject({ error: 'EXPIRED' });
  });

  it('may be the password, is asked about by its digest alone, and from where the client is', async () => {
    const token = key(valid('viewer'));
    questions.length = 0;
    expect(await server.ask({ options: { user: 'any', pass: token } })).toHaveProperty('user');
    expect(questions).toEqual([
      expect.objectContaining({ digest: tokenDigest(token), ip: '203.0.113.7', expect: { kind: 'service' } }),
    ]);
    expect(JSON.stringify(questions)).not.toContain(token);
  });
});

describe('whoever is not let in', () => {
  it.each([
    'REVOKED',
    'EXPIRED',
    'SUSPENDED',
    'NOT_FOUND',
    'RATE_LIMITED',
    'IP_NOT_ALLOWED',
    'UNAVAILABLE',
  ] as const)('is told %s', async (code) =>
    expect(await withKey(key({ valid: false, code }))).toMatchObject({ error: code }),
  );

  it('is told UNAVAILABLE when no authorizer answers (G4)', async () => {
    expect(await withKey(key({}))).toMatchObject({ error: 'UNAVAILABLE' });
  });

  it.each([
    ['nothing', {}],
    ['an empty token', { auth_token: '' }],
    ['two secrets', { auth_token: makeToken('service'), pass: makeToken('service') }],
    ['what is no key', { pass: 'hunter2' }],
    ['what is no text', { auth_token: 7 }],
  ])('with %s', async (_, options) => {
    expect(await server.ask({ options })).toMatchObject({ error: 'MALFORMED' });
  });
});

describe('a request that no server made, or not now, is not answered', () => {
  const nats = (claims: Record<string, unknown>) => claims['nats'] as Record<string, Record<string, unknown>>;
  const now = () => Math.floor(Date.now() / 1_000);
  const CASES: [string, Asked][] = [
    ['in the clear', { isPlain: true }],
    ['that is no JWT', { text: () => 'hunter2' }],
    ['that was changed', { text: (jwt) => jwt.replace(/\.(.)/, (_, one) => (one === 'e' ? '.f' : '.e')) }],
    ['whose signature is cut off', { text: (jwt) => jwt.slice(0, jwt.lastIndexOf('.') + 1) }],
    ['that a user signed', { signer: createUser() }],
    ['that another server signed', { signer: createServer() }],
    ['that says another key to seal with', { claims: (all) => (nats(all)['server_id']!['xkey'] = 'XA') }],
    ['for another issuer', { claims: (all) => (all['sub'] = createAccount().getPublicKey()) }],
    ['for another service', { claims: (all) => (all['aud'] = 'NATS') }],
    ['of another kind', { claims: (all) => Object.assign(nats(all), { type: 'user' }) }],
    ['whose time is over', { claims: (all) => (all['exp'] = now() - 1) }],
    ['without an end', { claims: (all) => delete all['exp'] }],
    ['with an end in a day', { claims: (all) => (all['exp'] = now() + 86_400) }],
    ['for no user', { claims: (all) => Object.assign(nats(all), { user_nkey: 'UA' }) }],
  ];

  it('whatever is wrong with it; each time the log says that something was, and nothing else', async () => {
    const token = key(valid('owner'));
    said.length = 0;
    const answers = await Promise.all(
      CASES.map(([, asked]) => withKey(token, asked, 3_000).then((it) => it === undefined)),
    );
    // They wait as long as a server would, all at once.
    expect(CASES.filter((_, at) => !answers[at]).map(([name]) => name)).toEqual([]);
    expect(said).toHaveLength(CASES.length);
    // Control: the same request, as it should be.
    expect(await withKey(token)).toHaveProperty('user');
  }, 30_000);

  it('and neither is one that was asked before, while the next one of the same client is', async () => {
    const token = key(valid('owner'));
    const { userNkey } = (await withKey(token))!;
    expect(await server.ask({ options: { auth_token: token }, userNkey }, 500)).toBeUndefined();
    expect(await withKey(token)).toHaveProperty('user');
  });
});

it('G1: no key is in a log, or readable on its way', async () => {
  const token = key(valid('owner'));
  await withKey(token);
  await withKey(token, { signer: createUser() }, 500);
  await server.ask({ options: { pass: `${token}x` } });
  const all = [said.join('\n'), ...server.sent.map((one) => one.toString('latin1'))].join('\n');
  expect(all.length).toBeGreaterThan(500);
  // Control: what is sent in the clear is found there.
  expect(all).toContain('eyJ');
  expect(all).not.toContain(token);
  const inClear = server.sent.map((one) => one.toString('latin1')).filter((one) => one.startsWith('eyJ'));
  expect(inClear).toHaveLength(1);
});

it('more logins at once than can be answered in time are not begun', async () => {
  const other = await startNats({ jetstream: false });
  const connections = await Promise.all([1, 2].map(() => connect({ servers: other.url })));
  const [serves, asks] = connections as [NatsConnection, NatsConnection];
  let begun = 0;
  let release!: () => void;
  const hung = new Promise<void>((resolve) => (release = resolve));
  const slow = { answer: () => ((begun += 1), hung.then(() => new Uint8Array())) };
  const refused: unknown[] = [];
  const busy = serveLogins(serves, slow as unknown as Logins, {
    warn: (_, fields) => refused.push(fields),
    error: () => undefined,
  });
  await serves.flush();
  for (let n = 0; n < MAX_UNDER_WAY + 6; n += 1) asks.publish(NATS_LOGIN_SUBJECT, 'x', { reply: 'answers' });
  await asks.flush();
  await waitFor(() => refused.length === 6, { what: 'those beyond the bound' });
  expect(begun).toBe(MAX_UNDER_WAY);
  expect(new Set(refused.map((fields) => JSON.stringify(fields)))).toEqual(new Set(['{"code":"too-many"}']));
  release();
  await busy.stop();
  await Promise.all(connections.map((connection) => connection.close()));
  await other.stop();
});
