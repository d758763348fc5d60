/** Batches and explanations as any NATS client asks for them, and callers that mean ill, or go away. */
import { readFileSync } from 'node:fs';
import { connect as dial } from 'node:net';
import {
  EXPLAIN_SUBJECT,
  makeToken,
  tokenDigest,
  VERIFY_BATCH_SUBJECT,
  VERIFY_SUBJECT,
  type ExplainReply,
  type VerifyBatchReply,
  type VerifyReply,
} from '@mcpstack/contracts';
import { connect } from '@nats-io/transport-node';
import { until, World, type Authorizer, type TestKey } from './world.ts';

const TIMEOUT_MS = 5_000;
const PROMISED_MS = 5_000;
const MIB = 1_048_576;

let world: World;
let authorizer: Authorizer;
let key: TestKey;
beforeAll(async () => {
  world = await World.start();
  await world.project();
  key = await world.createKey();
  authorizer = await world.startAuthorizer();
  await until('VALID', () => valid().catch(() => false));
});
afterAll(async () => {
  await authorizer.child.stop();
  await world.stop();
});

const valid = async (): Promise<boolean> => (await world.verify({ key: key.token })).valid;
const ask = async <Reply>(subject: string, request: unknown): Promise<Reply> =>
  (await world.nats.request(subject, JSON.stringify(request), { timeout: TIMEOUT_MS })).json<Reply>();
const batch = (requests: readonly object[]) => ask<VerifyBatchReply>(VERIFY_BATCH_SUBJECT, { requests });

async function codesOf(requests: readonly object[]): Promise<string[]> {
  const reply = await batch(requests);
  return 'replies' in reply ? reply.replies.map(({ code }) => code) : [reply.code];
}

describe('many checks in one message', () => {
  it('are answered each for itself, in order', async () => {
    const [revoked, other] = [await world.createKey(), await world.createKey()];
    await world.revoke(revoked);
    const requests = [
      { key: other.token },
      { key: makeToken('service') },
      { digest: tokenDigest(key.token), permission: 'api-keys:write' },
      { key: revoked.token },
      { key: key.token, surprise: 1 },
      { key: key.token },
    ];
    const { replies } = (await batch(requests)) as { replies: VerifyReply[] };
    expect(replies.map(({ code, keyId }) => [code, keyId])).toEqual([
      ['VALID', other.id],
      ['NOT_FOUND', undefined],
      ['FORBIDDEN', key.id],
      ['REVOKED', revoked.id],
      ['MALFORMED', undefined],
      ['VALID', key.id],
    ]);
    expect(await codesOf([])).toEqual([]);
    expect(await ask(VERIFY_BATCH_SUBJECT, [])).toMatchObject({ code: 'MALFORMED' });
  });

  it('take from a limit what it has, and no more; control: the last ones had room by themselves', async () => {
    const limited = await world.createKey({
      terms: { limits: [{ name: 'day', limit: 5, windowMs: 86_400_000 }] },
    });
    const codes = await codesOf(Array.from({ length: 8 }, () => ({ key: limited.token })));
    expect(codes).toEqual([...Array<string>(5).fill('VALID'), ...Array<string>(3).fill('RATE_LIMITED')]);
    const another = await world.createKey({
      terms: { limits: [{ name: 'day', limit: 5, windowMs: 86_400_000 }] },
    });
    expect(await codesOf([{ key: another.token }])).toEqual(['VALID']);
  });

  it('whose replies are longer than a message may be: it is said so, and fewer are answered', async () => {
    const agents = Array.from({ length: 150 }, (_, n) => `agent_${`${n}`.padStart(22, '0')}`);
    const wide = await world.createKey({ terms: { scope: { agents } } });
    const requests = Array.from({ length: 1_000 }, () => ({ key: wide.token }));
    await until('the refusal', async () => {
      const reply = await batch(requests);
      return 'message' in reply && reply.message.includes('send fewer requests in one');
    });
    const few = Array<string>(200).fill('VALID').join();
    await until('the replies', async () => (await codesOf(requests.slice(0, 200))).join() === few);
  });

  it('of positions that are never reached hold up nobody else', async () => {
    const requests = Array.from({ length: 1_000 }, () => ({ key: key.token, position: '9'.repeat(15) }));
    const slow = codesOf(requests);
    await world.nats.flush();
    const began = performance.now();
    const fresh = await world.createKey();
    await until('VALID', async () => (await world.verify({ key: fresh.token })).valid);
    expect(await Promise.race([slow.then(() => 'slow'), valid()])).toBe(true);
    expect(new Set(await slow)).toEqual(new Set(['UNAVAILABLE']));
    expect(performance.now() - began).toBeLessThan(PROMISED_MS);
  });
});

describe('an explanation', () => {
  const explain = (request: object) => ask<ExplainReply>(EXPLAIN_SUBJECT, request);

  it('tells every step by key, digest and id, and no secret', async () => {
    for (const named of [
      { key: key.token },
      { digest: tokenDigest(key.token) },
      { keyId: key.id, organizationId: key.organizationId },
    ]) {
      const reply = await explain({ ...named, permission: 'api-keys:write' });
      expect(reply).toMatchObject({ code: 'FORBIDDEN', keyId: key.id, orgId: key.organizationId });
      expect(reply.checks.filter(({ passed }) => !passed).map(({ check }) => check)).toEqual(['permission']);
      expect(JSON.stringify(reply)).not.toMatch(/[0-9a-f]{64}|mcpstack_sk_/);
    }
    expect(await explain({ keyId: key.id, organizationId: 'org_other' })).toMatchObject({
      code: 'NOT_FOUND',
    });
    expect(await explain({ key: key.token, reused: 1 })).toMatchObject({ code: 'MALFORMED' });
  });

  it('that 500 ask for at once: each has an answer, and checks have theirs', async () => {
    const replies = Array.from({ length: 500 }, () => explain({ key: key.token }));
    await until('VALID', valid);
    const codes = (await Promise.all(replies)).map(({ code }) => code);
    expect(codes.filter((code) => code !== 'VALID' && code !== 'UNAVAILABLE')).toEqual([]);
    await until('VALID', async () => (await explain({ key: key.token })).code === 'VALID');
  });
});

describe('a caller that is not there', () => {
  it('when its reply comes troubles nobody', async () => {
    const caller = await connect({ servers: world.natsServer.url });
    const request = JSON.stringify({ key: key.token, position: '9'.repeat(15) });
    for (let n = 0; n < 200; n += 1) caller.publish(VERIFY_SUBJECT, request, { reply: `vanished.${n}` });
    await caller.flush();
    await caller.close();
    expect(await valid()).toBe(true);
    // Its checks end at the latest after the wait for a position; a later one of ours is answered after them.
    const ours = await world.verify({ key: key.token, position: '9'.repeat(15) });
    expect(ours.code).toBe('UNAVAILABLE');
    expect(await valid()).toBe(true);
    expect(authorizer.child.lastLines(200).join('\n')).not.toMatch(/a verify failed|"level":"fatal"/);
  });

  it('or reads none of 100,000 replies: memory stays bounded, and the others are answered', async () => {
    const { hostname, port } = new URL(world.natsServer.url);
    const socket = dial(Number(port), hostname).pause();
    socket.on('error', () => undefined);
    const payload = JSON.stringify({ key: key.token });
    const publish = `PUB ${VERIFY_SUBJECT} unread ${payload.length}\r\n${payload}\r\n`;
    const beforeMib = memoryMib();
    socket.write('CONNECT {"verbose":false,"pedantic":false}\r\nSUB unread 1\r\n');
    let isWritten = false;
    socket.write(publish.repeat(100_000), () => (isWritten = true));
    let peakMib = 0;
    await until('all sent', () => {
      peakMib = Math.max(peakMib, memoryMib());
      return Promise.resolve(isWritten || socket.destroyed);
    });
    // Behind all of them in the line: 1.5 s on two idle cores.
    await until('VALID', async () => (await world.verify({ key: key.token }, 15_000)).valid);
    peakMib = Math.max(peakMib, memoryMib());
    expect(peakMib - beforeMib).toBeLessThan(250);
    socket.destroy();
  });

  function memoryMib(): number {
    const status = readFileSync(`/proc/${authorizer.child.pid}/status`, 'utf8');
    return (Number(/VmRSS:\s+(\d+)/.exec(status)![1]) * 1_024) / MIB;
  }
});
