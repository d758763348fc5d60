import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { tokenDigest } from '@mcpstack/contracts';
import { createClient } from 'redis';
import { OWNER, Product } from './product.ts';

let product: Product;
beforeAll(async () => {
  product = await Product.start({ env: { LOG_LEVEL: 'trace', FRESH_DELTA_MS: '100' } });
}, 120_000);
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
  for await (const names of redis.scanIterator({ COUNT: 1_000 })) {
    for (const name of names) {
      const kind = await redis.type(name);
      const value =
        kind === 'string'
          ? await redis.get(name)
          : kind === 'hash'
            ? await redis.hGetAll(name)
            : kind === 'zset'
              ? await redis.zRange(name, 0, -1)
              : kind === 'set'
                ? await redis.sMembers(name)
                : new Error(`a ${kind} that the search does not know`);
      if (value instanceof Error) throw value;
      look(`redis ${name}`, Buffer.from(JSON.stringify([name, value])));
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
  }, 120_000);

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
