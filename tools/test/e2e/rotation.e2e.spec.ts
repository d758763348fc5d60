/**
 * Secrets that are replaced, and keys that are held back: what must be refused is refused from the moment that the
 * answer is there (G3), at both authorizers; what must go on, goes on.
 */
import { randomUUID } from 'node:crypto';
import {
  makeToken,
  newId,
  tokenDigest,
  type ApiKey,
  type VerifyCode,
  type VerifyRequest,
} from '@mcpstack/contracts';
import { waitFor } from '@mcpstack/testing';
import { Product, type Answer } from './product.ts';

const ROUNDS = 20;
const AT_ONCE = 5;
const ASKS = 8;

type Created = ApiKey & { secret: string };

let product: Product;
beforeAll(async () => {
  product = await Product.start({ instances: { authorizer: 2 } });
}, 600_000);
afterAll(() => product?.stop());

async function create(more: object = {}): Promise<Created> {
  const body = { name: 'key', role: 'developer', ...more };
  return (await ok(product.http('POST', product.keysPath, { body }), 201)).body as unknown as Created;
}

async function ok(answer: Promise<Answer>, status = 200): Promise<Answer> {
  const given = await answer;
  expect([given.status, given.body['detail']]).toEqual([status, undefined]);
  return given;
}

const pathOf = ({ id }: ApiKey) => `${product.keysPath}/${id}`;
const post = (path: string, body?: unknown, idempotencyKey: string = randomUUID()) =>
  product.http('POST', path, { ...(body !== undefined && { body }), idempotencyKey });
const codeOf = async (request: VerifyRequest) => (await product.verify(request)).code;
/** Enough at once that both authorizers are asked. */
const codesOf = async (request: VerifyRequest): Promise<VerifyCode[]> =>
  (await Promise.all(Array.from({ length: ASKS }, () => product.verify(request)))).map(({ code }) => code);
const all = (code: VerifyCode): VerifyCode[] => Array.from({ length: ASKS }, () => code);

/** So many times, a few at once. */
async function inRounds(one: (round: number) => Promise<void>, rounds = ROUNDS): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < rounds) await one(next++);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

describe('rotation', () => {
  it(`validForSeconds 0: the old secret is refused once the answer is there, ${ROUNDS} times`, async () => {
    await inRounds(async () => {
      const key = await create();
      expect(await codesOf({ key: key.secret })).toEqual(all('VALID'));
      const { body } = await ok(post(`${pathOf(key)}/rotate`, { previous: { validForSeconds: 0 } }), 201);
      const [old, fresh] = await Promise.all([
        codesOf({ key: key.secret }),
        codesOf({ key: body['secret'] as string, position: body['position'] as string }),
      ]);
      expect(old).not.toContain('VALID');
      expect(fresh).toEqual(all('VALID'));
      expect(body['id']).toBe(key.id);
    });
  }, 600_000);

  it('some seconds: both work, then the old one ends by itself, at the time that the key shows', async () => {
    const key = await create();
    const { body } = await ok(post(`${pathOf(key)}/rotate`, { previous: { validForSeconds: 2 } }), 201);
    const [previous] = (body as unknown as ApiKey).secrets;
    const endsMs = Date.parse(previous!.validUntil!);
    let worked = 0;
    for (;;) {
      const sentAtMs = Date.now();
      if ((await codeOf({ key: key.secret })) !== 'VALID') break;
      expect(sentAtMs).toBeLessThan(endsMs);
      worked += 1;
    }
    expect(worked).toBeGreaterThan(10);
    expect(Date.now()).toBeGreaterThanOrEqual(endsMs);
    expect(await codeOf({ key: body['secret'] as string })).toBe('VALID');
  });

  it('untilNextSeen: both work until the new one is used; that ends the old one within seconds', async () => {
    const key = await create();
    const { body } = await ok(post(`${pathOf(key)}/rotate`, { previous: { untilNextSeen: true } }), 201);
    // Using the old one changes nothing.
    expect(await codesOf({ key: key.secret })).toEqual(all('VALID'));
    expect(await codesOf({ key: key.secret })).toEqual(all('VALID'));
    expect(await codeOf({ key: body['secret'] as string })).toBe('VALID');
    await waitFor(async () => (await codeOf({ key: key.secret })) !== 'VALID', {
      timeoutMs: 60_000,
      what: 'the old secret to end',
    });
    expect(await codesOf({ key: body['secret'] as string })).toEqual(all('VALID'));
  });

  it('a reply that was lost: the same Idempotency-Key shows the same secret, and nobody else', async () => {
    const key = await create();
    const idempotencyKey = randomUUID();
    const rotate = (previous: object, token = product.token) =>
      product.http('POST', `${pathOf(key)}/rotate`, { body: { previous }, idempotencyKey, token });
    const first = await ok(rotate({ validForSeconds: 0 }), 201);
    const again = await ok(rotate({ validForSeconds: 0 }), 201);
    expect(again.body['secret']).toBe(first.body['secret']);
    expect((again.body['secrets'] as unknown[]).length).toBe((first.body['secrets'] as unknown[]).length);
    expect((await rotate({ validForSeconds: 5 })).status).toBe(422);
    const admin = await create({ name: 'admin', role: 'admin' });
    const other = await rotate({ validForSeconds: 0 }, admin.secret);
    expect(other.body['secret']).not.toBe(first.body['secret']);
  });

  it('a secret that the client made is known to us by its digest alone', async () => {
    const [first, second] = [makeToken('service'), makeToken('service')];
    const key = await create({ digest: tokenDigest(first) });
    expect(key.secret).toBeUndefined();
    expect(await codesOf({ key: first })).toEqual(all('VALID'));
    const body = { digest: tokenDigest(second), previous: { validForSeconds: 0 } };
    const rotated = await ok(post(`${pathOf(key)}/rotate`, body), 201);
    expect(rotated.body['secret']).toBeUndefined();
    expect(await codesOf({ key: first })).not.toContain('VALID');
    expect(await codesOf({ digest: tokenDigest(second) })).toEqual(all('VALID'));
    // A digest that a key has already is nobody's to take.
    const taken = await post(product.keysPath, {
      name: 'thief',
      role: 'viewer',
      digest: tokenDigest(second),
    });
    expect([taken.status, taken.body['code']]).toEqual([409, 'conflict']);
  });
});

describe('what restricts is final when it returns', () => {
  const agents = () => `/api/v1/organizations/${product.organizationId}/agents`;

  it(`suspended: refused; resumed: VALID again, ${ROUNDS} times`, async () => {
    await inRounds(async () => {
      const key = await create();
      expect(await codesOf({ key: key.secret })).toEqual(all('VALID'));
      await ok(post(`${pathOf(key)}/suspend`));
      expect(await codesOf({ key: key.secret })).toEqual(all('SUSPENDED'));
      const { headers } = await ok(post(`${pathOf(key)}/resume`));
      const position = headers.get('mcpstack-position')!;
      expect(await codesOf({ key: key.secret, position })).toEqual(all('VALID'));
    });
  }, 600_000);

  it(`narrowed in permissions: refused what was taken, and only that, ${ROUNDS} times`, async () => {
    await inRounds(async () => {
      const key = await create();
      const asked = { key: key.secret, permission: 'servers:write' };
      expect(await codesOf(asked)).toEqual(all('VALID'));
      await ok(product.http('PATCH', pathOf(key), { body: { permissions: ['servers:read'] } }));
      expect(await codesOf(asked)).toEqual(all('FORBIDDEN'));
      expect(await codeOf({ ...asked, permission: 'servers:read' })).toBe('VALID');
    });
  }, 600_000);

  it(`narrowed in scope: refused for the agent that was taken out, ${ROUNDS} times`, async () => {
    const agent = async (name: string) => (await ok(post(agents(), { name }), 201)).body['id'] as string;
    const [kept, taken] = await Promise.all([agent('kept'), agent('taken')]);
    await inRounds(async () => {
      const key = await create({ scope: { agents: [kept, taken] } });
      const of = (agentId: string) => ({ key: key.secret, expect: { agentId } });
      expect(await codesOf(of(taken))).toEqual(all('VALID'));
      await ok(product.http('PATCH', pathOf(key), { body: { scope: { agents: [kept] } } }));
      expect(await codesOf(of(taken))).toEqual(all('FORBIDDEN'));
      expect(await codeOf(of(kept))).toBe('VALID');
      expect(await codeOf(of(newId('agent')))).toBe('FORBIDDEN');
    });
  }, 600_000);

  it(`narrowed in addresses: v4, v6 and mapped ones outside are refused, ${ROUNDS} times`, async () => {
    await inRounds(async () => {
      const key = await create({ allowedIps: ['192.0.2.0/24', '2001:db8::/32'] });
      const from = (ip: string) => ({ key: key.secret, ip });
      for (const ip of ['192.0.2.7', '::ffff:192.0.2.7', '2001:db8::7', '2001:DB8:0::7'])
        expect([ip, await codeOf(from(ip))]).toEqual([ip, 'VALID']);
      for (const ip of ['198.51.100.7', '::ffff:198.51.100.7', '2001:db9::1'])
        expect([ip, await codeOf(from(ip))]).toEqual([ip, 'IP_NOT_ALLOWED']);
      expect(await codeOf({ key: key.secret })).toBe('IP_NOT_ALLOWED');
      expect(await codesOf(from('192.0.2.7'))).toEqual(all('VALID'));
      await ok(product.http('PATCH', pathOf(key), { body: { allowedIps: ['192.0.2.128/25'] } }));
      expect(await codesOf(from('192.0.2.7'))).toEqual(all('IP_NOT_ALLOWED'));
      expect(await codeOf(from('2001:db8::7'))).toBe('IP_NOT_ALLOWED');
      expect(await codeOf(from('::ffff:192.0.2.200'))).toBe('VALID');
    });
  }, 600_000);

  it('control: asked before the answer is there, a key is VALID now and then', async () => {
    const before: VerifyCode[] = [];
    await inRounds(async () => {
      const key = await create();
      let isAnswered = false;
      const suspending = post(`${pathOf(key)}/suspend`).finally(() => (isAnswered = true));
      while (!isAnswered) before.push(await codeOf({ key: key.secret }));
      await ok(suspending);
    });
    expect(before).toContain('VALID');
    expect(before).toContain('SUSPENDED');
  }, 600_000);
});
