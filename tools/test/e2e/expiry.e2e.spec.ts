/**
 * Keys that end by the clock: refused from that very moment, and the record of it written exactly once although
 * schedulers and issuance are killed around it.
 */
import { waitFor } from '@mcpstack/testing';
import type { RecordedEvent } from '@mcpstack/event-store';
import { FAST, Product } from './product.ts';

const KEYS = 12;
const DAY_MS = 86_400_000;

let product: Product;
beforeAll(async () => {
  product = await Product.start({
    instances: { scheduler: 2, authorizer: 2 },
    env: { ...FAST, KEY_EXPIRY_POLL_MS: '100' },
  });
}, 600_000);
afterAll(() => product?.stop());

interface Made {
  id: string;
  secret: string;
}

async function createUntil(name: string, expiresAt: string): Promise<Made> {
  const body = { name, role: 'viewer', expiresAt };
  const answer = await product.insist('POST', product.keysPath, { body });
  expect(answer.status).toBe(201);
  return answer.body as unknown as Made;
}

/** What is wrong with the record: each key must have this event, once. */
function faults(events: readonly RecordedEvent[], type: string, keys: readonly Made[]): string[] {
  return keys.flatMap(({ id }) => {
    const count = events.filter((event) => event.type === type && event.stream === `key-${id}`).length;
    return count === 1 ? [] : [`${type} of key-${id}: ${count} times`];
  });
}

/** Kills and restarts these in turn until told to stop, each at least once. */
function killing(names: readonly string[]): { stop: () => Promise<number> } {
  let isDone = false;
  const run = (async () => {
    let kills = 0;
    for (; !isDone || kills < names.length; kills += 1)
      await product.stack.service(names[kills % names.length]!).restart({ kill: true });
    return kills;
  })();
  return {
    stop: () => {
      isDone = true;
      return run;
    },
  };
}

describe('a key that expires', () => {
  it('is VALID before and EXPIRED from the very moment on, at both authorizers', async () => {
    const expiresAtMs = Date.now() + 3_000;
    const key = await createUntil('short', new Date(expiresAtMs).toISOString());
    const counts = { validBefore: 0, expired: 0, validLate: 0, other: 0 };
    // Every request that begins at or after the moment counts; those in flight across it may go either way.
    const asker = async (): Promise<void> => {
      while (Date.now() < expiresAtMs + 700) {
        const sentAtMs = Date.now();
        const { code } = await product.verify({ key: key.secret });
        if (code === 'VALID') counts[sentAtMs >= expiresAtMs ? 'validLate' : 'validBefore'] += 1;
        else if (code === 'EXPIRED') counts.expired += 1;
        else counts.other += 1;
      }
    };
    await Promise.all(Array.from({ length: 4 }, asker));
    expect(counts).toMatchObject({ validLate: 0, other: 0 });
    expect(counts.validBefore).toBeGreaterThan(50);
    expect(counts.expired).toBeGreaterThan(50);
    const answer = await product.http('GET', product.keysPath, { token: key.secret });
    expect(answer.status).toBe(401);
  }, 600_000);

  it('is not refused before it, and freshForMs never reaches beyond it', async () => {
    const expiresAtMs = Date.now() + 1_500;
    const key = await createUntil('fresh', new Date(expiresAtMs).toISOString());
    let shortened = 0;
    for (;;) {
      const sentAtMs = Date.now();
      const { code, freshForMs } = await product.verify({ key: key.secret });
      if (code !== 'VALID') break;
      // As a caller counts: from when it asked.
      expect(sentAtMs + freshForMs).toBeLessThanOrEqual(expiresAtMs);
      if (sentAtMs + Number(FAST.FRESH_DELTA_MS) > expiresAtMs) shortened += 1;
    }
    expect(Date.now()).toBeGreaterThanOrEqual(expiresAtMs);
    // Control: some were asked so late that the usual time would have been too long.
    expect(shortened).toBeGreaterThan(5);
  });
});

describe('the record of it', () => {
  it('KeyExpired and KeyExpiring once each, with schedulers and issuance killed all the while', async () => {
    const nowMs = Date.now();
    const soon = new Date(nowMs + 4_000).toISOString();
    // The notice of one day before falls due four seconds from now.
    const tomorrow = new Date(nowMs + DAY_MS + 4_000).toISOString();
    const each = (name: string, at: string) =>
      Promise.all(Array.from({ length: KEYS }, (_, number) => createUntil(`${name} ${number}`, at)));
    const [ending, nearing] = await Promise.all([each('ending', soon), each('nearing', tomorrow)]);
    const kills = killing(['scheduler', 'issuance', 'scheduler-2']);
    try {
      await waitFor(
        async () => {
          const events = await product.log();
          const open =
            faults(events, 'KeyExpired', ending).length + faults(events, 'KeyExpiring', nearing).length;
          return open === 0;
        },
        { timeoutMs: 120_000, intervalMs: 300, what: 'everything that is due to be recorded' },
      );
    } finally {
      expect(await kills.stop()).toBeGreaterThanOrEqual(3);
    }
    // Both schedulers look again, at everything, with everything alive: one more key tells when they have.
    const last = await createUntil('last', new Date(Date.now() + 500).toISOString());
    await waitFor(async () => faults(await product.log(), 'KeyExpired', [last]).length === 0);
    const events = await product.log();
    expect(faults(events, 'KeyExpired', ending)).toEqual([]);
    expect(faults(events, 'KeyExpiring', nearing)).toEqual([]);
    // Nothing was written early, and no notice of 30 or 7 days whose moment lay before the key.
    const written = events.filter(({ type }) => type.startsWith('KeyExpir'));
    for (const { type, data, metadata } of written) {
      const { expiresAt, daysBefore = 0 } = data as { expiresAt: string; daysBefore?: number };
      expect([type, [0, 1].includes(daysBefore)]).toEqual([type, true]);
      const atMs = Date.parse(metadata['at'] as string);
      expect(atMs).toBeGreaterThanOrEqual(Date.parse(expiresAt) - daysBefore * DAY_MS);
    }
    for (const { secret } of nearing) expect((await product.verify({ key: secret })).code).toBe('VALID');

    // Control: an event that is there twice, or not at all, is found.
    const one = events.find(({ type, stream }) => type === 'KeyExpired' && stream === `key-${last.id}`)!;
    const doubled = faults([...events, one], 'KeyExpired', [...ending, last]);
    expect(doubled).toEqual([expect.stringContaining('2 times')]);

    expect(faults([], 'KeyExpired', [last])).toEqual([`KeyExpired of key-${last.id}: 0 times`]);
  }, 600_000);
});
