import { BUCKETS, newId } from '@mcpstack/contracts';
import { startNats, type LocalServer } from '@mcpstack/local-servers';
import { jetstream } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { LastLooks, type Claim } from './last-looks.ts';

const INTERVAL_MS = 1_000;
const dueMs = (lookedAtMs = 0): number => lookedAtMs + INTERVAL_MS;

let server: LocalServer;
let nats: NatsConnection;
let nowMs = 1_000_000;
beforeAll(async () => {
  server = await startNats();
  nats = await connect({ servers: server.url });
});
afterAll(async () => {
  await nats.close();
  await server.stop();
});

const looks = (keepMs = 3_600_000) => new LastLooks(nats, { keepMs, claimLifeMs: 100, nowMs: () => nowMs });
const claimed = (claim: Claim) => {
  if (claim.status !== 'claimed') throw new Error('it was not claimed');
  return claim;
};

describe('a claim to look at a domain', () => {
  it('is got by one of many who want it at once', async () => {
    const domainId = newId('domain');
    const claims = await Promise.all(Array.from({ length: 20 }, () => looks().claim(domainId, dueMs)));
    expect(claims.filter(({ status }) => status === 'claimed')).toHaveLength(1);
    // A second time as well, when there is an entry already.
    await looks().finish(claimed(claims.find(({ status }) => status === 'claimed')!));
    nowMs += INTERVAL_MS;
    const again = await Promise.all(Array.from({ length: 20 }, () => looks().claim(domainId, dueMs)));
    expect(again.filter(({ status }) => status === 'claimed')).toHaveLength(1);
  });

  it('control: without the comparison many get it', async () => {
    const domainId = newId('domain');
    const bucket = await new Kvm(jetstream(nats)).open(BUCKETS.domainChecks);
    const claims = Array.from({ length: 20 }, async () => {
      if ((await bucket.get(domainId)) !== null) return 'wait';
      await bucket.put(domainId, JSON.stringify({ claimedAtMs: nowMs }));
      return 'claimed';
    });
    expect((await Promise.all(claims)).filter((status) => status === 'claimed').length).toBeGreaterThan(1);
  });

  it('that is finished says when the next look is due', async () => {
    const domainId = newId('domain');
    await looks().finish(claimed(await looks().claim(domainId, dueMs)));
    expect(await looks().claim(domainId, dueMs)).toEqual({ status: 'wait', untilMs: nowMs + INTERVAL_MS });
    nowMs += INTERVAL_MS;
    expect((await looks().claim(domainId, dueMs)).status).toBe('claimed');
  });

  it('that nobody finished runs out, and the late finish of its holder changes nothing', async () => {
    const domainId = newId('domain');
    const late = claimed(await looks().claim(domainId, dueMs));
    expect(await looks().claim(domainId, dueMs)).toEqual({ status: 'wait', untilMs: nowMs + 100 });
    nowMs += 100;
    const next = claimed(await looks().claim(domainId, dueMs));
    await looks().finish(late);
    expect(await looks().claim(domainId, dueMs)).toMatchObject({ status: 'wait', untilMs: nowMs + 100 });
    await looks().finish(next);
    expect(await looks().claim(domainId, dueMs)).toEqual({ status: 'wait', untilMs: nowMs + INTERVAL_MS });
  });

  it('is not given for what is never due, nor for what was looked at on demand', async () => {
    const domainId = newId('domain');
    expect(await looks().claim(domainId, () => undefined)).toEqual({ status: 'wait', untilMs: undefined });
    await looks().note(domainId, nowMs);
    expect(await looks().claim(domainId, dueMs)).toEqual({ status: 'wait', untilMs: nowMs + INTERVAL_MS });
    await looks().note(domainId, undefined);
    expect((await looks().claim(domainId, dueMs)).status).toBe('claimed');
  });

  it('is given where an entry cannot be read, or was claimed by a clock far ahead', async () => {
    const bucket = await new Kvm(jetstream(nats)).open(BUCKETS.domainChecks);
    for (const value of [
      'no JSON',
      '{"lookedAtMs":"x"}',
      JSON.stringify({ claimedAtMs: nowMs + 10_000_000 }),
    ]) {
      const domainId = newId('domain');
      await bucket.put(domainId, value);
      expect((await looks().claim(domainId, dueMs)).status).toBe('claimed');
    }
  });

  it('is given also when the interval was set anew, and when the bucket is gone', async () => {
    const domainId = newId('domain');
    expect((await looks(7_200_000).claim(domainId, dueMs)).status).toBe('claimed');
    const before = looks();
    await before.note(domainId, nowMs);
    await (await new Kvm(jetstream(nats)).open(BUCKETS.domainChecks)).destroy();
    await before.claim(domainId, dueMs).catch(() => undefined);
    expect((await before.claim(domainId, dueMs)).status).toBe('claimed');
  });
});
