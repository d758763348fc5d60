/** Moments of random logs, which the deciders made, against an oracle that asks the raw events. */
import { PERMISSIONS } from '@mcpstack/contracts';
import type { RecordedEvent } from '@mcpstack/event-store';
import { Answers } from '../src/as-of/answer.ts';
import { foldUntil } from '../src/as-of/fold-until.ts';
import { happened, Oracle, sinceWhen } from './as-of-oracle.ts';
import { randomOf } from './decided-log.ts';
import { RandomLog } from './random-log.ts';

const [LOGS, MOMENTS, EVENTS] = [50, 20, 220];
const DAY_MS = 24 * 60 * 60 * 1_000;

const logOf = (events: readonly RecordedEvent[]) => ({
  events: async function* () {
    yield* await Promise.resolve(events);
  },
});

/** Anywhere in the log and around it, and exactly where something ends or happens. */
function momentIn(events: readonly RecordedEvent[], random: () => number): number {
  const pick = <Item>(items: readonly Item[]) => items[Math.floor(random() * items.length)]!;
  const times = events.map(({ metadata }) => Date.parse(metadata['at'] as string));
  const ends = [
    ...JSON.stringify(events.map(({ data }) => data)).matchAll(
      /(?:expiresAt|validUntil|graceEndsAt)":"([^"]+)"/g,
    ),
  ];
  const [first, last] = [times[0]!, times.at(-1)!];
  return pick([
    () => first - DAY_MS + random() * (last - first + 41 * DAY_MS),
    () => pick(times) + pick([-1, 0, 1]),
    () => Date.parse(pick(ends)[1]!) + pick([-1, 0, 1]),
  ])();
}

async function told(events: readonly RecordedEvent[], atMs: number) {
  const past = await foldUntil(logOf(events), { ms: atMs });
  expect([...past.fold.broken]).toEqual([]);
  const answers = new Answers(past, atMs);
  const could = (permission: (typeof PERMISSIONS)[number]) => [...answers.holdersOf(permission)];
  return { keys: [...answers.keys()], could };
}

describe(`as-of, at ${LOGS * MOMENTS} moments of ${LOGS} logs`, () => {
  const codes = new Set<string>();
  let holders = 0;
  let overlaps = 0;

  it.each(Array.from({ length: LOGS }, (_, index) => index + 1))('log %i', async (seed) => {
    const random = randomOf(seed);
    const { events } = new RandomLog(random).grow(EVENTS);
    for (let n = 0; n < MOMENTS; n += 1) {
      const atMs = momentIn(events, random);
      const past = happened(events, atMs);
      const oracle = new Oracle(past, atMs);
      const { keys, could } = await told(events, atMs);
      const shown = (code: string, list: readonly unknown[] | undefined) => (code === 'VALID' ? list : []);
      expect(
        keys.map(({ id, verdict: { code }, secrets, origins }) => [id, code, secrets ?? origins]),
      ).toEqual(
        oracle.keyIds.map((id) => {
          const code = oracle.code(id);
          const isService = past.some((event) => event.stream === `key-${id}` && event.type === 'KeyCreated');
          return [id, code, shown(code, isService ? oracle.secrets(id) : oracle.origins(id))];
        }),
      );
      // Some of them at each moment: over all moments, every one often.
      for (const permission of PERMISSIONS.filter(() => random() < 0.2)) {
        const found = could(permission).map(({ organizationId, id }) => `${organizationId} ${id}`);
        expect(found.sort()).toEqual(oracle.could(permission).sort());
        holders += found.length;
      }
      for (const { verdict, secrets } of keys) {
        codes.add(verdict.code);
        if (secrets && secrets.length > 1) overlaps += 1;
      }
    }
  });

  it('met every answer, and overlaps of rotated secrets', () => {
    expect([...codes].sort()).toEqual(['EXPIRED', 'ORIGIN_NOT_ALLOWED', 'REVOKED', 'SUSPENDED', 'VALID']);
    expect(holders).toBeGreaterThan(3_000);
    expect(overlaps).toBeGreaterThan(50);
  });

  it('tells since when, as one finds it going back event by event', async () => {
    let compared = 0;
    for (let seed = 101; seed <= 112; seed += 1) {
      const { events } = new RandomLog(randomOf(seed)).grow(EVENTS);
      const atMs = momentIn(events, randomOf(seed));
      const past = happened(events, atMs);
      const { could } = await told(events, atMs);
      for (const permission of ['servers:read', 'servers:write', 'members:write'] as const)
        for (const { id, kind, organizationId, since } of could(permission)) {
          const holds = (oracle: Oracle) =>
            kind === 'key'
              ? oracle.keyCould(id, permission)
              : oracle.memberCould(organizationId, id, permission);
          expect([id, permission, since]).toEqual([id, permission, sinceWhen(past, holds)]);
          compared += 1;
        }
    }
    expect(compared).toBeGreaterThan(50);
  });

  it('keeps streams in order where clocks differ', async () => {
    for (let seed = 201; seed <= 210; seed += 1) {
      const random = randomOf(seed);
      const events = new RandomLog(random).grow(EVENTS).events.map((event) => {
        const at = new Date(Date.parse(event.metadata['at'] as string) + (random() - 0.5) * 2 * DAY_MS);
        return { ...event, metadata: { ...event.metadata, at: at.toISOString() } };
      });
      const atMs = momentIn(events, random);
      const oracle = new Oracle(happened(events, atMs), atMs);
      const { keys } = await told(events, atMs);
      const answers = keys.map(({ id, verdict: { code } }) => [id, code]);
      expect(answers).toEqual(oracle.keyIds.map((id) => [id, oracle.code(id)]));
    }
  });

  it('control: an oracle that forgets one rule is found out', async () => {
    class Forgetful extends Oracle {
      override isSuspended(): boolean {
        return false;
      }
    }
    let isFound = false;
    for (let seed = 1; seed <= 10 && !isFound; seed += 1) {
      const { events } = new RandomLog(randomOf(seed)).grow(EVENTS);
      for (const event of events.filter(({ type }) => type === 'OrganizationSuspended')) {
        const atMs = Date.parse(event.metadata['at'] as string);
        const oracle = new Forgetful(happened(events, atMs), atMs);
        const { keys } = await told(events, atMs);
        isFound ||= keys.some(({ id, verdict }) => verdict.code !== oracle.code(id));
      }
    }
    expect(isFound).toBe(true);
  });
});
