/** The SDK against the product: what G3 and G7 promise holds for answers that are reused in process, too. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { VerifyReply } from '@mcpstack/contracts';
import { waitFor } from '@mcpstack/testing';
import { createVerifier, type Verifier } from '@mcpstack/verify';
import { Product } from './product.ts';

const ROUNDS = 200;
const AT_ONCE = 25;
const CONTROL_ROUNDS = 10;

let product: Product;
let verifier: Verifier;
beforeAll(async () => {
  product = await Product.start({ instances: { authorizer: 2 } });
  verifier = await createVerifier({ nats: { servers: product.stack.natsUrl } });
}, 600_000);
afterAll(async () => {
  await verifier?.close();
  await product?.stop();
});

type Check = (key: string) => Promise<VerifyReply>;

/** Creates a key, uses it all the time while it is revoked; how many checks that began after the 204 were VALID. */
async function validAfterRevocation(check: Check): Promise<number> {
  const { id, secret } = await product.create('revoked');
  // On a busy machine a read may use up Δ, which is UNAVAILABLE and nothing worse.
  await waitFor(async () => (await check(secret)).valid, { what: 'the key to be VALID' });
  let isOver = false;
  const asking = async (): Promise<void> => {
    while (!isOver) {
      await check(secret);
      await new Promise((resolve) => setTimeout(resolve, 3));
    }
  };
  const askers = [asking(), asking()];
  const answer = await product.http('DELETE', `${product.keysPath}/${id}`);
  const after: Promise<VerifyReply>[] = [];
  for (let index = 0; index < 20; index += 1) {
    after.push(check(secret));
    await new Promise((resolve) => setImmediate(resolve));
  }
  const replies = await Promise.all(after);
  isOver = true;
  await Promise.all(askers);
  expect(answer.status).toBe(204);
  return replies.filter(({ valid }) => valid).length;
}

async function inRounds(rounds: number, check: Check): Promise<number> {
  let next = 0;
  let wrong = 0;
  const worker = async (): Promise<void> => {
    while ((next += 1) <= rounds) wrong += await validAfterRevocation(check);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return wrong;
}

describe('G3: a key that is revoked', () => {
  it(`has no VALID from the SDK once the answer is there, ${ROUNDS} times`, async () => {
    const before = verifier.stats();
    expect(await inRounds(ROUNDS, (key) => verifier.verify({ key }))).toBe(0);
    const { reused, messages } = verifier.stats();
    // Answers were reused, how often is a matter of the machine, and asked for in batches.
    expect(reused - before.reused).toBeGreaterThan(ROUNDS * 2);
    expect(messages).toBeGreaterThan(ROUNDS);
  }, 600_000);

  it('control: an answer that is kept longer than the reply says is seen', async () => {
    const kept = new Map<string, VerifyReply>();
    const check: Check = async (key) => {
      const reply = kept.get(key) ?? (await verifier.verify({ key }));
      if (reply.valid) kept.set(key, reply);
      return reply;
    };
    expect(await inRounds(CONTROL_ROUNDS, check)).toBeGreaterThan(0);
  }, 600_000);
});

describe('G7: uses of answers that were reused', () => {
  it('are counted, each once', async () => {
    const { id, secret } = await product.create('used');
    const own = await createVerifier({ nats: { servers: product.stack.natsUrl } });
    let granted = 0;
    for (let index = 0; index < 3_000; index += 1) {
      const { valid } = await own.verify({ key: secret });
      if (valid) granted += 1;
      if (index % 100 === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await own.close();
    expect(own.stats()).toMatchObject({ uncounted: 0 });
    expect(own.stats().reused).toBeGreaterThan(granted / 2);
    const count = async (): Promise<number> => {
      const { body } = await product.http('GET', `${product.keysPath}/${id}/usage`);
      return (body['count'] as number | undefined) ?? 0;
    };
    await waitFor(async () => (await count()) >= granted, { timeoutMs: 90_000, what: 'the uses' });
    expect(await count()).toBe(granted);
  }, 600_000);
});

it('a process that has closed its verifier ends', async () => {
  const script = `
    import { createVerifier } from '@mcpstack/verify';
    const verifier = await createVerifier({ nats: { servers: process.env.NATS_ADDRESS } });
    const { code } = await verifier.verify({ digest: '${'a'.repeat(64)}' });
    await verifier.close();
    console.log(code);`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    env: { ...process.env, NATS_ADDRESS: product.stack.natsUrl, NODE_OPTIONS: '' },
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 90_000,
  });
  let output = '';
  child.stdout.on('data', (bytes: Buffer) => (output += bytes.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  expect([code, output.trim()]).toEqual([0, 'NOT_FOUND']);
});
