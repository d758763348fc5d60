/** Making a key: the secret is shown once (G1), the key is made once (G2), and for nobody who may not (G8). */
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BUCKETS, newId, tokenDigest, type Actor, type CreateKeyOutput } from '@mcpstack/contracts';
import { eventId, type EventStore } from '@mcpstack/event-store';
import { startNats } from '@mcpstack/local-servers';
import { connectNats, Log, readPeppers } from '@mcpstack/service-kit';
import { Kvm } from '@nats-io/kv';
import { Confirmation } from '../src/confirmation.ts';
import { Decisions, type Aggregate, type Decided } from '../src/decisions.ts';
import { KeptReplies } from '../src/kept-replies.ts';
import type { CreateKeyCommand } from '../src/key/commands.ts';
import { CreateKeyHandler } from '../src/key/create-key.ts';
import { KeyMaking } from '../src/key/making.ts';
import { Mint } from '../src/mint.ts';
import { Harness, problemOf, sha256, strongKey } from './harness.ts';
import { OneLook, storeWith as storeOn } from './parts.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start();
  await harness.addInstance();
});
afterAll(() => harness.stop());
beforeEach(() => {
  harness.confirm = () => ({ confirmed: true });
});

const attempt = (idempotencyKey?: string) => ({
  commandId: randomUUID(),
  ...(idempotencyKey !== undefined && { idempotencyKey }),
});

/** A handler beside the service's, on parts that a test may change. */
function handler(parts: { store?: EventStore; decisions?: Decisions; replies?: KeptReplies } = {}) {
  const decisions = parts.decisions ?? new Decisions(parts.store ?? harness.store);
  const times = { deltaMs: 1, finalTimeoutMs: 500 };
  const confirmation = new Confirmation(harness.nats, times, new Log('spec', 'silent'));
  const mint = new Mint(readPeppers(harness.pepperFile), 'mcpstack');
  const replies = parts.replies ?? new KeptReplies(harness.nats);
  return new CreateKeyHandler(decisions, new KeyMaking(decisions), replies, confirmation, mint);
}

function command(changes: object = {}): CreateKeyCommand {
  const input = { organizationId: harness.organizationId, name: 'bot', role: 'developer' };
  return harness.envelope(input, changes) as unknown as CreateKeyCommand;
}

const storeWith = (append: Parameters<typeof storeOn>[1]): EventStore => storeOn(harness.store, append);

const secretsOf = (outputs: readonly CreateKeyOutput[]) =>
  new Set(outputs.flatMap(({ secret }) => (secret === undefined ? [] : [secret])));

describe('a retry after a lost reply (G2)', () => {
  it('opens the kept reply: the same key, the same secret, one event', async () => {
    const same = attempt(strongKey());
    const first = await harness.createKey(same);
    expect(await harness.createKey(same)).toEqual(first);
    expect(await harness.keyEvents(first.key.id)).toEqual(['KeyCreated']);
  });

  it.each([
    ['without an Idempotency-Key', undefined],
    ['with a weak one', 'retry-1'],
  ])('%s: says that the secret was shown already', async (_what, idempotencyKey) => {
    const same = attempt(idempotencyKey);
    const first = await harness.createKey(same);
    expect(first.secret).toBeDefined();
    const { secret, ...rest } = first;
    expect(secret).toBeDefined();
    expect(await harness.createKey(same)).toEqual({ ...rest, secretAlreadyShown: true });
  });

  it('after the kept reply has run out: says that the secret was shown already', async () => {
    const same = attempt(strongKey());
    const { key } = await harness.createKey(same);
    const bucket = await new Kvm(harness.nats).open(BUCKETS.replies);
    for await (const name of await bucket.keys(`${same.commandId}.*`)) await bucket.purge(name);
    const again = await harness.createKey(same);
    expect(again).toMatchObject({ key, secretAlreadyShown: true });
    expect(again).not.toHaveProperty('secret');
  });

  it('by another actor or with another Idempotency-Key: no secret', async () => {
    const same = attempt(strongKey());
    const first = await harness.createKey(same);
    const admin = await harness.createKey({}, { role: 'admin' });
    const other = await harness.createKey({ ...same, actor: { type: 'key', id: admin.key.id } });
    const otherKey = await harness.createKey({ ...same, idempotencyKey: strongKey() });
    for (const output of [other, otherKey]) {
      expect(output).toMatchObject({ secretAlreadyShown: true, key: { id: first.key.id } });
      expect(output).not.toHaveProperty('secret');
    }
  });

  it('with another request under the same Idempotency-Key: idempotency-key-reused', async () => {
    const same = attempt(strongKey());
    const first = await harness.createKey(same);
    const other = problemOf(harness.createKey(same, { name: 'another' }));
    expect((await other).code).toBe('idempotency-key-reused');
    expect(await harness.keyEvents(first.key.id)).toEqual(['KeyCreated']);
  });

  it('by somebody who has lost the rights since: refused, and the key stays', async () => {
    const admin = await harness.createKey({}, { role: 'admin' });
    const same = { ...attempt(strongKey()), actor: { type: 'key', id: admin.key.id } };
    const made = await harness.createKey(same);
    await harness.revokeKey(admin.key.id);
    expect((await problemOf(harness.createKey(same))).code).toBe('not-found');
    expect(await harness.keyEvents(made.key.id)).toEqual(['KeyCreated']);
  });
});

describe('200 tries of one command at once, on two instances (G2)', () => {
  it.each([
    ['a strong Idempotency-Key', strongKey(), 200],
    ['none', undefined, 1],
  ])('with %s: one key, one secret', async (_what, idempotencyKey, shown) => {
    const same = attempt(idempotencyKey);
    const outputs = await Promise.all(Array.from({ length: 200 }, () => harness.createKey(same)));
    expect(new Set(outputs.map(({ key }) => key.id)).size).toBe(1);
    expect(await harness.keyEvents(outputs[0]!.key.id)).toEqual(['KeyCreated']);
    expect(secretsOf(outputs).size).toBe(1);
    expect(outputs.filter(({ secret }) => secret !== undefined)).toHaveLength(shown);
    const [event] = await harness.events(`key-${outputs[0]!.key.id}`);
    const { credential } = readPeppersOf([...secretsOf(outputs)][0]!);
    expect(event!.data).toMatchObject({ credential });
  });

  const readPeppersOf = (token: string) => ({
    credential: readPeppers(harness.pepperFile).credential(tokenDigest(token)),
  });

  /** Runs two tries whose appends happen one right after the other, with nothing read in between. */
  async function race(decisions: (store: EventStore) => Decisions): Promise<CreateKeyOutput[]> {
    let arrived = 0;
    let open = (): void => undefined;
    const both = new Promise<void>((resolve) => (open = resolve));
    const store = storeWith(async (log, ...args) => {
      arrived += 1;
      if (arrived === 2) open();
      await both;
      return log.append(...args);
    });
    const same = attempt(strongKey());
    return Promise.all([1, 2].map(() => handler({ decisions: decisions(store) }).execute(command(same))));
  }

  it('of two whose appends both succeed, the one whose event stands made the key', async () => {
    const outputs = await race((store) => new Decisions(store));
    expect(outputs.map(({ secret }) => typeof secret)).toEqual(['string', 'string']);
    expect(secretsOf(outputs).size).toBe(1);
  });

  it('control: a try that trusts its append instead of the log shows a secret that opens nothing', async () => {
    class Trusting extends Decisions {
      override async decide<Of extends Aggregate>(
        ...args: Parameters<typeof Decisions.prototype.decide<Of>>
      ): Promise<Decided<Of>> {
        const handled = await super.decide(...args);
        const asked = args[3];
        if (asked.type !== 'CreateKey') return handled;
        const events = handled.events.map((event) => ({
          ...event,
          data: { ...event.data, credential: asked.credential },
        }));
        return { ...handled, events };
      }
    }
    expect(secretsOf(await race((store) => new Trusting(store))).size).toBe(2);
  });
});

describe('a maker who loses the rights while the key is being made (G8)', () => {
  /** Makes a key in the name of an admin key that is revoked right after the append. */
  async function makeWhileRevoked(
    decisions: (store: EventStore) => Decisions,
    { input = {}, afterwards = () => undefined }: { input?: object; afterwards?: () => void } = {},
  ) {
    const admin = await harness.createKey({}, { role: 'admin' });
    const actor: Actor = { type: 'key', id: admin.key.id };
    let madeStream = '';
    const store = storeWith(async (log, stream, ...rest) => {
      const result = await log.append(stream, ...rest);
      if (madeStream !== '') return result;
      madeStream = stream;
      await harness.revokeKey(admin.key.id);
      afterwards();
      return result;
    });
    const idempotencyKey = strongKey();
    const asked = command({ actor, idempotencyKey });
    Object.assign(asked.input, input);
    const outcome = await handler({ decisions: decisions(store) })
      .execute(asked)
      .catch((error: unknown) => error);
    const events = await harness.events(madeStream);
    return { outcome, events, asked };
  }

  it('gets no secret: forbidden, and the key is revoked', async () => {
    const { outcome, events, asked } = await makeWhileRevoked((store) => new Decisions(store));
    expect(outcome).toMatchObject({ code: 'forbidden', permission: 'api-keys:write' });
    expect(events.map(({ type, data }) => [type, data.reason])).toEqual([
      ['KeyCreated', undefined],
      ['KeyRevoked', 'maker-lost-rights'],
    ]);
    expect(events[1]!.metadata.actor).toEqual({ type: 'system', id: 'issuance' });
    // Nor does a retry get it, by the same route or by another who may.
    const retry = problemOf(handler().execute(asked));
    expect((await retry).code).toBe('not-found');
    const asOwner = problemOf(handler().execute({ ...asked, actor: harness.owner }));
    expect((await asOwner).code).toBe('forbidden');
  });

  it('by a token of their own: the retry of one that was not final waits again (G3)', async () => {
    const digest = tokenDigest(`made-by-the-client-${randomUUID()}`);
    const { outcome, asked } = await makeWhileRevoked((store) => new Decisions(store), {
      input: { digest },
      afterwards: () => (harness.confirm = () => ({ confirmed: false, reason: 'spec' })),
    });
    expect(outcome).toMatchObject({ code: 'not-final' });
    const retry = async () => (await problemOf(handler().execute(asked))).code;
    expect(await retry()).toBe('not-final');
    harness.confirm = () => ({ confirmed: true });
    expect(await retry()).toBe('not-found');
  });

  it('control: without the second look the secret would be handed out', async () => {
    const { outcome } = await makeWhileRevoked((store) => new OneLook(store));
    expect(outcome).toHaveProperty('secret');
  });
});

describe('when a part does not answer (G2)', () => {
  it('a reply that cannot be kept: unavailable, and nothing is appended', async () => {
    const plain = await startNats({ jetstream: false });
    const nats = await connectNats(plain.url, 'spec');
    const before = await harness.head();
    const sent = handler({ replies: new KeptReplies(nats) }).execute(command(attempt(strongKey())));
    expect((await problemOf(sent)).code).toBe('unavailable');
    expect(await harness.head()).toBe(before);
    // Nobody who sent no Idempotency-Key was promised anything.
    const withoutKey = handler({ replies: new KeptReplies(nats) }).execute(command());
    expect(await withoutKey).toHaveProperty('secret');
    await nats.close();
    await plain.stop();
  });

  it('the log answers nothing after the append: unavailable, and the retry has the secret', async () => {
    const same = attempt(strongKey());
    let lost = 0;
    const store = storeWith(async (log, ...args) => {
      await log.append(...args);
      lost += 1;
      throw new Error('the process was killed here');
    });
    await expect(handler({ store }).execute(command(same))).rejects.toThrow('killed');
    const output = await harness.createKey(same);
    expect(lost).toBe(1);
    expect(output.secret).toMatch(/^mcpstack_sk_/);
    expect(await harness.keyEvents(output.key.id)).toEqual(['KeyCreated']);
  });

  it('an error that nobody expected: internal, without its text', async () => {
    const keyId = newId('key');
    const stored = { id: eventId(randomUUID(), 0), type: 'KeyCreated', data: { tell: 'tale' }, metadata: {} };
    await harness.store.append(`key-${keyId}`, 'no_stream', [stored]);
    const problem = await problemOf(harness.revokeKey(keyId));
    expect(problem.code).toBe('internal');
    expect(problem.message).not.toMatch(/KeyCreated|schema|tale/);
  });
});

describe('the secret exists in the reply alone (G1)', () => {
  /** Every file that holds one of the texts, in any spelling that is plain to read. */
  function search(folder: string, texts: readonly string[]): string[] {
    const needles = texts.flatMap((text) => [
      text,
      Buffer.from(text).toString('hex'),
      // Base64 depends on where the text begins, by three.
      ...[0, 1, 2].map((shift) =>
        Buffer.from('x'.repeat(shift) + text)
          .toString('base64')
          .slice(4, -4),
      ),
    ]);
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((file) => {
        const bytes = readFileSync(file);
        return needles.some((needle) => bytes.includes(needle));
      });
  }

  it('not in the log, the bucket, the process log or any file; a planted one is found', async () => {
    const idempotencyKey = strongKey();
    const outputs = await Promise.all([
      harness.createKey(attempt(idempotencyKey)),
      harness.createKey(),
      harness.createKey(attempt('weak')),
    ]);
    const rotated = await harness.send(
      'rotateKey',
      {
        organizationId: harness.organizationId,
        keyId: outputs[1].key.id,
        previous: { untilNextSeen: true },
      },
      attempt(idempotencyKey),
    );
    const secrets = [...outputs, rotated].map(({ secret }) => secret!);
    // Neither the token nor its SHA-256, with which anybody could confirm a guess.
    const texts = [...secrets, ...secrets.map(tokenDigest), idempotencyKey, sha256(idempotencyKey)];
    expect(search(harness.server.dataDir, texts)).toEqual([]);
    expect(search(harness.folder, texts)).toEqual([]);
    for (const text of texts) expect(harness.logged.includes(text)).toBe(false);
    expect(harness.logged).toContain('command handled');
    expect(Object.keys(outputs[0])).toEqual(['key', 'secret', 'position']);

    // Control: planted in an event and in the bucket, the same search finds it.
    const found = () => search(harness.server.dataDir, texts).length;
    const bucket = await new Kvm(harness.nats).open(BUCKETS.replies);
    await bucket.put('planted', secrets[0]!);
    const afterBucket = found();
    expect(afterBucket).toBeGreaterThan(0);
    const planted = { id: randomUUID(), type: 'Planted', data: { token: secrets[1] }, metadata: {} };
    await harness.store.append(`key-${newId('key')}`, 'no_stream', [planted]);
    expect(found()).toBeGreaterThan(afterBucket);
  });
});
