/**
 * Random updates of one key, judged by probes that know nothing of the domain's rules: whatever an update asks,
 * the key never passes where it did not pass before (G8).
 */
import { permissionsOf, PERMISSIONS, ProblemError, ROLES, type KeyTerms } from '@mcpstack/contracts';
import fc from 'fast-check';
import { key, type KeyState, type ServiceKey } from '../src/index.ts';
import { createKey } from './key-samples.ts';
import { daysOn, holds, LATER, OWNER } from './samples.ts';

const AGENTS = ['agent_1', 'agent_2', 'agent_3'];
const SERVERS = ['srv_1', 'srv_2'];
const BLOCKS = ['0.0.0.0/0', '10.0.0.0/8', '10.1.0.0/16', '10.1.2.3', '10.2.0.0/16', '192.0.2.0/24'];
const ADDRESSES = ['10.1.2.3', '10.1.9.9', '10.2.0.1', '10.77.0.1', '192.0.2.1', '198.51.100.1'];
const DAYS = [1, 5, 9, 30];
const some = <T>(list: readonly T[]) => fc.subarray([...list], { minLength: 1 });

const terms = fc.record(
  {
    role: fc.constantFrom(...ROLES),
    permissions: fc.oneof(some(PERMISSIONS), some(permissionsOf('viewer'))),
    scope: fc
      .record({ agents: some(AGENTS), servers: some(SERVERS) }, { requiredKeys: [] })
      .filter((one) => Object.keys(one).length > 0),
    expiresAt: fc.constantFrom(...DAYS.map(daysOn)),
    allowedIps: some(BLOCKS),
    limits: some(['a', 'b']).chain((names) =>
      fc.tuple(
        ...names.map((name) =>
          fc.record({
            name: fc.constant(name),
            limit: fc.integer({ min: 1, max: 4 }),
            windowMs: fc.constantFrom(1_000, 2_000),
          }),
        ),
      ),
    ),
    quotas: fc
      .constantFrom('day' as const, 'hour' as const)
      .chain((interval) => fc.integer({ min: 1, max: 4 }).map((limit) => [{ name: 'q', limit, interval }])),
  },
  { requiredKeys: [] },
);
/** Mostly one field at a time: of many at once, one is nearly always too wide. */
const update = fc.tuple(terms, fc.nat(6)).map(([all, nth]): Partial<KeyTerms> => {
  const fields = Object.entries(all);
  return Object.fromEntries(nth === 0 ? fields : fields.slice(nth % Math.max(1, fields.length)).slice(0, 1));
});
const history = fc.tuple(terms, fc.array(update, { minLength: 5, maxLength: 15 }));

const bits = (address: string) => address.split('.').reduce((sum, one) => sum * 256 + Number(one), 0);
function isIn(address: string, block: string): boolean {
  const [base = '', prefix = '32'] = block.split('/');
  const size = 2 ** (32 - Number(prefix));
  return Math.floor(bits(address) / size) === Math.floor(bits(base) / size);
}

/** Everything that the key passes, one text for each; a bound is what it lets through at most. */
function reachOf(state: KeyState): Set<string> {
  const { role, permissions, scope, expiresAt, allowedIps, limits = [], quotas = [] } = state as ServiceKey;
  const passes = [
    ...permissionsOf(role, permissions).map((one) => `may ${one}`),
    ...AGENTS.filter((one) => scope?.agents?.includes(one) ?? true),
    ...SERVERS.filter((one) => scope?.servers?.includes(one) ?? true),
    ...[...DAYS, 90]
      .map((day) => daysOn(day - 0.5))
      .filter((at) => expiresAt === undefined || at < expiresAt),
    ...ADDRESSES.filter((one) => allowedIps?.some((block) => isIn(one, block)) ?? true),
  ];
  for (const units of [1, 2, 3, 4, 5])
    for (const [name, over] of [
      ['a', 1_000],
      ['a', 2_000],
      ['b', 1_000],
      ['b', 2_000],
      ['q', 'day'],
      ['q', 'hour'],
    ]) {
      const bound =
        limits.find((one) => one.name === name && one.windowMs === over) ??
        quotas.find((one) => one.name === name && one.interval === over);
      if (units <= (bound?.limit ?? Infinity)) passes.push(`${units} of ${name} in ${over}`);
    }
  return new Set(passes);
}

type Apply = (state: KeyState, asked: Partial<KeyTerms>) => KeyState;

const decided: Apply = (state, asked) => {
  const command = {
    type: 'UpdateKey',
    at: LATER,
    actor: OWNER,
    authority: holds('owner'),
    organizationId: createKey.organizationId,
    keyId: createKey.keyId,
    ...asked,
  } as const;
  try {
    const after = key.decide(command, state).reduce(key.evolve, state);
    expect(key.decide(command, after)).toEqual([]);
    return after;
  } catch (error) {
    if (error instanceof ProblemError && error.code === 'validation-failed') return state;
    throw error;
  }
};
/** The protection switched off: what was asked is written. */
const written: Apply = (state, asked) =>
  key.evolve(state, { type: 'KeyNarrowed', data: asked as never, at: LATER, actor: OWNER });

/** Runs the updates and answers how many changed the key. */
function run([created, updates]: [Partial<KeyTerms>, Partial<KeyTerms>[]], apply: Apply): number {
  const role = created.role ?? 'owner';
  const permissions = created.permissions && permissionsOf(role, created.permissions);
  const made = key.decide(
    { ...createKey, ...created, role, ...(permissions && { permissions }) },
    key.initial,
  );
  let state = made.reduce(key.evolve, key.initial);
  let reach = reachOf(state);
  let changed = 0;
  for (const asked of updates) {
    const next = apply(state, asked);
    if (next === state) continue;
    changed += 1;
    const before = reach;
    reach = reachOf(next);
    expect([...reach].filter((one) => !before.has(one))).toEqual([]);
    state = next;
  }
  return changed;
}

describe('random updates of a key (G8)', () => {
  it('never let it pass where it did not', () => {
    let changed = 0;
    fc.assert(
      fc.property(history, (one) => {
        changed += run(one, decided);
      }),
      { numRuns: 200 },
    );
    expect(changed).toBeGreaterThan(200);
  });

  it('control: an update that is written as asked is found', () =>
    expect(() =>
      fc.assert(
        fc.property(history, (one) => void run(one, written)),
        { endOnFailure: true },
      ),
    ).toThrow());
});
