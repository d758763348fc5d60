/** How questions travel: one inbox, batches under load, and nothing that is not understood is ever VALID. */
import { makeToken, PERMISSIONS, tokenDigest, VERIFY_SUBJECT } from '@mcpstack/contracts';
import { waitFor } from '@mcpstack/testing';
import { connect } from '@nats-io/transport-node';
import { createVerifier, type Verifier, type VerifierOptions } from '../src/index.ts';
import { refused, valid } from './responder.ts';
import { closing, nats, responder } from './responding.ts';

async function verifierOf(options: Partial<VerifierOptions> = {}): Promise<Verifier> {
  const verifier = await createVerifier({ nats: { servers: nats.url }, timeoutMs: 5_000, ...options });
  closing.push(verifier);
  return verifier;
}
const digest = (index: number) => index.toString(16).padStart(64, '0');
const many = (verifier: Verifier, count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => verifier.verify({ digest: digest(from + index) }));
const echo = ({ digest: asked }: { digest?: string }) => valid(0, { keyId: `key_${Number(`0x${asked}`)}` });

describe('questions', () => {
  it('carry the digest; the key is nowhere in what is sent', async () => {
    responder.answer(() => valid(0));
    const key = makeToken('service');
    const verifier = await verifierOf();
    expect(await verifier.verify({ key, permission: 'servers:read', userAgent: 'curl/8' })).toEqual(valid(0));
    const [asked] = responder.received;
    expect(asked!.requests).toEqual([
      { digest: tokenDigest(key), permission: 'servers:read', userAgent: 'curl/8' },
    ]);
    expect(asked!.text).not.toContain(key);
  });

  it('that are malformed as far as can be told here are never sent', async () => {
    const verifier = await verifierOf();
    const key = `${makeToken('service').slice(0, -6)}000000`;
    const reply = await verifier.verify({ key });
    expect(reply).toMatchObject({ valid: false, code: 'MALFORMED' });
    expect(JSON.stringify(reply)).not.toContain(key);
    expect(await verifier.verify({ digest: digest(1), permision: 'x' } as never)).toMatchObject({
      code: 'MALFORMED',
      message: expect.stringContaining('not known') as string,
    });
    expect(verifier.stats()).toMatchObject({ messages: 0, checks: 2 });
  });

  it('of one tick go at once, together; those that come meanwhile gather, each with its own answer', async () => {
    const verifier = await verifierOf();
    const answers = many(verifier, 2);
    const first = await responder.message(0);
    expect([first.isBatch, first.requests.length]).toEqual([true, 2]);
    answers.push(...many(verifier, 398, 2));
    const rest = await Promise.all([1, 2, 3].map((index) => responder.message(index)));
    expect(rest.map(({ requests }) => requests.length)).toEqual([160, 160, 78]);
    // In any order.
    for (const message of [...rest.reverse(), first]) message.reply(message.requests.map(echo));
    const keyIds = (await Promise.all(answers)).map(({ keyId }) => keyId);
    expect(keyIds).toEqual(answers.map((_, index) => `key_${index}`));
    expect(verifier.stats()).toMatchObject({ messages: 4, checks: 400, unavailable: 0 });
  });

  it('with long fields make smaller batches', async () => {
    const verifier = await verifierOf();
    responder.answer(echo);
    const userAgent = 'é'.repeat(512);
    const asked = Array.from({ length: 600 }, (_, index) =>
      verifier.verify({ digest: digest(index), userAgent, origin: `https://${'x'.repeat(500)}.example` }),
    );
    await Promise.all(asked);
    for (const { text } of responder.received) expect(Buffer.byteLength(text)).toBeLessThan(512 * 1_024);
  });

  it('come in batches that can be answered, however long the replies are', async () => {
    const verifier = await verifierOf({ timeoutMs: 2_000 });
    const ids = (kind: string) => Array<string>(50).fill(`${kind}_${'a'.repeat(22)}`);
    const state = { name: 'a'.repeat(32), limit: 1e9, remaining: 999_999_999, resetMs: 2_678_400_000 };
    const longest = valid(0, {
      permissions: PERMISSIONS,
      scope: { agents: ids('agent'), servers: ids('server') },
      environment: 'a'.repeat(32),
      expiresAt: new Date(0).toISOString(),
      rateLimits: Array<typeof state>(20).fill(state),
    });
    responder.answer(() => longest);
    const codes = (await Promise.all(many(verifier, 400))).map(({ code }) => code);
    expect(codes).toEqual(codes.map(() => 'VALID'));
    const most = Math.max(...responder.received.map(({ requests }) => requests.length));
    // Control: a quarter more would not fit.
    expect(JSON.stringify(Array(1.25 * most).fill(longest)).length).toBeGreaterThan(1_048_576);
  });

  it('that wait for a position go alone, and hold up nobody', async () => {
    const verifier = await verifierOf({ timeoutMs: 2_000 });
    const slow = Array.from({ length: 20 }, (_, index) =>
      verifier.verify({ digest: digest(index), position: '9' }),
    );
    const message = await responder.message(19);
    expect(message.requests).toEqual([{ digest: digest(19), position: '9' }]);
    responder.answer(echo);
    expect(await Promise.all(many(verifier, 100))).toHaveLength(100);
    expect((await slow[0]!).code).toBe('UNAVAILABLE');
  });

  it('are not held up by messages that nobody answers', async () => {
    const verifier = await verifierOf({ timeoutMs: 10_000 });
    for (let index = 0; index < 8; index += 1) {
      void verifier.verify({ digest: digest(index) });
      await responder.message(index);
    }
    responder.answer(echo);
    const beganAtMs = performance.now();
    expect(await verifier.verify({ digest: digest(99) })).toMatchObject({ keyId: 'key_99' });
    expect(performance.now() - beganAtMs).toBeLessThan(5_000);
  });
});

describe('G4: UNAVAILABLE, and never VALID', () => {
  const { keyId: _, ...nameless } = valid(100);
  it.each<[string, string]>([
    ['no JSON', 'VALID'],
    ['nothing', ''],
    ['null', 'null'],
    ['a list', '[]'],
    ['no code', '{"valid":true,"freshForMs":100}'],
    ['a code that is not known', JSON.stringify({ ...valid(100), code: 'FINE' })],
    ['a code that contradicts', JSON.stringify({ ...valid(100), code: 'REVOKED' })],
    ['valid of another type', JSON.stringify({ ...valid(100), valid: 1 })],
    ['a time of another type', JSON.stringify({ ...valid(100), freshForMs: '100' })],
    ['a negative time', JSON.stringify(valid(-1))],
    ['no key', JSON.stringify(nameless)],
    ['a batch', JSON.stringify({ replies: [valid(100)] })],
  ])('a reply that is %s', async (_name, text) => {
    const verifier = await verifierOf();
    responder.onMessage = ({ replyText }) => replyText(text);
    expect(await verifier.verify({ digest: digest(1) })).toMatchObject({ valid: false, code: 'UNAVAILABLE' });
  });

  it.each<[string, (count: number) => unknown, string]>([
    ['too few replies', (count) => ({ replies: Array(count - 1).fill(valid(0)) }), 'understood'],
    ['too many replies', (count) => ({ replies: Array(count + 1).fill(valid(0)) }), 'understood'],
    ['one reply', () => valid(0), 'understood'],
    [
      'a refusal of the whole',
      () => ({ code: 'UNAVAILABLE', message: 'too many at once' }),
      'too many at once',
    ],
  ])('a batch that gets %s', async (_name, reply, message) => {
    const verifier = await verifierOf();
    responder.onMessage = ({ isBatch, requests, replyText }) =>
      replyText(JSON.stringify(isBatch ? reply(requests.length) : valid(0)));
    expect((await verifier.verify({ digest: digest(0) })).code).toBe('VALID');
    for (const one of await Promise.all(many(verifier, 5)))
      expect(one).toMatchObject({
        valid: false,
        code: 'UNAVAILABLE',
        message: expect.stringContaining(message) as string,
      });
  });

  it('one reply of a batch that is not understood is its own alone', async () => {
    const verifier = await verifierOf();
    responder.onMessage = ({ requests, reply }) =>
      reply(requests.map(({ digest: asked }) => (asked === digest(2) ? { valid: true } : valid(0))));
    const codes = (await Promise.all(many(verifier, 4))).map(({ code }) => code);
    expect(codes).toEqual(['VALID', 'VALID', 'UNAVAILABLE', 'VALID']);
  });

  it("no answer in time; the reply that comes later is nobody's, and so is a second one", async () => {
    const verifier = await verifierOf({ timeoutMs: 300 });
    const beganAtMs = performance.now();
    const reply = await verifier.verify({ digest: digest(1) });
    expect(reply).toMatchObject({ code: 'UNAVAILABLE', message: 'no answer within 300 ms' });
    expect(performance.now() - beganAtMs).toBeLessThan(300 + 3_000);
    const late = await responder.message(0);
    late.reply([valid(10_000)]);
    const next = verifier.verify({ digest: digest(1) });
    const asked = await responder.message(1);
    late.reply([valid(10_000)]);
    asked.reply([refused()]);
    asked.reply([valid(10_000)]);
    expect(await next).toMatchObject({ code: 'REVOKED' });
    responder.answer(() => refused());
    expect(await verifier.verify({ digest: digest(1) })).toMatchObject({ code: 'REVOKED' });
  });

  it('a reply that nobody asked for changes nothing', async () => {
    const spy = await connect({ servers: nats.url });
    const inboxes: string[] = [];
    spy.subscribe(VERIFY_SUBJECT, { callback: (_, { reply }) => void inboxes.push(reply!) });
    await spy.flush();
    responder.answer(() => refused());
    const verifier = await verifierOf();
    await verifier.verify({ digest: digest(1) });
    await waitFor(() => inboxes[0], { what: 'the inbox' });
    const base = inboxes[0]!.slice(0, inboxes[0]!.lastIndexOf('.') + 1);
    for (const token of ['0', '1', 'zz', '__proto__', 'constructor'])
      spy.publish(base + token, JSON.stringify(valid(10_000)));
    await spy.close();
    expect(await verifier.verify({ digest: digest(1) })).toMatchObject({ code: 'REVOKED' });
  });

  it('nobody serves: at once', async () => {
    await responder.stop();
    const verifier = await verifierOf({ timeoutMs: 10_000 });
    const beganAtMs = performance.now();
    for (const reply of await Promise.all(many(verifier, 3)))
      expect(reply).toMatchObject({ code: 'UNAVAILABLE', message: 'no authorizer is there' });
    expect(performance.now() - beganAtMs).toBeLessThan(5_000);
  });

  it('more than may wait: at once, and room again afterwards', async () => {
    const verifier = await verifierOf({ maxInFlight: 10 });
    const waiting = many(verifier, 10);
    expect(await verifier.verify({ digest: digest(10) })).toMatchObject({
      code: 'UNAVAILABLE',
      message: 'too many checks wait for an answer',
    });
    await Promise.all(waiting);
    responder.answer(echo);
    expect(await verifier.verify({ digest: digest(11) })).toMatchObject({ code: 'VALID' });
  });
});

describe('options', () => {
  it.each([{ timeoutMs: 1 }, { timeoutMs: NaN }, { maxReused: -1 }, { maxInFlight: 0 }])(
    '%j is refused with what to write',
    async (options) => {
      await expect(createVerifier({ nats: { servers: nats.url }, ...options })).rejects.toThrow(
        /must be a whole number from/,
      );
    },
  );

  it.each<[unknown, string]>([
    [undefined, 'nats must be { servers:'],
    [{}, 'nats must be { servers:'],
    [{ nats: 'nats://127.0.0.1:4222' }, 'nats must be { servers:'],
    [{ nats: { servers: undefined } }, 'nats.servers is undefined: set the variable'],
    [{ nats: {}, timeout: 100 }, 'timeout is no option: there are nats, timeoutMs,'],
    [{ nats: { servers: '127.0.0.1:1' } }, 'NATS cannot be used (connection refused): start it, or correct'],
  ])('%j is refused with what to do', async (options, message) => {
    await expect(createVerifier(options as VerifierOptions)).rejects.toThrow(message);
  });

  it('a connection that is given stays open', async () => {
    const connection = await connect({ servers: nats.url });
    responder.answer(() => valid(0));
    const verifier = await verifierOf({ nats: connection });
    expect((await verifier.verify({ digest: digest(1) })).code).toBe('VALID');
    await verifier.close();
    await verifier.close();
    expect(await verifier.verify({ digest: digest(1) })).toMatchObject({
      message: 'this verifier is closed',
    });
    await connection.flush();
    expect(connection.isClosed()).toBe(false);
    await connection.close();
  });
});
