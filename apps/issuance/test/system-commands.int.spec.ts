/** What our own services record of keys: for the system alone, accepted, repeated, passed over. */
import { randomUUID } from 'node:crypto';
import { newId, tokenDigest, type CommandContracts, type CommandName } from '@mcpstack/contracts';
import type { EventStore } from '@mcpstack/event-store';
import { Log } from '@mcpstack/service-kit';
import { Decisions } from '../src/decisions.ts';
import type { RecordUsageCommand } from '../src/usage/commands.ts';
import { RecordUsageHandler } from '../src/usage/record-usage.ts';
import { expectFinal, expectForbidden, expectHidden, expectRepeatable, keyActor } from './checks.ts';
import { Harness } from './harness.ts';
import { storeWith } from './parts.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start();
});
afterAll(() => harness.stop());
beforeEach(() => harness.asked.splice(0));

const gateway = { actor: { type: 'system', id: 'gateway' } } as const;
const scheduler = { actor: { type: 'system', id: 'scheduler' } } as const;
const authorizer = { actor: { type: 'system', id: 'authorizer' } } as const;
const ofKey = (keyId: string) => ({ organizationId: harness.organizationId, keyId });
const ended = (keyId: string) => harness.key(keyId).then((state) => state.status === 'revoked');
const DAY_MS = 86_400_000;
const fromNow = (ms: number) => new Date(Date.now() + ms).toISOString();
const window = (keyId: string, changes: object = {}) => ({
  ...ofKey(keyId),
  from: '2026-01-02T03:04:00.000Z',
  to: '2026-01-02T03:04:10.000Z',
  count: 3,
  lastUsedAt: '2026-01-02T03:04:09.000Z',
  ...changes,
});

describe('people and keys are refused, whatever they may do otherwise', () => {
  const keyId = newId('key');
  const inputs: [CommandName, () => object][] = [
    [
      'reportCredentials',
      () => ({ credentials: [{ ...ofKey(keyId), digest: tokenDigest('x') }], source: 'holder' }),
    ],
    ['recordExposure', () => ofKey(keyId)],
    ['recordKeyExpiry', () => ofKey(keyId)],
    ['recordSecretSeen', () => ({ ...ofKey(keyId), version: 1 })],
    ['recordUsage', () => ({ source: 'authorizer-of-spec', number: 1, windows: [window(keyId)] })],
  ];

  it.each(inputs)('%s', async (name, input) => {
    const owner = await harness.createKey({}, { role: 'owner' });
    const send = (changes: object) => harness.send(name, input(), changes);
    await expectForbidden(send({}));
    await expectForbidden(send({ actor: keyActor(owner.key.id) }));
    // Control: the system gets past this.
    const passed = await send(gateway).then(
      () => 'done',
      (error: { code: string }) => error.code,
    );
    expect(passed).toBe(name === 'reportCredentials' || name === 'recordUsage' ? 'done' : 'not-found');
  });
});

describe('reportCredentials', () => {
  const report = (
    credentials: CommandContracts['reportCredentials']['input']['credentials'],
    source: 'holder' | 'github' = 'github',
    changes: object = {},
  ) => harness.send('reportCredentials', { credentials, source }, { ...gateway, ...changes });
  const shown = (output: { key: { id: string }; secret?: string }) => ({
    ...ofKey(output.key.id),
    digest: tokenDigest(output.secret!),
  });

  it('accepted: revokes by any working secret, once final; everything else is passed over', async () => {
    const [leaked, rotated, lapsed, other] = await Promise.all(
      Array.from({ length: 4 }, () => harness.createKey()),
    );
    const foreign = await harness.createOrganization('Foreign', harness.owner.id);
    const agentId = await harness.addAgent();
    const { publicKey } = await harness.send('createPublicKey', {
      organizationId: harness.organizationId,
      name: 'widget',
      agentId,
      development: true,
      origins: [{ origin: 'http://localhost' }],
    });
    const rotate = (keyId: string, validForMs: number) =>
      harness.send('rotateKey', { ...ofKey(keyId), previous: { validForMs } });
    await rotate(rotated!.key.id, 60_000);
    await rotate(lapsed!.key.id, 0);
    harness.asked.splice(0);
    const output = await report([
      shown(leaked!),
      shown(leaked!),
      shown(rotated!),
      shown(lapsed!),
      { ...shown(other!), digest: tokenDigest('another') },
      { ...shown(other!), organizationId: foreign },
      { ...shown(other!), keyId: newId('key') },
      { ...ofKey(publicKey.id), digest: tokenDigest(publicKey.value) },
    ]);
    expect(output.revokedKeyIds).toEqual([leaked!.key.id, rotated!.key.id]);
    expect(harness.asked).toMatchObject([{ need: 'final', position: output.position }]);
    expect(await Promise.all([leaked, rotated, lapsed, other].map((one) => ended(one!.key.id)))).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(await ended(publicKey.id)).toBe(false);
    expect(await harness.key(leaked!.key.id)).toMatchObject({ revocationReason: 'reported-leak' });
  });

  it('accepted: by whoever holds the secret, and the reason says so', async () => {
    const key = await harness.createKey();
    await report([shown(key)], 'holder');
    expect(await harness.key(key.key.id)).toMatchObject({ revocationReason: 'ended-by-holder' });
  });

  it('not confirmed: the retry names the key again, once final; the log holds no digest of the token (G1, G3)', async () => {
    const key = await harness.createKey();
    const input = { credentials: [shown(key)], source: 'holder' } as const;
    const output = await expectFinal(harness, 'reportCredentials', input, gateway);
    expect(output.revokedKeyIds).toEqual([key.key.id]);
    const events = await harness.events(`key-${key.key.id}`);
    const text = JSON.stringify(events.map(({ data, metadata }) => ({ data, metadata })));
    expect(text).not.toContain(shown(key).digest);
  });

  it('accepted: 1,000 at once', async () => {
    const keys = await Promise.all(Array.from({ length: 20 }, () => harness.createKey()));
    const unknown = Array.from({ length: 980 }, () => ({
      ...ofKey(newId('key')),
      digest: tokenDigest('x'),
    }));
    const output = await report([...keys.map(shown), ...unknown]);
    expect(output.revokedKeyIds).toHaveLength(20);
  });
});

describe('recordExposure, recordSecretSeen, recordKeyExpiry', () => {
  it('recordExposure: accepted and repeated: one event, also under another command id', async () => {
    const { key } = await harness.createKey();
    await expectRepeatable(harness, 'recordExposure', ofKey(key.id), gateway);
    await harness.send('recordExposure', ofKey(key.id), gateway);
    expect(await harness.keyEvents(key.id)).toEqual(['KeyCreated', 'KeyExposed']);
  });

  it('recordSecretSeen: the secret that waited for it ends; older versions and repetitions change nothing', async () => {
    const { key } = await harness.createKey();
    await harness.send('rotateKey', { ...ofKey(key.id), previous: { untilNextSeen: true } });
    await harness.send('recordSecretSeen', { ...ofKey(key.id), version: 1 }, authorizer);
    expect((await harness.keyEvents(key.id)).at(-1)).toBe('KeyRotated');
    await expectRepeatable(harness, 'recordSecretSeen', { ...ofKey(key.id), version: 2 }, authorizer);
    await harness.send('recordSecretSeen', { ...ofKey(key.id), version: 2 }, authorizer);
    expect(await harness.keyEvents(key.id)).toEqual(['KeyCreated', 'KeyRotated', 'KeySecretRetired']);
  });

  /** A key that was made 40 days ago. */
  async function oldKey(expiresAt: string): Promise<string> {
    const keyId = newId('key');
    const data = {
      ...ofKey(keyId),
      kind: 'service',
      name: 'old',
      role: 'viewer',
      credential: { digest: '0'.repeat(64), pepperVersion: 1 },
      expiresAt,
    };
    await harness.write('key', keyId, { type: 'KeyCreated', data, at: fromNow(-40 * DAY_MS) });
    return keyId;
  }

  it('recordKeyExpiry: what is due is written, each once, however often it is asked for; nothing before its time', async () => {
    const { key } = await harness.createKey({}, { expiresAt: fromNow(40 * DAY_MS) });
    await harness.send('recordKeyExpiry', ofKey(key.id), scheduler);
    expect(await harness.keyEvents(key.id)).toEqual(['KeyCreated']);

    const soon = await oldKey(fromNow(2 * DAY_MS));
    await expectRepeatable(harness, 'recordKeyExpiry', ofKey(soon), scheduler);
    await Promise.all(
      Array.from({ length: 10 }, () => harness.send('recordKeyExpiry', ofKey(soon), scheduler)),
    );
    const notices = (await harness.events(`key-${soon}`)).slice(1);
    expect(notices.map(({ type, data }) => [type, data.daysBefore])).toEqual([
      ['KeyExpiring', 30],
      ['KeyExpiring', 7],
    ]);

    const over = await oldKey(fromNow(-DAY_MS));
    await Promise.all(
      Array.from({ length: 10 }, () => harness.send('recordKeyExpiry', ofKey(over), scheduler)),
    );
    expect(await harness.keyEvents(over)).toEqual(['KeyCreated', 'KeyExpired']);
  });

  it('refused: foreign and unknown keys, in the same words', async () => {
    const { key } = await harness.createKey();
    const foreign = await harness.createOrganization('Foreign', harness.owner.id);
    const wrong = [{ organizationId: foreign, keyId: key.id }, ofKey(newId('key'))];
    await expectHidden(
      ...wrong.flatMap((input) => [
        harness.send('recordExposure', input, gateway),
        harness.send('recordKeyExpiry', input, scheduler),
        harness.send('recordSecretSeen', { ...input, version: 1 }, authorizer),
      ]),
    );
  });
});

describe('recordUsage (G7)', () => {
  let batches = 0;
  /** A further batch of one authorizer, unless `batch` says which it is. */
  const use = (windows: ReturnType<typeof window>[], batch: object = {}, changes: object = {}) => {
    const input = { source: 'authorizer-of-spec', number: (batches += 1), windows, ...batch };
    return harness.send('recordUsage', input, { ...authorizer, ...changes });
  };
  const uses = async (keyId: string) =>
    (await harness.events(`usage-${keyId}`)).map(({ data }) => data.count);
  const newSource = () => ({ source: randomUUID(), number: 1 });

  it('accepted: one event for each window, in streams of their own; the key stands where it stood', async () => {
    const [one, two] = await Promise.all([harness.createKey(), harness.createKey()]);
    const lastUsedFrom = { addressPrefix: '2001:db8::/48', userAgent: 'curl' };
    const output = await use([
      window(one.key.id, { count: 1 }),
      window(two.key.id, { count: 2, from: '2026-01-02T05:04:00+02:00', lastUsedFrom }),
      window(one.key.id, { count: 3 }),
    ]);
    expect(await uses(one.key.id)).toEqual([1, 3]);
    const [stored] = await harness.events(`usage-${two.key.id}`);
    const utc = { count: 2, from: '2026-01-02T03:04:00.000Z', lastUsedFrom };
    expect(stored!.data).toEqual(window(two.key.id, utc));
    expect(await harness.keyEvents(one.key.id)).toEqual(['KeyCreated']);
    expect(BigInt(output.position)).toBe(await harness.head());
  });

  it('repeated: counted once, with 20 tries at once, and after any number of other windows', async () => {
    const { key } = await harness.createKey();
    const [batch, same] = [newSource(), { commandId: randomUUID(), requestDigest: tokenDigest('one') }];
    const seven = () => use([window(key.id, { count: 7 })], batch, same);
    await Promise.all(Array.from({ length: 20 }, seven));
    for (let more = 0; more < 10; more += 1) await use([window(key.id, { count: 1 })]);
    for (let more = 0; more < 3; more += 1)
      await use(
        Array.from({ length: 200 }, () => window(key.id, { count: 1 })),
        newSource(),
      );
    await seven();
    // Neither the id of the command nor the instance that takes it matters.
    await use([window(key.id, { count: 7 })], batch);
    await handlerOn(harness.store.readStream.bind(harness.store)).execute(
      asking(key.id, { count: 7 }, batch),
    );
    expect((await uses(key.id)).filter((count) => count === 7)).toEqual([7]);
    // Control: what is numbered anew at each try counts each time.
    for (let tries = 0; tries < 2; tries += 1) await use([window(key.id, { count: 7 })], newSource());
    expect((await uses(key.id)).filter((count) => count === 7)).toEqual([7, 7, 7]);
  });

  it('8 authorizers at once: every window stands, once', async () => {
    const { key } = await harness.createKey();
    const send = (n: number) => use([window(key.id, { count: n + 1 })], newSource());
    await Promise.all(Array.from({ length: 8 }, (_value, n) => send(n)));
    expect([...(await uses(key.id))].sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('several instances at once, each command tried at two of them: every window stands, once', async () => {
    const { key } = await harness.createKey();
    const handlers = Array.from({ length: 3 }, () => handlerOn(harness.store.readStream.bind(harness.store)));
    const sources = Array.from({ length: 3 }, () => randomUUID());
    const expected: number[] = [];
    for (let number = 1; number <= 5; number += 1) {
      const tries = sources.flatMap((source, n) => {
        expected.push(10 * number + n);
        const command = asking(key.id, { count: 10 * number + n }, { source, number });
        return [handlers[n]!, handlers[(n + 1) % 3]!].map((handler) => handler.execute(command));
      });
      await Promise.all(tries);
    }
    expect((await uses(key.id)).sort()).toEqual(expected.sort());
  });

  it('of keys that are not there nothing is written', async () => {
    const { key } = await harness.createKey();
    const foreign = await harness.createOrganization('Foreign', harness.owner.id);
    const unknown = newId('key');
    const before = await harness.head();
    const output = await use([window(unknown), window(key.id, { organizationId: foreign })]);
    expect(output.position).toBe('-1');
    expect(await harness.head()).toBe(before);
    expect(harness.logged).toContain('uses of unknown keys were dropped');
  });

  const handlerOn = (readStream: EventStore['readStream'], log = new Log('spec', 'silent')) => {
    const store = { ...storeWith(harness.store, (to, ...args) => to.append(...args)), readStream };
    return new RecordUsageHandler(new Decisions(store), log);
  };
  const asking = (keyId: string, changes: object, batch = newSource()) =>
    harness.envelope(
      { ...batch, windows: [window(keyId, changes)] },
      authorizer,
    ) as unknown as RecordUsageCommand;

  it('of a long stream one event is read, also one of before anything was numbered', async () => {
    const { key } = await harness.createKey();
    const old = { type: 'KeyUsed', data: window(key.id, { count: 1 }), at: '2026-01-02T03:05:00.000Z' };
    await harness.write('usage', key.id, ...Array.from({ length: 200 }, () => old));
    const read: string[] = [];
    const handler = handlerOn(async function* (...args) {
      for await (const event of harness.store.readStream(...args)) {
        read.push(event.stream);
        yield event;
      }
    });
    const batch = newSource();
    for (let number = 1; number <= 3; number += 1)
      await handler.execute(asking(key.id, { count: 8 + number }, { ...batch, number }));
    expect(read).toEqual([`usage-${key.id}`]);
    expect((await uses(key.id)).slice(200)).toEqual([9, 10, 11]);
  });

  it('what comes too late to be told from what was recorded is dropped, and said', async () => {
    const { key } = await harness.createKey();
    await use([window(key.id, { count: 1 })]);
    const [newest] = await harness.events(`usage-${key.id}`);
    const counted = { by: [], forgottenUntil: '2026-01-02T03:03:00.000Z' };
    let logged = '';
    const log = new Log('spec', 'warn', { write: (line: string) => void (logged += line) });
    // eslint-disable-next-line @typescript-eslint/require-await -- a log that answers at once
    const handler = handlerOn(async function* () {
      yield { ...newest!, metadata: { ...newest!.metadata, counted } };
    }, log);
    expect((await handler.execute(asking(key.id, { count: 9 }))).position).toBe('-1');
    expect(logged).toContain('too late');
    expect(await uses(key.id)).toEqual([1]);
    // Control: uses of later are of nobody who was forgotten.
    await handler.execute(asking(key.id, { count: 9, lastUsedAt: '2026-01-02T03:06:00.000Z' }));
    expect(await uses(key.id)).toEqual([1, 9]);
  });
});
