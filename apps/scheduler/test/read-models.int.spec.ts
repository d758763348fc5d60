import { CHECK_DOMAIN_SUBJECT, newId, type AgentDomain, type CheckDomainReply } from '@mcpstack/contracts';
import { waitFor } from '@mcpstack/local-servers';
import { DnsServer } from './dns-server.ts';
import { LogWorld } from './log-world.ts';
import { Projector } from './projector.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;
const NAME = 'app.example.com';
const TXT_NAME = `_mcpstack-challenge.${NAME}`;

let world: LogWorld;
let projector: Projector;
let dns: DnsServer;
beforeAll(async () => {
  dns = await DnsServer.start();
  world = await LogWorld.start();
  projector = await Projector.start(world.store);
});
afterAll(async () => {
  await world.stop();
  await projector.stop();
  await dns.stop();
});

const fromNow = (ms: number): string => new Date(Date.now() + ms).toISOString();
const start = async () =>
  world.startScheduler({ DNS_SERVERS: dns.address }, { models: await projector.models() });
const now = ({ organizationId, agentId, id: domainId }: AgentDomain) =>
  world.domain({ organizationId, agentId, domainId });

describe('with read models in Redis', () => {
  it('notices and expiry are written exactly once by two schedulers, with a restart between them', async () => {
    const keys = await Promise.all(
      [1_500, 1_600, 1_700].map((ms) =>
        world.addKey({ createdAt: fromNow(-40 * DAY_MS), expiresAt: fromNow(ms) }),
      ),
    );
    await Promise.all([start(), start()]);
    await waitFor(async () => (await world.keyEvents(keys[0]!)).length === 3);
    await world.stopSchedulers();
    await Promise.all([start(), start()]);
    for (const keyId of keys)
      await waitFor(async () => (await world.keyEvents(keyId)).includes('KeyExpired'), {
        what: 'the expiry',
      });
    const models = await projector.models();
    await waitFor(async () => (await models.listDueKeys(Date.now(), 10)).value.length === 0);
    await models.close();
    await world.stopSchedulers();
    for (const keyId of keys)
      expect(await world.keyEvents(keyId)).toEqual([
        'KeyExpiring 30',
        'KeyExpiring 7',
        'KeyExpiring 1',
        'KeyExpired',
      ]);
  });

  it('a domain is checked on demand, contested by a later proof, and looked after by the clock', async () => {
    const first = await world.record(await world.addDomain(NAME), 'found', fromNow(-60_000));
    const second = await world.addDomain(NAME, { organizationId: newId('organization') });
    dns.set('TXT', TXT_NAME, [second.challenge]);
    const forgotten = await world.record(
      await world.addDomain('gone.example.com', { at: fromNow(-3 * DAY_MS) }),
      'found',
      fromNow(-2 * DAY_MS),
    );
    await start();
    const { organizationId, agentId, id: domainId } = second;
    const request = JSON.stringify({ organizationId, agentId, domainId, requestId: 'request-1' });
    const reply = await waitFor(async () => {
      const message = await world.nats.request(CHECK_DOMAIN_SUBJECT, request, { timeout: 15_000 });
      const answer = message.json<CheckDomainReply>();
      return answer.domain && answer;
    });
    expect(reply.domain).toMatchObject({ id: domainId, state: 'verified', method: 'dns' });
    await waitFor(async () => (await now(first)).state === 'pending', { what: 'the first to be contested' });
    await waitFor(async () => (await now(forgotten)).state === 'stale', {
      what: 'the forgotten one to be stale',
    });
    expect(await world.domainEvents(second)).toEqual(['AgentDomainVerified']);
  });
});
