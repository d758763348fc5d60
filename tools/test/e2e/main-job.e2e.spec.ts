import { waitFor } from '@mcpstack/local-servers';
import { Product, WHOLE } from './product.ts';

const ROUNDS = 100;
const AT_ONCE = 10;

let product: Product;
beforeAll(async () => {
  product = await Product.start({ instances: { ...WHOLE, authorizer: 2 } });
}, 600_000);
afterAll(() => product?.stop());

describe('the main job, through the public interfaces', () => {
  it(`${ROUNDS} rounds: create, VALID, revoke, refused; no VALID once DELETE has returned (G3)`, async () => {
    let left = ROUNDS;
    let refusals = 0;
    const rounds = async (): Promise<void> => {
      while (left-- > 0) {
        const key = await product.create(`round ${left}`);
        const asked = { key: key.secret, permission: 'servers:write' };
        expect(await product.verify(asked)).toMatchObject({ valid: true, code: 'VALID', keyId: key.id });
        const answer = await product.http('DELETE', `${product.keysPath}/${key.id}`);
        // A verify that begins now may land on either authorizer; ten land on both.
        const replies = await Promise.all(Array.from({ length: 10 }, () => product.verify(asked)));
        expect(answer.status).toBe(204);
        expect(replies.map((reply) => reply.code)).toEqual(Array.from({ length: 10 }, () => 'REVOKED'));
        refusals += 1;
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, rounds));
    expect(refusals).toBe(ROUNDS);
  }, 600_000);

  it('the calls of the page, as written, with Authorization and with X-API-Key', async () => {
    const admin = await product.create('admin', 'admin');
    const path = product.keysPath;
    const bearer = { token: admin.secret };
    const xApiKey = { token: '', headers: { 'x-api-key': admin.secret } };
    for (const credential of [bearer, xApiKey]) {
      const created = await product.http('POST', path, {
        ...credential,
        body: { name: 'automation-bot', role: 'developer' },
      });
      expect(created.status).toBe(201);
      expect(created.body['secret']).toMatch(/^mcpstack_sk_/);
      const position = created.headers.get('mcpstack-position')!;
      const listed = await product.http('GET', path, {
        ...credential,
        headers: { ...(credential === xApiKey && xApiKey.headers), 'mcpstack-position': position },
      });
      expect(listed.status).toBe(200);
      const data = listed.body['data'] as { id: string }[];
      expect(data.map((key) => key.id)).toContain(created.body['id']);
      expect(JSON.stringify(data)).not.toContain(created.body['secret']);
      expect(data.filter((key) => 'secret' in key)).toEqual([]);
      const revoked = await product.http('DELETE', `${path}/${created.body['id'] as string}`, credential);
      expect(revoked.status).toBe(204);
    }
  });

  it('401: a revoked key, a wrong key, no login; 403: a role that lacks the permission, named', async () => {
    const developer = await product.create('developer');
    const refused = await product.http('POST', product.keysPath, {
      token: developer.secret,
      body: { name: 'x', role: 'viewer' },
    });
    expect(refused).toMatchObject({ status: 403, body: { code: 'forbidden', permission: 'api-keys:write' } });
    expect(refused.headers.get('content-type')).toContain('application/problem+json');
    expect((await product.http('GET', product.keysPath, { token: developer.secret })).status).toBe(200);
    expect((await product.http('DELETE', `${product.keysPath}/${developer.id}`)).status).toBe(204);
    const wrong = developer.secret.slice(0, -1) + (developer.secret.endsWith('a') ? 'b' : 'a');
    for (const token of [developer.secret, wrong, 'nonsense', '']) {
      const answer = await product.http('GET', product.keysPath, { token });
      expect(answer.status).toBe(401);
      expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
    }
  });

  it('bad input: 4xx problem+json that names the field, and nothing is appended', async () => {
    // Use is counted a while after it was made.
    const changes = async () => (await product.log()).filter(({ type }) => type !== 'KeyUsed').length;
    const before = await changes();
    const bodies: [unknown, string][] = [
      [{ name: 'x', role: 'developer', colour: 'red' }, 'colour'],
      [{ name: 7, role: 'developer' }, 'name'],
      [{ name: 'x'.repeat(10_000), role: 'developer' }, 'name'],
      [{ name: 'a\u0007b', role: 'developer' }, 'name'],
      [{ name: 'a\ud800b', role: 'developer' }, 'name'],
      [{ name: `mcpstack_sk_${'0'.repeat(49)}`, role: 'developer' }, 'name'],
      [{ name: 'x', role: 'emperor' }, 'role'],
      [{ name: 'x', role: 'viewer', permissions: ['servers:write'] }, 'permissions'],
    ];
    for (const [body, field] of bodies) {
      const answer = await product.http('POST', product.keysPath, { body });
      expect(answer.headers.get('content-type')).toContain('application/problem+json');
      expect([answer.status, (answer.body['errors'] as { field: string }[])[0]?.field]).toEqual([
        400,
        expect.stringMatching(new RegExp(`^${field}`)),
      ]);
    }
    const huge = { name: 'x', role: 'developer', padding: 'x'.repeat(2 * 1024 * 1024) };
    // It is refused by its length, and the connection closed: who is still writing then may not see the answer.
    const refused = await waitFor(
      () => product.http('POST', product.keysPath, { body: huge }).catch(() => undefined),
      { what: 'an answer to what is too long' },
    );
    expect(refused.status).toBe(413);
    const foreign = `/api/v1/organizations/org_${'0'.repeat(22)}/api-keys`;
    expect((await product.http('POST', foreign, { body: { name: 'x', role: 'viewer' } })).status).toBe(404);
    expect(await changes()).toBe(before);
  });

  it('G2: one Idempotency-Key makes one key and shows its secret again; with another body 422', async () => {
    const idempotencyKey = crypto.randomUUID();
    const body = { name: 'once', role: 'viewer' };
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => product.insist('POST', product.keysPath, { body, idempotencyKey })),
    );
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([201]));
    expect(new Set(answers.map((answer) => answer.body['id'])).size).toBe(1);
    expect(new Set(answers.map((answer) => answer.body['secret'])).size).toBe(1);
    const other = { ...body, name: 'twice' };
    expect((await product.http('POST', product.keysPath, { body: other, idempotencyKey })).status).toBe(422);
    const id = answers[0]!.body['id'] as string;
    const stored = (await product.log()).filter((event) => event.stream === `key-${id}`);
    expect(stored.map((event) => event.type)).toEqual(['KeyCreated']);
    // Control: it is the Idempotency-Key that makes them one.
    const plain = await Promise.all([1, 2].map(() => product.http('POST', product.keysPath, { body })));
    expect(plain[0]!.body['id']).not.toBe(plain[1]!.body['id']);
  });

  it('the request id goes from the HTTP edge into the event', async () => {
    const requestId = `spec-${Date.now()}`;
    const answer = await product.http('POST', product.keysPath, {
      body: { name: 'traced', role: 'viewer' },
      headers: { 'x-request-id': requestId },
    });
    const event = (await product.log()).find(({ stream }) => stream === `key-${answer.body['id'] as string}`);
    expect(event?.metadata).toMatchObject({ $correlationId: requestId });
  });
});
