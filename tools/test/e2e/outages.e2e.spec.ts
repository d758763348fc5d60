import { waitFor } from '@mcpstack/testing';
import { Product } from './product.ts';

/** What a check takes at the very most, whatever has happened to the parts behind it. */
const VERIFY_DEADLINE_MS = 2_000;

let product: Product;
let key: { id: string; secret: string };
beforeAll(async () => {
  product = await Product.start();
  key = await product.create('checked');
}, 120_000);
afterAll(() => product?.stop());

async function code(secret = key.secret): Promise<string> {
  const beganAtMs = performance.now();
  const reply = await product.verify({ key: secret });
  expect(performance.now() - beganAtMs).toBeLessThan(VERIFY_DEADLINE_MS);
  return reply.code;
}
const becomes = (wanted: string): Promise<unknown> =>
  waitFor(async () => (await code()) === wanted, { timeoutMs: 20_000, what: `verify to answer ${wanted}` });

describe('G4: fail closed, fast, and come back without a restart', () => {
  beforeEach(() => becomes('VALID'));

  it('Redis hung: UNAVAILABLE within the deadline; VALID again when it answers', async () => {
    await product.stack.redis!.pause();
    expect([await code(), await code()]).toEqual(['UNAVAILABLE', 'UNAVAILABLE']);
    await product.stack.redis!.resume();
    await becomes('VALID');
  });

  it('Redis killed and restarted', async () => {
    await product.stack.redis!.kill();
    expect(await code()).toBe('UNAVAILABLE');
    await product.stack.redis!.restart();
    await becomes('VALID');
  });

  it('the projection hung: checks run out after T; they come back with it', async () => {
    await product.stack.service('projection').pause();
    await becomes('UNAVAILABLE');
    await product.stack.service('projection').resume();
    await becomes('VALID');
  });

  it('NATS killed and restarted', async () => {
    await product.stack.nats!.restart({ kill: true });
    await waitFor(async () => (await code()) === 'VALID', {
      timeoutMs: 20_000,
      what: 'NATS to carry checks',
    });
  });
});

describe('G3: recorded is not yet final', () => {
  it('while the projection hangs, DELETE answers 503 not-final, no check says VALID, and the retry makes it final', async () => {
    const doomed = await product.create('doomed');
    expect(await code(doomed.secret)).toBe('VALID');
    // The owner's own rights are checked in Redis, too: they are believed for T after the last stamp.
    const path = `${product.keysPath}/${doomed.id}`;
    await product.stack.service('projection').pause();
    const first = await product.http('DELETE', path);
    expect([first.status, first.body['code']]).toEqual([503, 'not-final']);
    expect(first.body['detail']).toMatch(/recorded/i);
    expect(await code(doomed.secret)).toBe('UNAVAILABLE');
    await product.stack.service('projection').resume();
    expect((await product.insist('DELETE', path)).status).toBe(204);
    expect(await code(doomed.secret)).toBe('REVOKED');
    const events = (await product.log()).filter((event) => event.stream === `key-${doomed.id}`);
    expect(events.map((event) => event.type)).toEqual(['KeyCreated', 'KeyRevoked']);
  });
});

describe('a clean stop', () => {
  it('every service drains and ends with 0; the second start finds its data', async () => {
    const { stack } = product;
    for (const service of stack.services.values()) expect((await service.stop()).code).toBe(0);
    for (const service of stack.services.values()) await service.restart();
    await becomes('VALID');
  });
});
