/** G2 through HTTP: one Idempotency-Key is one command, however many requests carry it at once. */
import { randomUUID } from 'node:crypto';
import { Product } from './product.ts';

const AT_ONCE = 200;

let product: Product;
beforeAll(async () => {
  product = await Product.start({ instances: { issuance: 2, gateway: 1 } });
}, 600_000);
afterAll(() => product?.stop());

describe(`${AT_ONCE} requests at once with one Idempotency-Key (G2)`, () => {
  const send = (idempotencyKey: string | undefined, body: object) =>
    Promise.all(
      Array.from({ length: AT_ONCE }, () =>
        // A machine that is too slow for all of them answers some with 503: those ask again, with the same header.
        product.insist('POST', product.keysPath, {
          body,
          ...(idempotencyKey !== undefined && { idempotencyKey }),
        }),
      ),
    );
  const stored = async (name: string) =>
    (await product.log()).filter(({ type, data }) => type === 'KeyCreated' && data['name'] === name);

  it('make one key and show one secret; another body is 422', async () => {
    const idempotencyKey = randomUUID();
    const body = { name: 'one of many', role: 'viewer' };
    const answers = await send(idempotencyKey, body);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    expect(new Set(answers.map((answer) => answer.body['id'])).size).toBe(1);
    expect(new Set(answers.map((answer) => answer.body['secret'])).size).toBe(1);
    expect(await stored(body.name)).toHaveLength(1);
    const others = await send(idempotencyKey, { ...body, role: 'developer' });
    expect(new Set(others.map(({ status }) => status))).toEqual(new Set([422]));
    expect(await stored(body.name)).toHaveLength(1);
  }, 600_000);

  it('control: with a header of its own each request makes a key', async () => {
    const body = { name: 'many', role: 'viewer' };
    const answers = await send(undefined, body);
    expect(new Set(answers.map((answer) => answer.body['id'])).size).toBe(AT_ONCE);
    expect(await stored(body.name)).toHaveLength(AT_ONCE);
  }, 600_000);
});
