/**
 * Rate limits and quotas at three authorizers over NATS: never exceeded over all of them together, whatever the edge;
 * what is refused costs nothing; a change gives no fresh bucket.
 */
import type { ApiKey, VerifyReply, VerifyRequest } from '@mcpstack/contracts';
import { Product } from './product.ts';

const [WINDOW_MS, WINDOWS, CLIENTS] = [1_000, 3, 24];

type Created = ApiKey & { secret: string };

let product: Product;
beforeAll(async () => {
  product = await Product.start({ instances: { authorizer: 3 } });
}, 600_000);
afterAll(() => product?.stop());

async function create(terms: Pick<ApiKey, 'limits' | 'quotas'>): Promise<Created> {
  const body = { name: 'limited', role: 'developer', ...terms };
  const answer = await product.http('POST', product.keysPath, { body });
  expect([answer.status, answer.body['detail']]).toEqual([201, undefined]);
  return answer.body as unknown as Created;
}

const perMinute = (limit: number, name = 'requests') => ({ name, limit, windowMs: 60_000 });
const codesOf = (replies: readonly VerifyReply[]) => replies.map(({ code }) => code).sort();
const verifyAll = (requests: readonly VerifyRequest[]) =>
  Promise.all(requests.map((request) => product.verify(request)));
const leftOf = async (key: string, position?: string) =>
  (await product.verify({ key, cost: 0, ...(position && { position }) })).rateLimits!.map(
    ({ remaining }) => remaining,
  );

it('a limit holds over all authorizers in every window, and is used', async () => {
  const limit = 40;
  const { secret } = await create({ limits: [{ name: 'requests', limit, windowMs: WINDOW_MS }] });
  const grants: { beganAtMs: number; endedAtMs: number }[] = [];
  const endAtMs = performance.now() + WINDOWS * WINDOW_MS;
  const client = async (): Promise<void> => {
    for (;;) {
      const beganAtMs = performance.now();
      if (beganAtMs >= endAtMs) return;
      const { code, freshForMs, rateLimits } = await product.verify({ key: secret });
      expect(['VALID', 'RATE_LIMITED']).toContain(code);
      expect(freshForMs).toBe(0);
      expect(rateLimits).toMatchObject([{ name: 'requests', limit }]);
      if (code === 'VALID') grants.push({ beganAtMs, endedAtMs: performance.now() });
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  for (const { beganAtMs: from } of grants) {
    const inWindow = grants.filter((one) => one.beganAtMs >= from && one.endedAtMs < from + WINDOW_MS);
    expect(inWindow.length).toBeLessThanOrEqual(limit);
  }
  // All but what a sub-window and a slow machine take at the end.
  expect(grants.length).toBeGreaterThan(limit * (WINDOWS - 1));
});

it('a burst at three authorizers is granted as far as the narrowest bound goes, which is named', async () => {
  const quota = { name: 'monthly', limit: 7, interval: 'month' as const };
  const { secret: key } = await create({ limits: [perMinute(20)], quotas: [quota] });
  const replies = await verifyAll(Array.from({ length: 15 }, () => ({ key })));
  expect(codesOf(replies)).toEqual([
    ...Array.from({ length: 8 }, () => 'QUOTA_EXCEEDED'),
    ...Array.from({ length: 7 }, () => 'VALID'),
  ]);
  expect(await leftOf(key)).toEqual([13, 0]);
});

it('a request that is refused for another reason costs nothing, and cost counts', async () => {
  const { secret: key } = await create({ limits: [perMinute(10)] });
  const forbidden = await verifyAll(Array.from({ length: 6 }, () => ({ key, permission: 'api-keys:write' })));
  expect(new Set(codesOf(forbidden))).toEqual(new Set(['FORBIDDEN']));
  expect(await leftOf(key)).toEqual([10]);
  expect((await product.verify({ key, cost: 4 })).rateLimits).toMatchObject([{ remaining: 6 }]);
  expect(await product.verify({ key, cost: 7 })).toMatchObject({
    code: 'RATE_LIMITED',
    rateLimits: [{ remaining: 6 }],
  });
  expect(await product.verify({ key, cost: 6 })).toMatchObject({ code: 'VALID' });
});

it('a lowered limit and a rotated secret give no fresh bucket', async () => {
  const made = await create({ limits: [perMinute(10)] });
  expect(await product.verify({ key: made.secret, cost: 6 })).toMatchObject({ code: 'VALID' });
  const path = `${product.keysPath}/${made.id}`;
  const body = { limits: [perMinute(8)] };
  const patched = await product.http('PATCH', path, { body });
  expect([patched.status, patched.body['detail']]).toEqual([200, undefined]);
  expect(await leftOf(made.secret)).toEqual([2]);
  const rotated = await product.http('POST', `${path}/rotate`);
  expect(rotated.status).toBe(201);
  const [key, position] = [rotated.body['secret'], rotated.body['position']] as [string, string];
  expect(await leftOf(key, position)).toEqual([2]);
  expect(
    codesOf(
      await verifyAll([
        { key, cost: 2 },
        { key, cost: 2 },
      ]),
    ),
  ).toEqual(['RATE_LIMITED', 'VALID']);
});
