/**
 * Random histories of keys against a tiny model that knows nothing of the domain's code: what a key may
 * is a set that is fixed at its making and within its maker's; revoked is for ever (G8).
 */
import { PERMISSIONS, ProblemError, ROLE_PERMISSIONS, ROLES, type Actor } from '@mcpstack/contracts';
import fc from 'fast-check';
import {
  authorityOf,
  key,
  keyCodec,
  type KeyCommand,
  type KeyEvent,
  type KeyState,
  type OrganizationState,
} from '../src/index.ts';
import { AT, CREDENTIAL, FOREIGN_ORGANIZATION_ID, ORGANIZATION_ID } from './samples.ts';

const KEYS = ['key_1', 'key_2', 'key_3', 'key_4'];
const MEMBERS = { user_o: 'owner', user_a: 'admin', user_d: 'developer', user_v: 'viewer' } as const;
const acme: OrganizationState = {
  status: 'active',
  id: ORGANIZATION_ID,
  name: 'Acme',
  members: MEMBERS,
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
  fc.record({ type: fc.constant('RenameKey' as const), ...target, name }),
  fc.record({ type: fc.constant('RevokeKey' as const), ...target }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** The model of one key. */
interface Modelled {
  may: ReadonlySet<string>;
  /** Role and narrowing as asked: tells a repeated create from another key under the same id. */
  asked: string;
  revoked: boolean;
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
  return found && !found.revoked ? found.may : undefined;
}

/** Applies a step to the model; answers whether it is accepted. */
function accepts(model: Model, step: Step): boolean {
  const maker = mayOf(model, step.actor, step.organizationId);
  if (!maker?.has('api-keys:write')) return false;
  if ('name' in step && step.name !== step.name.trim()) return false;
  const found = model.get(step.keyId);
  if (step.type === 'CreateKey') {
    const role = new Set<string>(ROLE_PERMISSIONS[step.role]);
    const may = new Set<string>(step.permissions ?? role);
    if ([...may].some((one) => !role.has(one) || !maker.has(one))) return false;
    const asked = JSON.stringify([step.role, step.permissions]);
    if (found) return found.asked === asked;
    model.set(step.keyId, { may, asked, revoked: false, name: step.name });
    return true;
  }
  if (!found || (step.type === 'RenameKey' && found.revoked)) return false;
  if (step.type === 'RenameKey') found.name = step.name;
  else found.revoked = true;
  return true;
}

/** The system under test: one list of stored events per key, everything else folded from them. */
class Streams {
  readonly stored = new Map<string, unknown[]>(KEYS.map((id) => [id, []]));

  state(id: string): KeyState {
    const events = this.stored.get(id)!.map((one) => keyCodec.decode(one as never));
    return events.reduce(key.evolve, key.initial);
  }

  authority(who: Actor, organization: string) {
    const there: OrganizationState = organization === ORGANIZATION_ID ? acme : { status: 'none' };
    return authorityOf(who, there, who.type === 'key' ? this.state(who.id) : undefined);
  }

  /** Decides, stores through the codec and answers the events; undefined when refused. */
  run(
    step: Step,
    authority = this.authority(step.actor, step.organizationId),
  ): readonly KeyEvent[] | undefined {
    const command = { ...step, at: AT, authority, credential: CREDENTIAL } as KeyCommand;
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
    const isNew = !model.has(step.keyId);
    const isAccepted = accepts(model, step);
    expect([step, run(streams, step) !== undefined]).toEqual([step, isAccepted]);
    if (isAccepted) accepted += 1;
    const made = isNew ? model.get(step.keyId) : undefined;
    if (made) expect([...made.may].filter((one) => !maker!.has(one))).toEqual([]);
    for (const id of KEYS) expectSame(id, model.get(id), streams);
  }
  return accepted;
}

function expectSame(id: string, modelled: Modelled | undefined, streams: Streams): void {
  const state = streams.state(id);
  const may = streams.authority({ type: 'key', id }, ORGANIZATION_ID)?.permissions;
  if (!modelled) return expect(state).toEqual({ status: 'none' });
  expect(state).toMatchObject({ status: modelled.revoked ? 'revoked' : 'active', name: modelled.name });
  expect(may && [...may].sort()).toEqual(modelled.revoked ? undefined : [...modelled.may].sort());
}

describe('random histories of keys (G8)', () => {
  it('the streams and the model agree after every step', () => {
    let accepted = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: 15, maxLength: 40 }), (steps) => {
        accepted += compare(steps, (streams, one) => streams.run(one));
      }),
      { numRuns: 300 },
    );
    // The histories are not mere strings of refusals.
    expect(accepted).toBeGreaterThan(600);
  });

  it("control: a decision that asks for nobody's authority is found", () => {
    const unguarded = (streams: Streams, one: Step) => streams.run(one, { permissions: PERMISSIONS });
    expect(() =>
      fc.assert(
        fc.property(
          fc.array(step, { minLength: 15, maxLength: 40 }),
          (steps) => void compare(steps, unguarded),
        ),
      ),
    ).toThrow();
  });
});
