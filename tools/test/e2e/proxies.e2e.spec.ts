/** A key on its way through real proxies: nginx and Caddy, forward-auth, authorizer, and a service of somebody's. */
import { readFileSync } from 'node:fs';
import { waitFor } from '@mcpstack/testing';
// eslint-disable-next-line no-restricted-imports -- peers for tests, which no room shows
import { ask, Upstream } from '../../../apps/forward-auth/test/ends.ts';
// eslint-disable-next-line no-restricted-imports -- peers for tests, which no room shows
import { describeWith, startCaddy, startNginx } from '../../../apps/forward-auth/test/proxies.ts';
import { FAST, Product } from './product.ts';

const ROUNDS = 5;

let product: Product;
let upstream: Upstream;
beforeAll(async () => {
  upstream = await Upstream.start();
  const env = { ...FAST, TRUSTED_PROXIES: '127.0.0.1', CHECK_TIMEOUT_MS: '400' };
  product = await Product.start({ instances: { 'forward-auth': 1 }, env });
}, 600_000);
afterAll(async () => {
  await product?.stop();
  await upstream?.stop();
});

for (const [name, start] of [
  ['nginx', startNginx],
  ['caddy', startCaddy],
] as const) {
  const { describe: describeProxy, path } = await describeWith(name);
  describeProxy(`through ${name}`, () => {
    let url: string;
    let stop: () => Promise<void>;
    beforeAll(async () => {
      const { port } = new URL(product.stack.service('forward-auth').url);
      ({ url, stop } = await start(path, { forwardAuthPort: Number(port), upstreamPort: upstream.port }));
    });
    afterAll(() => stop?.());
    const through = (secret: string) => ask(url, { key: ['Authorization', `Bearer ${secret}`] });

    it(`G3: ${ROUNDS} keys pass, and none once its DELETE has returned`, async () => {
      for (let round = 1; round <= ROUNDS; round += 1) {
        const key = await product.create(`${name} ${round}`);
        const { status, seen } = await through(key.secret);
        expect([status, seen?.['mcpstack-key-id'], seen?.['mcpstack-org-id']]).toEqual([
          200,
          key.id,
          product.organizationId,
        ]);
        expect(seen).not.toHaveProperty('authorization');
        // Answers are being reused while the key is revoked.
        await Promise.all(Array.from({ length: 20 }, () => through(key.secret)));
        const answer = await product.http('DELETE', `${product.keysPath}/${key.id}`);
        const { requests } = upstream;
        const after = await Promise.all(Array.from({ length: 10 }, () => through(key.secret)));
        expect(answer.status).toBe(204);
        expect(after.map((one) => one.status)).toEqual(Array.from({ length: 10 }, () => 401));
        expect(upstream.requests).toBe(requests);
      }
    });

    it('G4: while no authorizer answers, nothing passes; then it does again, without a restart', async () => {
      const key = await product.create(`${name} outage`);
      expect((await through(key.secret)).status).toBe(200);
      const authorizer = product.stack.service('authorizer');
      await authorizer.pause();
      try {
        // What was answered before may be reused for Δ; then it is over.
        await waitFor(async () => (await through(key.secret)).status === 503, {
          what: 'the proxy to refuse',
        });
        const { requests } = upstream;
        expect((await through(key.secret)).status).toBe(503);
        expect(upstream.requests).toBe(requests);
      } finally {
        await authorizer.resume();
      }
      await waitFor(async () => (await through(key.secret)).status === 200, {
        what: 'the key to pass again',
      });
    });

    it('G1: no key stands in the log of forward-auth', () => {
      const log = readFileSync(product.stack.service('forward-auth').logPath, 'utf8');
      expect(log).toContain('"started"');
      expect(log).not.toMatch(/mcpstack_sk_[0-9A-Za-z]{10}/);
    });
  });
}
