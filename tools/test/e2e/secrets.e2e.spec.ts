import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeToken, tokenDigest } from '@mcpstack/contracts';
import { createClient } from '@redis/client';
import { OWNER, Product, WHOLE, type Answer } from './product.ts';

let product: Product;
beforeAll(async () => {
  product = await Product.start({
    instances: WHOLE,
    env: { LOG_LEVEL: 'trace', FRESH_DELTA_MS: '100', WEBHOOK_ALLOW_PRIVATE: 'true' },
  });
}, 600_000);
afterAll(() => product?.stop());

/** Every file beneath the folder, whatever it holds: logs, the log's own files, Redis' files. */
function files(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Where each of the words stands: files on disk, Redis as it is, the event log as it reads. */
async function search(words: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  const look = (place: string, content: Buffer): void => {
    if (words.some((word) => content.includes(word))) found.push(place);
  };
  for (const file of files(product.stack.dataDir)) {
    if (!file.endsWith('logins.json')) look(file, readFileSync(file));
  }
  const redis = createClient({ url: product.stack.redisUrl });
  await redis.connect();
  const read: Record<string, (name: string) => Promise<unknown>> = {
    string: (name) => redis.get(name),
    hash: (name) => redis.hGetAll(name),
    zset: (name) => redis.zRange(name, 0, -1),
    set: (name) => redis.sMembers(name),
    list: (name) => redis.lRange(name, 0, -1),
  };
  for await (const names of redis.scanIterator({ COUNT: 1_000 })) {
    for (const name of names) {
      const kind = await redis.type(name);
      if (!read[kind]) throw new Error(`a ${kind} that the search does not know`);
      look(`redis ${name}`, Buffer.from(JSON.stringify([name, await read[kind](name)])));
    }
  }
  redis.destroy();
  for (const event of await product.log()) {
    look(`event ${event.type}`, Buffer.from(JSON.stringify([event.data, event.metadata])));
  }
  return found;
}

describe('G1: secrets are shown once', () => {
  it('no secret, and nothing to confirm one with, stands in any log, event, Redis value or file', async () => {
    const words: string[] = [product.token, OWNER.password];
    for (let number = 0; number < 5; number += 1) {
      const idempotencyKey = crypto.randomUUID();
      const body = { name: `key ${number}`, role: 'admin' };
      const answer = await product.insist('POST', product.keysPath, { body, idempotencyKey });
      const secret = answer.body['secret'] as string;
      await product.verify({ key: secret });
      await product.http('GET', product.keysPath, { token: secret });
      await product.http('GET', `/api/v1/me?key=${secret}`);
      await product.http('POST', product.keysPath, {
        token: secret,
        body: { name: secret, role: 'emperor' },
      });
      await product.http('DELETE', `${product.keysPath}/${answer.body['id'] as string}`);
      words.push(secret, secret.slice('mcpstack_sk_'.length), tokenDigest(secret), idempotencyKey);
    }
    expect(await search(words)).toEqual([]);
  }, 600_000);

  it('nor of what rotates, is imported, is made by clients, invites, or is reported', async () => {
    const { keysPath } = product;
    const base = `/api/v1/organizations/${product.organizationId}`;
    const words: string[] = [];
    const secretIn = (answer: Answer, field = 'secret') => {
      const secret = answer.body[field] as string;
      expect(secret).toMatch(/^mcpstack_/);
      words.push(secret, secret.slice(20), tokenDigest(secret));
      return secret;
    };
    const key = await product.create('rotates', 'admin');
    const strong = () => randomBytes(24).toString('base64url');
    const idempotencyKey = strong();
    words.push(key.secret, tokenDigest(key.secret), idempotencyKey);
    const rotated = await product.http('POST', `${keysPath}/${key.id}/rotate`, { idempotencyKey });
    const secret = secretIn(rotated);

    const foreign = `acme_live_${strong()}`;
    const own = makeToken('service');
    words.push(foreign, tokenDigest(foreign), own, tokenDigest(own));
    const line = { name: 'imported', role: 'viewer', digest: tokenDigest(foreign), hint: 'acme_live_' };
    const imported = await product.http('POST', `${keysPath}/import`, { body: { keys: [line] } });
    expect(imported.body['results']).toMatchObject([{ status: 'created' }]);
    const body = { name: 'of a client', role: 'viewer', digest: tokenDigest(own) };
    expect((await product.http('POST', keysPath, { body })).status).toBe(201);
    for (const token of [foreign, own]) {
      expect((await product.verify({ key: token })).code).toBe('VALID');
      expect((await product.http('GET', '/api/v1/me', { token })).status).toBe(200);
      expect((await product.http('GET', `/api/v1/me?token=${token}`)).status).toBe(400);
    }

    const email = 'somebody@example.com';
    const invited = await product.http('POST', `${base}/invitations`, {
      body: { email, role: 'viewer' },
      idempotencyKey: strong(),
    });
    const token = secretIn(invited, 'token');
    await product.http('POST', '/api/v1/invitations/accept', { body: { token: token.slice(0, -1) } });
    await product.http('POST', '/api/v1/invitations/accept', { body: { token: `${token} ` } });

    const page = { origin: 'https://app.example.com', 'sec-fetch-site': 'cross-site' };
    const exposed = await product.http('GET', '/api/v1/me', { token: secret, headers: page });
    expect(exposed.body['code']).toBe('secret-in-browser');
    const reported = await product.http('POST', '/api/v1/credentials/revoke', {
      token: '',
      body: { credentials: [secret, foreign, 'x'.repeat(300)] },
    });
    expect(reported.status).toBe(202);
    expect(await search(words)).toEqual([]);
  }, 600_000);

  it('nor of webhooks, whose messages were signed with it', async () => {
    const path = `/api/v1/organizations/${product.organizationId}/webhooks`;
    const idempotencyKey = randomBytes(24).toString('base64url');
    // Nobody listens there: what could not be sent is noted, and that too holds no secret.
    const body = { name: 'a-name-to-be-found', url: 'http://127.0.0.1:1/' };
    const made = await product.http('POST', path, { body, idempotencyKey });
    const id = made.body['id'] as string;
    const again = await product.http('POST', path, { body, idempotencyKey });
    expect([made.status, again.body['secret']]).toEqual([201, made.body['secret']]);
    const rotated = await product.http('POST', `${path}/${id}/rotate-secret`, { idempotencyKey });
    await product.create('told of', 'viewer');
    const test = await product.http('POST', `${path}/${id}/test`);
    expect(test.body).toMatchObject({ ok: false, reason: 'the receiver does not take connections' });
    const words = [made, rotated].flatMap(({ body: { secret } }) => {
      const text = (secret as string).slice('whsec_'.length);
      const bytes = Buffer.from(text, 'base64');
      return [text, bytes.toString('base64url'), bytes.toString('hex')];
    });
    expect(await search([...words, idempotencyKey])).toEqual([]);
    // Control: the same search finds what is stored.
    expect(await search(['a-name-to-be-found'])).toEqual(
      expect.arrayContaining(['event WebhookCreated', expect.stringMatching(/^redis /)]) as unknown,
    );
  }, 600_000);

  it('control: a secret that somebody does leave behind is found, wherever it is', async () => {
    const key = await product.create('planted');
    // A name is stored as it was given: in the log, in its files, in Redis and in Redis' files.
    await product.create(`do not do this: ${key.secret.slice(12, 50)}`, 'viewer');
    const places = (await search([key.secret.slice(12, 50)])).join('\n');
    expect(places).toMatch(/event KeyCreated/);
    expect(places).toMatch(/redis .*:key:/);
    expect(places).toMatch(/nats/);
    expect(places).toMatch(/redis\/.*aof/);
  });
});
