/** Commands on publishable keys: accepted, refused, repeated. */
import { randomUUID } from 'node:crypto';
import { deriveId, newId, tokenDigest, type CommandContracts, type ProblemError } from '@mcpstack/contracts';
import type { EventStore } from '@mcpstack/event-store';
import { Log, readPeppers } from '@mcpstack/service-kit';
import { Confirmation } from '../src/confirmation.ts';
import { Decisions } from '../src/decisions.ts';
import type { CreatePublicKeyCommand } from '../src/key/commands.ts';
import { KeyMaking } from '../src/key/making.ts';
import { CreatePublicKeyHandler } from '../src/key/public-key-handlers.ts';
import { Mint } from '../src/mint.ts';
import {
  expectFinal,
  expectForbidden,
  expectHidden,
  expectRepeatable,
  keyActor,
  person,
  wrongFields,
} from './checks.ts';
import { Harness, problemOf } from './harness.ts';
import { OneLook, storeWith } from './parts.ts';

let harness: Harness;
let agentId: string;
beforeAll(async () => {
  harness = await Harness.start();
  agentId = await harness.addAgent(['example.com', 'other.example']);
});
afterAll(() => harness.stop());
beforeEach(() => harness.asked.splice(0));

const ORIGIN = 'https://app.example.com';
const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();
const input = (changes: object = {}): CommandContracts['createPublicKey']['input'] => ({
  organizationId: harness.organizationId,
  name: 'widget',
  agentId,
  origins: [{ origin: ORIGIN }],
  ...changes,
});
const create = (changes: object = {}, envelope: object = {}) =>
  harness.send('createPublicKey', input(changes), envelope);
const codeOf = (sent: Promise<unknown>) =>
  sent.then(
    () => undefined,
    ({ code }: ProblemError) => code,
  );
const ofKey = (keyId: string) => ({ organizationId: harness.organizationId, keyId });

describe('createPublicKey', () => {
  it('accepted: its value is shown, stays readable, and is recognized', async () => {
    const { publicKey, position } = await create({ expiresAt: inDays(3) });
    expect(publicKey).toMatchObject({
      kind: 'publishable',
      state: 'active',
      agentId,
      value: expect.stringMatching(/^mcpstack_pk_[0-9A-Za-z]{49}$/) as string,
      origins: [{ origin: ORIGIN }],
      development: false,
      revision: '0',
    });
    const { value, id } = publicKey;
    const credential = readPeppers(harness.pepperFile).credential(tokenDigest(value));
    expect(await harness.key(id)).toMatchObject({ value, credential });
    expect(harness.asked).toMatchObject([{ need: 'visible', position }]);
  });

  it('repeated: the same value, whichever of 30 tries at once made it (G2)', async () => {
    await expectRepeatable(harness, 'createPublicKey', input());
    const same = { commandId: randomUUID() };
    const outputs = await Promise.all(Array.from({ length: 30 }, () => create({}, same)));
    expect(new Set(outputs.map(({ publicKey }) => publicKey.value)).size).toBe(1);
    expect(await harness.keyEvents(outputs[0]!.publicKey.id)).toEqual(['PublicKeyCreated']);
  });

  it('whoever loses the rights meanwhile makes none (G8); control: without the second look it stays', async () => {
    const made = async (decisionsOn: (store: EventStore) => Decisions, afterwards?: () => void) => {
      const admin = await harness.addMember('admin');
      const demotion = { organizationId: harness.organizationId, userId: admin.id, role: 'viewer' } as const;
      let isFirst = true;
      const store = storeWith(harness.store, async (log, ...args) => {
        if (isFirst) {
          await harness.send('changeMemberRole', demotion).finally(() => (isFirst = false));
          afterwards?.();
        }
        return log.append(...args);
      });
      const decisions = decisionsOn(store);
      const times = { deltaMs: 1, finalTimeoutMs: 1_000 };
      const handler = new CreatePublicKeyHandler(
        decisions,
        new Confirmation(harness.nats, times, new Log('spec', 'silent')),
        new Mint(readPeppers(harness.pepperFile), 'mcpstack'),
        new KeyMaking(decisions),
      );
      const asked = harness.envelope(input(), { actor: admin });
      const outcome = await handler.execute(asked as unknown as CreatePublicKeyCommand).then(
        () => 'made',
        ({ code }: ProblemError) => code,
      );
      const { status } = await harness.key(deriveId('key', asked.commandId));
      const retry = await codeOf(harness.client.send('createPublicKey', asked));
      return [outcome, status, retry];
    };
    expect(await made((store) => new Decisions(store))).toEqual(['forbidden', 'revoked', 'forbidden']);
    expect(await made((store) => new OneLook(store))).toEqual(['made', 'active', undefined]);
    // The retry of one that was not final waits again (G3).
    const stop = () => void (harness.confirm = () => ({ confirmed: false, reason: 'spec' }));
    const stopped = await made((store) => new Decisions(store), stop);
    harness.confirm = () => ({ confirmed: true });
    expect(stopped).toEqual(['not-final', 'revoked', 'not-final']);
  });

  it.each([
    ['a path', 'https://app.example.com/'],
    ['http', 'http://app.example.com'],
    ['a domain that is not proven', 'https://app.example.org'],
    ['a dot at the end', 'https://app.example.com.'],
    ['localhost', 'http://localhost:3000'],
    ['null', 'null'],
  ])('refused: an origin with %s', async (_what, origin) => {
    expect(await wrongFields(create({ origins: [{ origin }] }))).toEqual(['origins.0']);
  });

  it('accepted: localhost, on a key made for development', async () => {
    const { publicKey } = await create({ origins: [{ origin: 'http://localhost:3000' }], development: true });
    expect(publicKey.origins).toEqual([{ origin: 'http://localhost:3000' }]);
  });

  it('refused: without the permission; and foreign and unknown agents in the same words', async () => {
    const weak = await harness.createKey();
    await expectForbidden(create({}, { actor: keyActor(weak.key.id) }), 'api-keys:write');
    const foreign = await harness.createOrganization('Foreign', harness.owner.id);
    await expectHidden(
      create({ agentId: newId('agent') }),
      create({ organizationId: foreign }),
      create({}, { actor: person() }),
    );
  });
});

describe('updatePublicKey', () => {
  it('accepted: renamed once visible, origins taken away once final (G3); a stale revision is refused', async () => {
    const { publicKey } = await create({
      origins: [{ origin: ORIGIN }, { origin: 'https://other.example' }],
    });
    harness.asked.splice(0);
    const renamed = await harness.send('updatePublicKey', { ...ofKey(publicKey.id), name: 'new' });
    expect(harness.asked).toMatchObject([{ need: 'visible', position: renamed.position }]);
    const less = { ...ofKey(publicKey.id), origins: [ORIGIN], ifRevision: '1' };
    const { publicKey: left } = await expectFinal(harness, 'updatePublicKey', less);
    expect(left).toMatchObject({ name: 'new', origins: [{ origin: ORIGIN }], revision: '2' });
    const stale = harness.send('updatePublicKey', { ...less, ifRevision: '1', name: 'x' });
    expect((await problemOf(stale)).code).toBe('precondition-failed');
  });

  it('refused: an origin more, a service key, foreign, unknown', async () => {
    const { publicKey } = await create();
    const more = { ...ofKey(publicKey.id), origins: [ORIGIN, 'https://b.example.com'] };
    expect(await wrongFields(harness.send('updatePublicKey', more))).toEqual(['origins.1']);
    const { key } = await harness.createKey();
    const foreign = await harness.createOrganization('Foreign', harness.owner.id);
    await expectHidden(
      harness.send('updatePublicKey', { ...ofKey(key.id), name: 'x' }),
      harness.send('updatePublicKey', { ...ofKey(newId('key')), name: 'x' }),
      harness.send('updatePublicKey', { organizationId: foreign, keyId: publicKey.id, name: 'x' }),
      harness.send('updateKey', { ...ofKey(publicKey.id), name: 'x' }),
    );
  });
});

describe('addTemporaryOrigin', () => {
  const origin = 'https://preview-7.example.com';

  it('accepted, once visible; repeated: one event', async () => {
    const { publicKey } = await create();
    const asked = { ...ofKey(publicKey.id), origin, expiresAt: inDays(7) };
    const output = await expectRepeatable(harness, 'addTemporaryOrigin', asked);
    expect(output.publicKey.origins).toEqual([{ origin: ORIGIN }, { origin, expiresAt: asked.expiresAt }]);
    expect(await harness.keyEvents(publicKey.id)).toEqual(['PublicKeyCreated', 'PublicKeyOriginAdded']);
  });

  it('refused: for longer than 7 days, elsewhere, unknown, a service key', async () => {
    const { publicKey } = await create();
    const add = (keyId: string, changes: object = {}) =>
      harness.send('addTemporaryOrigin', { ...ofKey(keyId), origin, expiresAt: inDays(6), ...changes });
    expect(await wrongFields(add(publicKey.id, { expiresAt: inDays(8) }))).toEqual(['expiresAt']);
    expect(await wrongFields(add(publicKey.id, { origin: 'https://a.example.org' }))).toEqual(['origin']);
    const { key } = await harness.createKey();
    await expectHidden(add(newId('key')), add(key.id));
  });
});
