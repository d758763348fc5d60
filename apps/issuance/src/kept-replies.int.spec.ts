import { BUCKETS } from '@mcpstack/contracts';
import { startNats, type LocalServer } from '@mcpstack/local-servers';
import { connectNats } from '@mcpstack/service-kit';
import { Kvm } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/transport-node';
import { KeptReplies, type Claim } from './kept-replies.ts';

const SECRET = 'mcpstack_sk_what-is-kept';
const claim: Claim = {
  idempotencyKey: 'q7Zt0-LxVb3nS_9dKfPw2R',
  commandId: '5f0c2a9e-1f44-8c1b-8a54-0d8f2c6b9e11',
  actor: { type: 'user', id: 'user_1' },
  credentialDigest: 'ab'.repeat(32),
};

let server: LocalServer;
let nats: NatsConnection;
let replies: KeptReplies;

beforeAll(async () => {
  server = await startNats();
  nats = await connectNats(server.url, 'spec');
  replies = new KeptReplies(nats);
});
afterAll(async () => {
  await nats.close();
  await server.stop();
});

describe('kept replies (G2)', () => {
  it('give the secret back to the same caller, from another process too', async () => {
    await replies.keep(SECRET, claim);
    expect(await replies.open(claim)).toBe(SECRET);
    expect(await new KeptReplies(nats).open(claim)).toBe(SECRET);
  });

  it('give nothing to another actor or another Idempotency-Key, and nothing that was not kept', async () => {
    await replies.keep(SECRET, claim);
    expect(await replies.open({ ...claim, actor: { type: 'user', id: 'user_2' } })).toBeUndefined();
    expect(await replies.open({ ...claim, idempotencyKey: 'another-key-of-22-characters' })).toBeUndefined();
    expect(await replies.open({ ...claim, credentialDigest: 'cd'.repeat(32) })).toBeUndefined();
  });

  it('keep nothing under a weak Idempotency-Key or none', async () => {
    const commandId = '5f0c2a9e-1f44-8c1b-8a54-0d8f2c6b9e12';
    for (const idempotencyKey of ['retry-1', undefined]) {
      await replies.keep(SECRET, { ...claim, commandId, idempotencyKey });
      expect(await replies.open({ ...claim, commandId, idempotencyKey })).toBeUndefined();
    }
    const bucket = await new Kvm(nats).open(BUCKETS.replies);
    expect(await bucket.get(`${commandId}.${claim.credentialDigest}`)).toBeNull();
  });

  it('live ten minutes, and what the bucket holds does not show the secret (G1)', async () => {
    await replies.keep(SECRET, claim);
    const bucket = await new Kvm(nats).open(BUCKETS.replies);
    expect((await bucket.status()).ttl).toBe(600_000);
    const entry = await bucket.get(`${claim.commandId}.${claim.credentialDigest}`);
    expect(Buffer.from(entry!.value).includes('what-is-kept')).toBe(false);
    // Control: unsealed, the same search finds it.
    await bucket.put('control', SECRET);
    expect(Buffer.from((await bucket.get('control'))!.value).includes('what-is-kept')).toBe(true);
  });

  it('come back by themselves when the bucket was lost', async () => {
    await new Kvm(nats).open(BUCKETS.replies).then((bucket) => bucket.destroy());
    await expect(replies.keep(SECRET, claim)).rejects.toMatchObject({ code: 'unavailable' });
    await replies.keep(SECRET, claim);
    expect(await replies.open(claim)).toBe(SECRET);
  });

  it('are refused as unavailable, within the deadline, when JetStream is not there', async () => {
    const plain = await startNats({ jetstream: false });
    const connection = await connectNats(plain.url, 'spec');
    const began = performance.now();
    await expect(new KeptReplies(connection).keep(SECRET, claim)).rejects.toMatchObject({
      code: 'unavailable',
    });
    expect(performance.now() - began).toBeLessThan(8_000);
    await connection.close();
    await plain.stop();
  });
});
