/** Each example as a process of its own, against the product: what a reader of them starts. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Product } from './product.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const EXAMPLES = {
  node: 'examples/node.mjs',
  express: 'examples/express.mjs',
  fastify: 'examples/fastify.mjs',
  hono: 'examples/hono.mjs',
  nestjs: 'examples/dist/nestjs.js',
} as const;
type Name = keyof typeof EXAMPLES;
const NAMES = Object.keys(EXAMPLES) as Name[];
const START_TIMEOUT_MS = 30_000;

let product: Product;
const examples = new Map<Name, { url: string; child: ChildProcess }>();

/** Starts one, and waits until it says where it listens. */
async function start(name: Name): Promise<void> {
  const child = spawn(process.execPath, [EXAMPLES[name]], {
    cwd: ROOT,
    env: {
      PATH: process.env['PATH'],
      NATS_URL: product.stack.natsUrl,
      PORT: '0',
      TRUSTED_PROXIES: '127.0.0.1',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const url = await new Promise<string>((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`${name} ${why}: ${output}`));
    const timer = setTimeout(() => fail('did not listen in time'), START_TIMEOUT_MS);
    const read = (bytes: Buffer) => {
      output += bytes.toString();
      const address = /listening on (http:\S+)/.exec(output)?.[1];
      if (address === undefined) return;
      clearTimeout(timer);
      resolve(address);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('exit', () => {
      clearTimeout(timer);
      fail('ended');
    });
    examples.set(name, { url: '', child });
  });
  examples.set(name, { url, child });
}

beforeAll(async () => {
  product = await Product.start();
  await Promise.all(NAMES.map(start));
}, 600_000);
afterAll(async () => {
  for (const { child } of examples.values()) child.kill('SIGKILL');
  await product?.stop();
});

async function call(name: Name, method: 'GET' | 'POST', headers: Record<string, string>) {
  const { url } = examples.get(name)!;
  const response = await fetch(`${url}/servers`, { method, headers, signal: AbortSignal.timeout(60_000) });
  const body = JSON.parse(await response.text()) as Record<string, unknown>;
  return { status: response.status, body, type: response.headers.get('content-type') };
}
const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` });

describe.each(NAMES)('the example for %s', (name) => {
  it('G3: takes a key in force for what it may do, and no more once its DELETE has returned', async () => {
    const [writer, reader] = await Promise.all([product.create(name), product.create(name, 'viewer')]);
    for (const method of ['GET', 'POST'] as const) {
      const { status, body } = await call(name, method, bearer(writer.secret));
      expect([status, body]).toEqual([200, { organization: product.organizationId, key: writer.id }]);
    }
    expect((await call(name, 'GET', { 'x-api-key': reader.secret })).status).toBe(200);
    expect(await call(name, 'POST', bearer(reader.secret))).toMatchObject({
      status: 403,
      type: 'application/problem+json; charset=utf-8',
      body: { code: 'forbidden', permission: 'servers:write' },
    });
    expect(await call(name, 'GET', {})).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });

    const deleted = await product.http('DELETE', `${product.keysPath}/${writer.id}`);
    const after = await Promise.all(
      Array.from({ length: 5 }, () => call(name, 'GET', bearer(writer.secret))),
    );
    expect(deleted.status).toBe(204);
    expect(after.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401]);
  });

  it('ends when it is told to', async () => {
    const { child } = examples.get(name)!;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  });
});
