/** G8 under load: making keys against taking the rights of whoever makes them. */
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { permissionsOf, type Actor } from '@mcpstack/contracts';
import { keyExceeds } from '@mcpstack/domain';
import type { EventStore } from '@mcpstack/event-store';
import { Log, readPeppers } from '@mcpstack/service-kit';
import { Confirmation } from '../src/confirmation.ts';
import { Decisions } from '../src/decisions.ts';
import { KeptReplies } from '../src/kept-replies.ts';
import type { CreateKeyCommand } from '../src/key/commands.ts';
import { CreateKeyHandler } from '../src/key/create-key.ts';
import { KeyMaking } from '../src/key/making.ts';
import { Mint } from '../src/mint.ts';
import { Harness } from './harness.ts';
import { OneLook, storeWith } from './parts.ts';

const ROUNDS = 500;
const AT_ONCE = 25;
/** A create begins so much after a demotion, or before it. With many at once each takes tens of milliseconds. */
const SPREAD_MS = 60;

let harness: Harness;
let mint: Mint;
beforeAll(async () => {
  harness = await Harness.start();
  mint = new Mint(readPeppers(harness.pepperFile), 'mcpstack');
});
afterAll(() => harness.stop());

interface Ended {
  /** The key is in force and holds more than its maker does. */
  exceeds: boolean;
  secretShown: boolean;
  made: boolean;
}

/** One admin makes a key of the role admin while the owner makes them a viewer. */
async function round(
  race: (
    create: () => Promise<unknown>,
    demote: () => Promise<unknown>,
    store: HookedStore,
  ) => Promise<unknown>,
  decisions: (store: EventStore) => Decisions,
  digest?: string,
): Promise<Ended> {
  const { organizationId, member: admin } = await harness.addOrganization('revoke', 'admin');
  const hooked = hookedStore();
  const asked = createBy(admin, organizationId, digest);
  let secretShown = false;
  const create = () =>
    handler(decisions(hooked.store))
      .execute(asked)
      .then(
        (output) => void (secretShown = output.secret !== undefined),
        () => undefined,
      );
  const demote = () => harness.send('changeMemberRole', { organizationId, userId: admin.id, role: 'viewer' });
  await race(create, demote, hooked);
  const state = hooked.keyId === undefined ? undefined : await harness.key(hooked.keyId);
  const isInForce = state !== undefined && state.status === 'active' && state.kind === 'service';
  return {
    made: hooked.keyId !== undefined,
    secretShown: secretShown && isInForce,
    exceeds: isInForce && keyExceeds(state, permissionsOf('viewer')),
  };
}

interface HookedStore {
  store: EventStore;
  keyId: string | undefined;
  beforeAppend: () => Promise<unknown>;
}

/** The log, which remembers the key that was made in it. */
function hookedStore(): HookedStore {
  const hooked: HookedStore = {
    keyId: undefined,
    beforeAppend: () => Promise.resolve(),
    store: storeWith(harness.store, async (log, stream, ...rest) => {
      if (hooked.keyId === undefined) {
        await hooked.beforeAppend();
        hooked.keyId = stream.slice('key-'.length);
      }
      return log.append(stream, ...rest);
    }),
  };
  return hooked;
}

function handler(decisions: Decisions): CreateKeyHandler {
  const confirmation = new Confirmation(
    harness.nats,
    { deltaMs: 1, finalTimeoutMs: 2_000 },
    new Log('spec', 'silent'),
  );
  return new CreateKeyHandler(
    decisions,
    new KeyMaking(decisions),
    new KeptReplies(harness.nats),
    confirmation,
    mint,
  );
}

function createBy(actor: Actor, organizationId: string, digest?: string): CreateKeyCommand {
  const input = { organizationId, name: 'bot', role: 'admin', ...(digest && { digest }) };
  return harness.envelope(input, { actor }) as unknown as CreateKeyCommand;
}

/** Runs the rounds, so many at once. */
async function rounds(count: number, run: (index: number) => Promise<Ended>): Promise<Ended[]> {
  const ends: Ended[] = [];
  let next = 0;
  const work = async () => {
    for (let index = (next += 1); index <= count; index = next += 1) ends.push(await run(index));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return ends;
}

describe('createKey against changeMemberRole (G8)', () => {
  const anyhow = async (create: () => Promise<unknown>, demote: () => Promise<unknown>) =>
    Promise.all([
      delay(Math.random() * SPREAD_MS).then(create),
      delay((Math.random() * SPREAD_MS) / 3).then(demote),
    ]);
  /** The worst case: decided before the loss, appended after it. */
  const between = async (
    create: () => Promise<unknown>,
    demote: () => Promise<unknown>,
    store: HookedStore,
  ) => {
    store.beforeAppend = demote;
    await create();
  };
  const after = async (create: () => Promise<unknown>, demote: () => Promise<unknown>) => {
    await demote();
    await create();
  };
  /** Mostly as it comes; each order is also forced, so that it comes up on however slow a machine. */
  const order = (index: number) => (index % 10 === 0 ? between : index % 10 === 1 ? after : anyhow);
  const digest = (index: number) => (index % 2 === 0 ? randomBytes(32).toString('hex') : undefined);

  it(`${ROUNDS} races: no key in force holds more than its maker does`, async () => {
    const ends = await rounds(ROUNDS, (index) =>
      round(order(index), (store) => new Decisions(store), digest(index)),
    );
    expect(ends).toHaveLength(ROUNDS);
    expect(ends.filter(({ exceeds }) => exceeds)).toEqual([]);
    // Both orders came up: some keys were made, some were refused.
    const made = ends.filter((one) => one.made).length;
    expect(made).toBeGreaterThan(ROUNDS / 10);
    expect(made).toBeLessThan(ROUNDS);
  });

  it('control: without the second look such keys stay in force', async () => {
    const ends = await rounds(20, () => round(between, (store) => new OneLook(store)));
    expect(ends.filter(({ exceeds }) => exceeds)).toHaveLength(20);
    expect(ends.filter(({ secretShown }) => secretShown)).toHaveLength(20);
  });
});
