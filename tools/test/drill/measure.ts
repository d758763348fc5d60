/** What a key takes where it is kept: the difference between a product with so many keys and one without. */
import { makeToken, tokenDigest } from '@mcpstack/contracts';
import { waitFor } from '@mcpstack/testing';
import { jetstreamManager } from '@nats-io/jetstream';
import { createClient } from '@redis/client';
import { readFileSync } from 'node:fs';
import { Product } from '../e2e/product.ts';

/** As many as one import takes. */
const BATCH = 500;

export interface Measured {
  keys: number;
  redisBytesPerKey: number;
  logBytesPerEvent: number;
  natsResidentBytesPerKey: number;
}

interface Sizes {
  redisBytes: number;
  logBytes: number;
  events: number;
  natsBytes: number;
}

export async function measure(keys: number): Promise<Measured> {
  const product = await Product.start();
  try {
    await importKeys(product, BATCH);
    const before = await sizes(product);
    await importKeys(product, keys);
    const after = await sizes(product);
    return {
      keys,
      redisBytesPerKey: Math.round((after.redisBytes - before.redisBytes) / keys),
      logBytesPerEvent: Math.round((after.logBytes - before.logBytes) / (after.events - before.events)),
      natsResidentBytesPerKey: Math.round((after.natsBytes - before.natsBytes) / keys),
    };
  } finally {
    await product.stop();
  }
}

async function importKeys(product: Product, count: number): Promise<void> {
  let position = '';
  for (let done = 0; done < count; done += BATCH) {
    const some = Array.from({ length: Math.min(BATCH, count - done) }, (_, number) => ({
      name: `measured ${done + number}`,
      role: 'developer',
      digest: tokenDigest(makeToken('service')),
    }));
    const answer = await product.insist('POST', `${product.keysPath}/import`, { body: { keys: some } });
    if (answer.status >= 300) throw new Error(`import answered ${answer.status}`);
    position = answer.headers.get('mcpstack-position') ?? position;
  }
  await product.insist('GET', product.keysPath, { headers: { 'mcpstack-position': position } });
}

async function sizes({ stack, nats }: Product): Promise<Sizes> {
  const redis = createClient({ url: stack.redisUrl });
  await redis.connect();
  // The set of buckets is grown at times; what a key takes is steady between.
  const redisBytes = Number(/used_memory_dataset:(\d+)/.exec(await redis.info('memory'))![1]);
  redis.destroy();
  const { streams } = await jetstreamManager(nats);
  const { state } = await waitFor(() => streams.info('mcpstack_log'));
  const status = readFileSync(`/proc/${stack.nats!.pid}/status`, 'utf8');
  const natsBytes = Number(/VmRSS:\s+(\d+)/.exec(status)![1]) * 1024;
  return { redisBytes, logBytes: state.bytes, events: state.messages, natsBytes };
}
