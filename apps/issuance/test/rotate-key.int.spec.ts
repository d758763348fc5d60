/** Rotating a key: a new secret, shown once (G1, G2), for nobody who lacks what the key holds (G8). */
import { randomUUID } from 'node:crypto';
import {
  newId,
  tokenDigest,
  type Actor,
  type CommandContracts,
  type CreateKeyOutput,
} from '@mcpstack/contracts';
import type { ServiceKey } from '@mcpstack/domain';
import type { EventStore } from '@mcpstack/event-store';
import { Log, readPeppers } from '@mcpstack/service-kit';
import { Confirmation } from '../src/confirmation.ts';
import { Decisions } from '../src/decisions.ts';
import { KeptReplies } from '../src/kept-replies.ts';
import type { RotateKeyCommand } from '../src/key/commands.ts';
import { RotateKeyHandler } from '../src/key/rotate-key.ts';
import { Mint } from '../src/mint.ts';
import { expectFinal, expectHidden, keyActor, person } from './checks.ts';
import { Harness, problemOf, strongKey } from './harness.ts';
import { OneLook, storeWith } from './parts.ts';

let harness: Harness;
let mint: Mint;
beforeAll(async () => {
  harness = await Harness.start();
  mint = new Mint(readPeppers(harness.pepperFile), 'mcpstack');
});
afterAll(() => harness.stop());

const rotate = (
  keyId: string,
  changes: object = {},
  input: Omit<CommandContracts['rotateKey']['input'], 'organizationId' | 'keyId'> = {
    previous: { validForMs: 60_000 },
  },
): Promise<CreateKeyOutput> =>
  harness.send('rotateKey', { organizationId: harness.organizationId, keyId, ...input }, changes);
const attempt = () => ({ commandId: randomUUID(), idempotencyKey: strongKey() });

async function serviceKey(keyId: string): Promise<ServiceKey> {
  const state = await harness.key(keyId);
  if (state.status === 'none' || state.kind !== 'service') throw new Error('no service key');
  return state;
}

describe('rotateKey', () => {
  it('accepted: a new secret, the one before for as long as asked, final when answered (G3)', async () => {
    const { key, secret } = await harness.createKey();
    harness.asked.splice(0);
    const began = Date.now();
    const rotated = await rotate(key.id);
    expect(rotated.secret).toMatch(/^mcpstack_sk_[0-9A-Za-z]{49}$/);
    expect(rotated.secret).not.toBe(secret);
    expect(harness.asked).toMatchObject([{ need: 'final', position: rotated.position }]);
    const { secrets } = await serviceKey(key.id);
    expect(secrets.map(({ version }) => version)).toEqual([1, 2]);
    expect(mint.recognizes(tokenDigest(rotated.secret!), secrets[1]!.credential)).toBe(true);
    const endsIn = Date.parse(secrets[0]!.validUntil!) - began;
    expect(endsIn).toBeGreaterThanOrEqual(60_000);
    expect(endsIn).toBeLessThan(70_000);
    expect(rotated.key.secrets).toMatchObject([
      { version: 1, validUntil: secrets[0]!.validUntil },
      { version: 2 },
    ]);
    expect(JSON.stringify(rotated)).not.toMatch(/digest|credential|pepper/);
  });

  it('accepted: without overlap the one before ends now; or it waits for the new one to be seen', async () => {
    const { key } = await harness.createKey();
    const now = await rotate(key.id, {}, { previous: { validForMs: 0 } });
    expect(now.key.secrets.map(({ version }) => version)).toEqual([2]);
    const seen = await rotate(key.id, {}, { previous: { untilNextSeen: true } });
    expect(seen.key.secrets).toMatchObject([{ version: 2, untilNextSeen: true }, { version: 3 }]);
  });

  it('repeated: opens the kept reply, also after a later rotation; one event (G2)', async () => {
    const { key } = await harness.createKey();
    const same = attempt();
    const first = await rotate(key.id, same);
    expect(await rotate(key.id, same)).toEqual(first);
    const later = await rotate(key.id);
    const again = await rotate(key.id, same);
    expect(again.secret).toBe(first.secret);
    expect(later.secret).not.toBe(first.secret);
    expect(await harness.keyEvents(key.id)).toEqual(['KeyCreated', 'KeyRotated', 'KeyRotated']);
  });

  it('repeated without a strong Idempotency-Key: says that the secret was shown already', async () => {
    const { key } = await harness.createKey();
    const same = { commandId: randomUUID() };
    const { secret, ...rest } = await rotate(key.id, same);
    expect(secret).toBeDefined();
    expect(await rotate(key.id, same)).toEqual({ ...rest, secretAlreadyShown: true });
  });

  it('50 tries of one command at once: one rotation, one secret (G2)', async () => {
    const { key } = await harness.createKey();
    const same = attempt();
    const outputs = await Promise.all(Array.from({ length: 50 }, () => rotate(key.id, same)));
    expect(new Set(outputs.map(({ secret }) => secret)).size).toBe(1);
    const { secrets } = await serviceKey(key.id);
    expect(mint.recognizes(tokenDigest(outputs[0]!.secret!), secrets.at(-1)!.credential)).toBe(true);
    expect(await harness.keyEvents(key.id)).toEqual(['KeyCreated', 'KeyRotated']);
  });

  it('accepted: by the digest of a token that the client made; nothing is shown', async () => {
    const { key } = await harness.createKey();
    const digest = tokenDigest(`made-by-the-client-${randomUUID()}`);
    const output = await rotate(key.id, {}, { previous: { validForMs: 0 }, digest });
    expect(Object.keys(output).sort()).toEqual(['key', 'position']);
    expect(mint.recognizes(digest, (await serviceKey(key.id)).secrets.at(-1)!.credential)).toBe(true);
  });

  it('not confirmed: recorded, not yet final; the retry has the secret (G3)', async () => {
    const { key } = await harness.createKey();
    const input = {
      organizationId: harness.organizationId,
      keyId: key.id,
      previous: { validForMs: 0 },
    } as const;
    expect(await expectFinal(harness, 'rotateKey', input)).toHaveProperty('secret');
    expect(await harness.keyEvents(key.id)).toEqual(['KeyCreated', 'KeyRotated']);
  });

  it('refused: by somebody who lacks what the key holds, so that nobody lifts themselves (G8)', async () => {
    const strong = await harness.createKey({}, { role: 'owner' });
    const admin = await harness.createKey({}, { role: 'admin' });
    const lifted = await problemOf(rotate(strong.key.id, { actor: keyActor(admin.key.id) }));
    expect(lifted.code).toBe('forbidden');
    // Control: what the admin does hold it may rotate.
    const weak = await harness.createKey();
    expect(await rotate(weak.key.id, { actor: keyActor(admin.key.id) })).toHaveProperty('secret');
  });

  it('refused: revoked; and foreign, unknown and strangers in the same words', async () => {
    const { key } = await harness.createKey();
    await harness.revokeKey(key.id);
    expect((await problemOf(rotate(key.id))).code).toBe('conflict');
    const foreign = await harness.createOrganization('Foreign', harness.owner.id);
    const previous = { validForMs: 0 };
    await expectHidden(
      harness.send('rotateKey', { organizationId: foreign, keyId: key.id, previous }),
      rotate(newId('key')),
      rotate(key.id, { actor: person() }),
    );
  });
});

describe('somebody who loses the rights while a key is being rotated (G8)', () => {
  /** Rotates in the name of an admin key that is revoked right after the append. */
  async function rotateWhileRevoked(
    input: object,
    decisions = (store: EventStore) => new Decisions(store),
    afterwards: () => void = () => undefined,
  ) {
    const { key } = await harness.createKey();
    const admin = await harness.createKey({}, { role: 'admin' });
    const actor: Actor = keyActor(admin.key.id);
    let isDone = false;
    const store = storeWith(harness.store, async (log, ...args) => {
      const result = await log.append(...args);
      if (isDone) return result;
      isDone = true;
      await harness.revokeKey(admin.key.id);
      afterwards();
      return result;
    });
    const times = { deltaMs: 1, finalTimeoutMs: 500 };
    const confirmation = new Confirmation(harness.nats, times, new Log('spec', 'silent'));
    const handler = new RotateKeyHandler(decisions(store), new KeptReplies(harness.nats), confirmation, mint);
    const asked = harness.envelope(
      { organizationId: harness.organizationId, keyId: key.id, ...input },
      { actor, idempotencyKey: strongKey() },
    ) as unknown as RotateKeyCommand;
    const outcome = await handler.execute(asked).catch((error: unknown) => error);
    return { outcome, asked, handler, state: await serviceKey(key.id) };
  }
  const overlap = { previous: { validForMs: 60_000 } };

  it('gets no secret, not by a retry either; the key and the secret before go on', async () => {
    const { outcome, asked, handler, state } = await rotateWhileRevoked(overlap);
    expect(outcome).toMatchObject({ code: 'forbidden', permission: 'api-keys:write' });
    expect(state.status).toBe('active');
    expect(state.secrets.map(({ version }) => version)).toEqual([1, 2]);
    expect((await problemOf(handler.execute(asked))).code).toBe('not-found');
  });

  it('is shut out of a secret of its own making: one that nobody knows has taken its place', async () => {
    const digest = tokenDigest(`made-by-the-client-${randomUUID()}`);
    const { outcome, state } = await rotateWhileRevoked({ ...overlap, digest });
    expect(outcome).toMatchObject({ code: 'forbidden' });
    expect(state.status).toBe('active');
    const [own, next] = state.secrets;
    expect(mint.recognizes(digest, own!.credential)).toBe(true);
    expect(Date.parse(own!.validUntil!)).toBeLessThanOrEqual(Date.now());
    expect(next).toMatchObject({ version: 3 });
  });

  it('the retry of one that was shut out, and not finally, waits again (G3)', async () => {
    const digest = tokenDigest(`made-by-the-client-${randomUUID()}`);
    const { outcome, asked, handler } = await rotateWhileRevoked({ ...overlap, digest }, undefined, () => {
      harness.confirm = () => ({ confirmed: false, reason: 'spec' });
    });
    expect(outcome).toMatchObject({ code: 'not-final' });
    expect((await problemOf(handler.execute(asked))).code).toBe('not-final');
    harness.confirm = () => ({ confirmed: true });
    expect((await problemOf(handler.execute(asked))).code).toBe('not-found');
  });

  it('control: without the second look the secret would be handed out', async () => {
    const { outcome } = await rotateWhileRevoked(overlap, (store) => new OneLook(store));
    expect(outcome).toHaveProperty('secret');
  });
});
