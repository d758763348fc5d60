/**
 * Random histories of keys against a tiny model that knows nothing of the domain's code: what a key may
 * is a set that is within its maker's when it is made and only shrinks; whoever gives it out again, by
 * rotating or resuming, holds all of it; revoked is for ever (G8).
 */
import {
  PERMISSIONS,
  ProblemError,
  ROLE_PERMISSIONS,
  ROLES,
  type Actor,
  type Role,
} from '@mcpstack/contracts';
import fc from 'fast-check';
import {
  authorityOf,
  DEFAULT_POLICY,
  key,
  keyCodec,
  type KeyCommand,
  type KeyEvent,
  type KeyState,
  type KnownOrganization,
  type OrganizationState,
} from '../src/index.ts';
import { AT, FOREIGN_ORGANIZATION_ID, ORGANIZATION_ID } from './samples.ts';

const KEYS = ['key_1', 'key_2', 'key_3', 'key_4'];
const MEMBERS = { user_o: 'owner', user_a: 'admin', user_d: 'developer', user_v: 'viewer' } as const;
const acme: KnownOrganization = {
  status: 'active',
  id: ORGANIZATION_ID,
  name: 'Acme',
  policy: DEFAULT_POLICY,
  members: Object.fromEntries(
    Object.entries(MEMBERS).map(([id, role]) => [id, { role, state: 'active', joinedAt: AT }]),
  ),
  invitations: {},
  createdAt: AT,
};

const anyOf = (type: Actor['type'], ...ids: string[]): fc.Arbitrary<Actor> =>
  fc.constantFrom(...ids).map((id) => ({ type, id }));
const actor = fc.oneof(
  anyOf('user', 'user_o', 'user_a'),
  anyOf('user', 'user_d', 'user_v', 'user_stranger'),
  anyOf('key', ...KEYS),
);
const organizationId = fc.oneof(
  { weight: 9, arbitrary: fc.constant(ORGANIZATION_ID) },
  { weight: 1, arbitrary: fc.constant(FOREIGN_ORGANIZATION_ID) },
);
const target = { actor, organizationId, keyId: fc.constantFrom(...KEYS) };
const name = fc.oneof(fc.constantFrom('a', 'b'), fc.constantFrom('a', 'b', ' bad'));
const grant = fc.constantFrom(...ROLES).chain((role) =>
  fc.record({
    role: fc.constant(role),
    permissions: fc.oneof(
      fc.constant(undefined),
      fc.subarray([...ROLE_PERMISSIONS[role]]),
      fc.subarray([...PERMISSIONS]),
    ),
  }),
);
const step = fc.oneof(
  fc
    .tuple(fc.record({ type: fc.constant('CreateKey' as const), ...target, name }), grant)
    .map(([one, granted]) => ({ ...one, ...granted })),
  fc
    .tuple(
      fc.record({ type: fc.constant('UpdateKey' as const), ...target, name }),
      fc.oneof(
        fc.constant({ role: undefined, permissions: undefined }),
        grant,
        grant.map(({ permissions }) => ({ role: undefined, permissions })),
      ),
    )
    .map(([one, granted]) => ({ ...one, ...granted })),
  fc.record({ type: fc.constantFrom('SuspendKey' as const, 'ResumeKey' as const), ...target }),
  fc.record({ type: fc.constantFrom('RotateKey' as const, 'ResumeKey' as const), ...target }),
  fc.record({ type: fc.constantFrom('RevokeKey' as const, 'RotateKey' as const), ...target }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Two keys that are there from the start, made by an owner or an admin; then anything by anybody. */
const first = (keyId: string) =>
  fc.tuple(anyOf('user', 'user_o', 'user_a'), grant).map(([by, granted]): Step => {
    return { type: 'CreateKey', actor: by, organizationId: ORGANIZATION_ID, keyId, name: 'a', ...granted };
  });
const history = fc
  .tuple(first('key_1'), first('key_2'), fc.array(step, { minLength: 10, maxLength: 30 }))
  .map(([one, two, more]) => [one, two, ...more]);

/** The model of one key. */
interface Modelled {
  may: ReadonlySet<string>;
  role: Role;
  /** The narrowing as asked: with the role, tells a repeated create from another key under the same id. */
  narrowing: readonly string[] | undefined;
  state: 'active' | 'suspended' | 'revoked';
  name: string;
}
type Model = Map<string, Modelled>;

/** What the actor may do there; undefined for whoever is nobody there. */
function mayOf(model: Model, who: Actor, organization: string): ReadonlySet<string> | undefined {
  if (organization !== ORGANIZATION_ID) return undefined;
  if (who.type === 'user') {
    const role = new Map(Object.entries(MEMBERS)).get(who.id);
    return role && new Set(ROLE_PERMISSIONS[role]);
  }
  const found = model.get(who.id);
  return found?.state === 'active' ? found.may : undefined;
}

const isWithin = (inner: ReadonlySet<string>, outer: ReadonlySet<string>) =>
  [...inner].every((one) => outer.has(one));

/** Applies a step to the model; answers whether it is accepted. */
function accepts(model: Model, step: Step): boolean {
  const found = model.get(step.keyId);
  if (step.type === 'RevokeKey' && step.actor.type === 'key' && step.actor.id === step.keyId) {
    // Whoever holds a secret may end it.
    if (!found || step.organizationId !== ORGANIZATION_ID) return false;
    found.state = 'revoked';
    return true;
  }
  const maker = mayOf(model, step.actor, step.organizationId);
  if (!maker?.has('api-keys:write')) return false;
  if ('name' in step && step.name !== step.name.trim()) return false;
  if (step.type === 'CreateKey') {
    const role = new Set<string>(ROLE_PERMISSIONS[step.role]);
    const may = new Set<string>(step.permissions ?? role);
    if (!isWithin(may, role) || !isWithin(may, maker)) return false;
    if (found)
      return found.role === step.role && JSON.stringify(found.narrowing) === JSON.stringify(step.permissions);
    model.set(step.keyId, {
      may,
      role: step.role,
      narrowing: step.permissions,
      state: 'active',
      name: step.name,
    });
    return true;
  }
  if (!found) return false;
  if (step.type === 'RevokeKey') {
    found.state = 'revoked';
    return true;
  }
  if (found.state === 'revoked') return false;
  switch (step.type) {
    case 'UpdateKey':
      return narrows(found, step);
    case 'SuspendKey':
      found.state = 'suspended';
      return true;
    case 'RotateKey':
      return isWithin(found.may, maker);
    case 'ResumeKey':
      if (!isWithin(found.may, maker)) return false;
      found.state = 'active';
      return true;
  }
}

function narrows(found: Modelled, step: Extract<Step, { type: 'UpdateKey' }>): boolean {
  const role = step.role ?? found.role;
  const ofRole = new Set<string>(ROLE_PERMISSIONS[role]);
  if (!isWithin(ofRole, new Set<string>(ROLE_PERMISSIONS[found.role]))) return false;
  const asked = step.permissions && new Set<string>(step.permissions);
  if (asked && (!isWithin(asked, ofRole) || !isWithin(asked, found.may))) return false;
  found.may = asked ?? new Set([...found.may].filter((one) => ofRole.has(one)));
  found.role = role;
  found.narrowing = step.permissions ?? found.narrowing;
  found.name = step.name;
  return true;
}

/** The system under test: one list of stored events per key, everything else folded from them. */
class Streams {
  private tries = 0;
  readonly stored = new Map<string, unknown[]>(KEYS.map((id) => [id, []]));

  state(id: string): KeyState {
    const events = this.stored.get(id)!.map((one) => keyCodec.decode(one as never));
    return events.reduce(key.evolve, key.initial);
  }

  authority(who: Actor, organization: string) {
    const there: OrganizationState = organization === ORGANIZATION_ID ? acme : { status: 'none' };
    return authorityOf(who, there, who.type === 'key' ? this.state(who.id) : undefined, AT);
  }

  /** Decides, stores through the codec and answers the events; undefined when refused. */
  run(
    step: Step,
    authority = this.authority(step.actor, step.organizationId),
  ): readonly KeyEvent[] | undefined {
    this.tries += 1;
    const command = {
      ...step,
      at: AT,
      authority,
      kind: 'service',
      credential: { digest: this.tries.toString(16).padStart(64, '0'), pepperVersion: 1 },
      policy: DEFAULT_POLICY,
      unknownScopeIds: [],
      previous: { validForMs: 0 },
    } as unknown as KeyCommand;
    const before = this.state(step.keyId);
    try {
      const events = key.decide(command, before);
      const after = events.reduce(key.evolve, before);
      expect(key.decide(command, after)).toEqual([]);
      this.stored.get(step.keyId)!.push(...events.map(store));
      expect(this.state(step.keyId)).toEqual(after);
      return events;
    } catch (error) {
      if (error instanceof ProblemError) return undefined;
      throw error;
    }
  }
}

function store(event: KeyEvent) {
  const { type, data, schemaVersion } = keyCodec.encode(event);
  const metadata = { schemaVersion, at: event.at, actor: event.actor };
  return JSON.parse(JSON.stringify({ type, data, metadata })) as unknown;
}

/** Runs the steps on both sides and compares after each; answers how many were accepted. */
function compare(steps: readonly Step[], run: (streams: Streams, step: Step) => unknown): number {
  const model: Model = new Map();
  const streams = new Streams();
  let accepted = 0;
  for (const step of steps) {
    const maker = mayOf(model, step.actor, step.organizationId);
    const before = model.get(step.keyId)?.may;
    const isAccepted = accepts(model, step);
    expect([step, run(streams, step) !== undefined]).toEqual([step, isAccepted]);
    if (isAccepted) accepted += 1;
    const after = model.get(step.keyId);
    if (after && before === undefined) expect([...after.may].filter((one) => !maker!.has(one))).toEqual([]);
    // Nothing that was done to a key gave it anything.
    if (after && before) expect([...after.may].filter((one) => !before.has(one))).toEqual([]);
    for (const id of KEYS) expectSame(id, model.get(id), streams);
  }
  return accepted;
}

function expectSame(id: string, modelled: Modelled | undefined, streams: Streams): void {
  const state = streams.state(id);
  const may = streams.authority({ type: 'key', id }, ORGANIZATION_ID)?.permissions;
  if (!modelled) return expect(state).toEqual({ status: 'none' });
  expect(state).toMatchObject({ status: modelled.state, name: modelled.name });
  expect(may && [...may].sort()).toEqual(modelled.state === 'active' ? [...modelled.may].sort() : undefined);
}

describe('random histories of keys (G8)', () => {
  it('the streams and the model agree after every step', () => {
    let accepted = 0;
    fc.assert(
      fc.property(history, (steps) => {
        accepted += compare(steps, (streams, one) => streams.run(one));
      }),
      { numRuns: 120 },
    );
    // The histories are not mere strings of refusals.
    expect(accepted).toBeGreaterThan(400);
  });

  it("control: a decision that asks for nobody's authority is found", () => {
    const unguarded = (streams: Streams, one: Step) => streams.run(one, { permissions: PERMISSIONS });
    expect(() =>
      fc.assert(
        fc.property(history, (steps) => void compare(steps, unguarded)),
        { endOnFailure: true },
      ),
    ).toThrow();
  });
});
