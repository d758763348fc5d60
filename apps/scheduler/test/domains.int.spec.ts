import {
  CHECK_DOMAIN_SUBJECT,
  newId,
  ProblemError,
  type AgentDomain,
  type CheckDomainReply,
} from '@mcpstack/contracts';
import { waitFor } from '@mcpstack/local-servers';
import { anyAddress, Health } from '@mcpstack/service-kit';
import { DnsServer } from './dns-server.ts';
import { LogWorld } from './log-world.ts';
import { ProofServer } from './proof-server.ts';

const HOUR_MS = 60 * 60 * 1_000;
const DAY_MS = 24 * HOUR_MS;
const NAME = 'app.example.com';
const TXT_NAME = `_mcpstack-challenge.${NAME}`;

let world: LogWorld;
let dns: DnsServer;
let web: ProofServer;
beforeAll(async () => {
  dns = await DnsServer.start();
  web = await ProofServer.start();
});
beforeEach(async () => {
  dns.clear();
  web.reset();
  world = await LogWorld.start();
});
afterEach(() => world.stop());
afterAll(async () => {
  await dns.stop();
  await web.stop();
});

const ago = (ms: number): string => new Date(Date.now() - ms).toISOString();
const start = (env: Record<string, string> = {}, claimLifeMs?: number) =>
  world.startScheduler(
    {
      KEY_EXPIRY_POLL_MS: '600000',
      DNS_SERVERS: dns.address,
      DOMAIN_CHECK_SCHEME: 'http',
      DOMAIN_CHECK_PORT: `${web.port}`,
      ...env,
    },
    {
      look: { mayConnectTo: anyAddress, timeoutMs: 1_000 },
      ...(claimLifeMs !== undefined && { claimLifeMs }),
    },
  );
const publish = ({ domain, challenge }: AgentDomain) =>
  dns.set('TXT', `_mcpstack-challenge.${domain}`, [challenge]);
const looksAt = (name: string) => dns.asked('TXT', `_mcpstack-challenge.${name}`);
const now = ({ organizationId, agentId, id: domainId }: AgentDomain) =>
  world.domain({ organizationId, agentId, domainId });
const hasState = (domain: AgentDomain, state: AgentDomain['state']) =>
  waitFor(async () => (await now(domain)).state === state, { what: `the domain to be ${state}` });
const ask = async (request: unknown): Promise<CheckDomainReply> =>
  (await world.nats.request(CHECK_DOMAIN_SUBJECT, JSON.stringify(request), { timeout: 15_000 })).json();
const check = ({ organizationId, agentId, id: domainId }: AgentDomain, more = {}) =>
  ask({ organizationId, agentId, domainId, requestId: 'request-1', ...more });

/** Due by the clock: verified or made so long ago, and never looked at since. */
const verifiedLongAgo = async (name = NAME, organizationId = world.organizationId, ms = 2 * DAY_MS) =>
  world.record(await world.addDomain(name, { organizationId, at: ago(ms + HOUR_MS) }), 'found', ago(ms));

describe('a check on demand', () => {
  it('finds the proof in DNS, has it recorded, and says so', async () => {
    const domain = await world.addDomain(NAME);
    publish(domain);
    await start();
    const reply = await check(domain);
    expect(reply.domain).toMatchObject({ id: domain.id, state: 'verified', method: 'dns' });
    expect(reply.position).toMatch(/^\d+$/);
    expect(reply.found).toEqual({
      dns: { name: TXT_NAME, ok: true, values: [domain.challenge] },
      file: { url: expect.any(String) as string, ok: false, problem: 'there is no such name' },
    });
    expect(world.issuance.commands).toEqual([
      {
        name: 'recordDomainCheck',
        envelope: expect.objectContaining({
          requestId: 'request-1',
          actor: { type: 'system', id: 'scheduler' },
        }) as never,
      },
    ]);
  });

  it('finds the proof in the file', async () => {
    const domain = await world.addDomain(NAME);
    dns.set('A', NAME, ['127.0.0.1']);
    web.serve(`${domain.challenge}\n`);
    await start();
    expect((await check(domain)).domain).toMatchObject({ state: 'verified', method: 'file' });
  });

  it('that finds nothing of a pending domain writes nothing, and says what was looked for', async () => {
    const domain = await world.addDomain(NAME);
    dns.set('TXT', TXT_NAME, ['mcpstack-verify=old']);
    await start();
    const reply = await check(domain);
    expect(reply.domain).toMatchObject({ state: 'pending' });
    expect(reply.found!.dns).toMatchObject({ ok: false, values: ['mcpstack-verify=old'] });
    expect(world.issuance.commands).toEqual([]);
  });

  it('repeated, writes nothing more', async () => {
    const domain = await world.addDomain(NAME);
    publish(domain);
    await start();
    await check(domain);
    expect((await check(domain)).domain).toMatchObject({ state: 'verified' });
    expect(await world.domainEvents(domain)).toEqual(['AgentDomainVerified']);
  });

  it('asked for by many at once is one look', async () => {
    const domain = await world.addDomain(NAME);
    publish(domain);
    await start();
    const replies = await Promise.all(Array.from({ length: 20 }, () => check(domain)));
    expect(new Set(replies.map((reply) => reply.domain?.state))).toEqual(new Set(['verified']));
    expect(looksAt(NAME)).toBeLessThan(20);
  });

  it('answers an unknown domain, a foreign one and one of a removed agent alike', async () => {
    const domain = await world.addDomain(NAME);
    const removed = await world.addDomain('removed.example.com');
    await world.removeAgent(removed);
    await start();
    for (const reply of [
      await check(domain, { domainId: newId('domain') }),
      await check(domain, { agentId: newId('agent') }),
      await check(domain, { organizationId: newId('organization') }),
      await check(removed),
      await check(domain, { domainId: '*' }),
      await ask('no request'),
      await ask(null),
    ])
      expect(reply).toEqual({ problem: 'not-found' });
    expect(dns.questions).toEqual([]);
  });

  it.each([
    [
      'issuance does not answer',
      () => (world.issuance.behave = () => new ProblemError('unavailable', 'Away.')),
    ],
    ['the read models are not trusted', () => (world.isTrusted = false)],
    ['the read models cannot be read', () => world.failing.add('getAgent')],
  ])('is unavailable where %s', async (_what, spoil) => {
    const domain = await world.addDomain(NAME);
    publish(domain);
    await start();
    spoil();
    expect(await check(domain)).toEqual({ problem: 'unavailable' });
  });

  it('that has begun is answered before the process stops', async () => {
    const domain = await world.addDomain(NAME);
    dns.set('A', NAME, ['127.0.0.1']);
    let release: (() => void) | undefined;
    web.handle = (_request, response) => void (release = () => response.writeHead(200).end(domain.challenge));
    const scheduler = await start();
    const reply = check(domain);
    await waitFor(() => release);
    const closed = scheduler.close();
    release!();
    expect((await reply).domain).toMatchObject({ state: 'verified' });
    await closed;
  });
});

describe('health', () => {
  it('is ready while NATS answers and the read models are trusted, and says why not', async () => {
    const health = (await start()).get(Health);
    expect(await health.report()).toEqual({ status: 'ready', checks: { nats: 'ok', 'read-models': 'ok' } });
    world.isTrusted = false;
    expect(await health.report()).toMatchObject({
      status: 'not-ready',
      checks: { 'read-models': 'not trusted' },
    });
    world.isTrusted = true;
    await world.natsServer.kill();
    await waitFor(async () => (await health.report()).checks['nats'] === 'NATS is disconnected');
    await world.natsServer.restart();
    await waitFor(async () => (await health.report()).status === 'ready');
  });
});

describe('by the clock', () => {
  it('a proven domain whose proof is gone becomes stale; found again, verified', async () => {
    const domain = await verifiedLongAgo();
    await start({ DOMAIN_RECHECK_MS: '300' });
    await hasState(domain, 'stale');
    publish(domain);
    await hasState(domain, 'verified');
    expect((await world.domainEvents(domain)).slice(0, 3)).toEqual([
      'AgentDomainVerified',
      'AgentDomainStale',
      'AgentDomainVerified',
    ]);
  });

  it('lapses once the grace is over, also between two days', async () => {
    const domain = await verifiedLongAgo(NAME, world.organizationId, 8 * DAY_MS);
    const grace = 7 * DAY_MS;
    // The grace ends half a second from now.
    await world.record(domain, 'missing', ago(grace - 500));
    await start();
    await hasState(domain, 'lapsed');
    expect(await world.domainEvents(domain)).toEqual([
      'AgentDomainVerified',
      'AgentDomainStale',
      'AgentDomainLapsed',
    ]);
  });

  it('a pending domain is found, and one that waits for longer than a week is not looked at', async () => {
    const young = await world.addDomain(NAME, { at: ago(2 * HOUR_MS) });
    const old = await world.addDomain('old.example.com', { at: ago(8 * DAY_MS) });
    publish(young);
    publish(old);
    await start();
    await hasState(young, 'verified');
    expect((await now(old)).state).toBe('pending');
    expect(looksAt('old.example.com')).toBe(0);
  });

  it('what changes nothing is looked at again and again, and never sent', async () => {
    const domain = await verifiedLongAgo();
    publish(domain);
    await start({ DOMAIN_RECHECK_MS: '100' });
    await waitFor(() => looksAt(NAME) >= 3);
    expect(world.issuance.commands).toEqual([]);
  });

  it('two schedulers make one look; a restart makes none anew', async () => {
    const names = Array.from({ length: 12 }, (_, index) => `app${index}.example.com`);
    for (const name of names) publish(await verifiedLongAgo(name));
    await Promise.all([start(), start(), start()]);
    const looks = () => names.map(looksAt);
    await waitFor(() => looks().every((count) => count > 0));
    await world.stopSchedulers();
    expect(looks()).toEqual(names.map(() => 1));
    // After the restart a new domain is looked at, so the round was made; and the others were left alone.
    publish(await verifiedLongAgo('new.example.com'));
    await Promise.all([start(), start()]);
    await waitFor(() => looksAt('new.example.com') === 1);
    await world.stopSchedulers();
    expect(looks()).toEqual(names.map(() => 1));
  });

  it('control: with what is kept taken away, a restart looks at all of them again', async () => {
    publish(await verifiedLongAgo());
    await start();
    await waitFor(() => looksAt(NAME) === 1);
    await world.stopSchedulers();
    await world.forgetLooks();
    await start();
    await waitFor(() => looksAt(NAME) === 2);
  });

  it('a look that could not be recorded is made again once its claim has run out', async () => {
    const domain = await verifiedLongAgo();
    let isAway = true;
    world.issuance.behave = () => (isAway ? new ProblemError('unavailable', 'Away.') : undefined);
    await start({}, 300);
    await waitFor(() => looksAt(NAME) >= 2);
    isAway = false;
    await hasState(domain, 'stale');
  });

  it('a round that cannot be read, and one domain that cannot be checked, do not stop the others', async () => {
    const [bad, good] = [await verifiedLongAgo('bad.example.com'), await verifiedLongAgo(NAME)];
    world.failing.add('listDomains');
    world.issuance.behave = (_name, { input }) =>
      input['domainId'] === bad.id ? new ProblemError('internal', 'A fault.') : undefined;
    await start();
    await waitFor(() => world.log.includes('listDomains cannot be read'));
    world.failing.clear();
    await hasState(good, 'stale');
    expect((await now(bad)).state).toBe('verified');
  });
});

describe('a name that two organizations have proven', () => {
  const other = newId('organization');

  it('is contested for the first when the second proves it, and so back again', async () => {
    const first = await verifiedLongAgo(NAME, world.organizationId, HOUR_MS);
    const second = await world.addDomain(NAME, { organizationId: other });
    publish(second);
    await start({ DOMAIN_POLL_MS: '600000' });
    expect((await check(second)).domain).toMatchObject({ state: 'verified' });
    const contested = await now(first);
    expect(contested).toMatchObject({ state: 'pending', contestedAt: expect.any(String) as string });
    expect(contested.challenge).not.toBe(first.challenge);
    // The old proof is worth nothing any more; the new one takes the name back.
    publish(first);
    expect((await check(contested)).domain).toMatchObject({ state: 'pending' });
    publish(contested);
    expect((await check(contested)).domain).toMatchObject({ state: 'verified' });
    expect(await now(second)).toMatchObject({ state: 'pending' });
  });

  it('is left alone within one organization', async () => {
    const first = await verifiedLongAgo(NAME, world.organizationId, HOUR_MS);
    const second = await world.addDomain(NAME);
    publish(second);
    await start({ DOMAIN_POLL_MS: '600000' });
    await check(second);
    expect((await now(first)).state).toBe('verified');
  });

  it('control: without the contest both hold it', async () => {
    const first = await verifiedLongAgo(NAME, world.organizationId, HOUR_MS);
    const second = await world.addDomain(NAME, { organizationId: other });
    publish(second);
    world.failing.add('listHoldersOf');
    await start({ DOMAIN_POLL_MS: '600000' });
    await check(second);
    expect([(await now(first)).state, (await now(second)).state]).toEqual(['verified', 'verified']);
  });

  it('is contested for every older holder, however many there are', async () => {
    const holders: AgentDomain[] = [];
    for (let count = 0; count < 10; count += 1)
      holders.push(await verifiedLongAgo(NAME, newId('organization'), HOUR_MS + count));
    const last = await world.addDomain(NAME, { organizationId: other });
    publish(last);
    await start();
    expect((await check(last)).domain).toMatchObject({ state: 'verified' });
    for (const holder of holders) await hasState(holder, 'pending');
    expect((await now(last)).state).toBe('verified');
  });

  it('is contested by a round when that was missed, once, whoever does it', async () => {
    const first = await verifiedLongAgo(NAME, world.organizationId, 3 * DAY_MS);
    const second = await verifiedLongAgo(NAME, other, 2 * DAY_MS);
    dns.set('TXT', TXT_NAME, [first.challenge, second.challenge]);
    await Promise.all([start(), start(), start()]);
    await hasState(first, 'pending');
    await waitFor(() => looksAt(NAME) >= 2);
    await world.stopSchedulers();
    expect(await world.domainEvents(first)).toEqual(['AgentDomainVerified', 'AgentDomainContested']);
    expect(await world.domainEvents(second)).toEqual(['AgentDomainVerified']);
  });

  it('is contested after all when issuance did not answer the first time', async () => {
    const first = await verifiedLongAgo(NAME, world.organizationId, HOUR_MS);
    const second = await world.addDomain(NAME, { organizationId: other });
    publish(second);
    let isAway = true;
    world.issuance.behave = (name) =>
      isAway && name === 'contestDomain' ? new ProblemError('unavailable', 'Away.') : undefined;
    await start();
    expect((await check(second)).domain).toMatchObject({ state: 'verified' });
    expect((await now(first)).state).not.toBe('pending');
    isAway = false;
    await hasState(first, 'pending');
    const ids = world.issuance.commands
      .filter(({ name }) => name === 'contestDomain')
      .map(({ envelope }) => envelope.commandId);
    expect(ids.length).toBeGreaterThan(1);
    expect(new Set(ids).size).toBe(1);
  });
});

it('neither a challenge nor a name of a domain reaches the log', async () => {
  const domain = await world.addDomain(NAME);
  publish(domain);
  await start();
  await check(domain);
  await waitFor(() => world.log.includes('a domain was checked'));
  expect(world.log).not.toContain(domain.challenge);
  expect(world.log).not.toContain(NAME);
});
