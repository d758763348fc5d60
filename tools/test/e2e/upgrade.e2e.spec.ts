/** A rolling upgrade, here from this version to itself; `npm run drill -- upgrade` takes an older one. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repositoryRoot } from '@mcpstack/local-servers';
import type { Mutation } from '../chaos/mutants.ts';
import { mutatedEnv } from '../chaos/mutated.ts';
import { judge } from '../drill/judge.ts';
import { Load } from '../drill/load.ts';
import { ORDER, upgrade } from '../drill/upgrade.ts';
import { Product, STEADY } from './product.ts';

/** Connections are closed at once, with what is under way on them. */
const UNDRAINED: Mutation = {
  file: 'authorizer/dist/verify-service.js',
  find: 'async stop() {',
  replace: 'async stop() {\n            return nats.close();',
};
const TRIES = 20;

let product: Product;
beforeAll(async () => {
  product = await Product.start({
    // The others hold nobody up; the drill has two of them, too.
    instances: { authorizer: 2, gateway: 2, projection: 2, issuance: 2 },
    env: STEADY,
  });
}, 600_000);
afterAll(() => product?.stop());

it('G2, G3: no check fails, and no command is lost or done twice, while every service is replaced', async () => {
  const pids = () => [...product.stack.services.values()].map(({ pid }) => pid);
  const before = pids();
  const between = { checks: 60, commands: 3 };
  const result = await upgrade({ product, to: repositoryRoot(), between });
  expect(result.failures).toEqual({});
  expect(result.aftermath).toEqual({ lost: [], twice: [], wrong: [], differences: 0 });
  expect(result.totals).toMatchObject({ failed: 0, revived: 0 });
  expect(result.totals.commands).toBeGreaterThan(0);
  // All of them, in the order that the guide gives.
  expect(pids().filter((pid) => before.includes(pid))).toEqual([]);
  const apps = result.steps.map(({ service }) => service.replace(/-\d+$/, ''));
  expect([...new Set(apps)]).toEqual(ORDER.filter((app) => apps.includes(app)));
}, 600_000);

it('control: where authorizers end without draining, checks fail', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mcpstack-undrained-'));
  const env = mutatedEnv(folder, [UNDRAINED]);
  const replaceAll = async (settings: Record<string, string>): Promise<void> => {
    for (const name of ['authorizer', 'authorizer-2'])
      await product.stack.service(name).restart({ env: settings });
  };
  const load = await Load.start(product, { commanders: 0 });
  try {
    await replaceAll(env);
    expect(load.failures).toEqual({});
    // Each time, a check may or may not be under way.
    for (let tries = 0; load.counts.failed === 0 && tries < TRIES; tries += 1) {
      await replaceAll(env);
      await load.goOn({ checks: 20 });
    }
    expect(load.counts.failed).toBeGreaterThan(0);
  } finally {
    await load.stop();
    await replaceAll({ NODE_OPTIONS: '', CHAOS_MUTATIONS: '[]' });
    rmSync(folder, { recursive: true });
  }
}, 600_000);

it('control: an acknowledged command that the log lacks, or has twice, is seen', () => {
  const made = [{ id: 'key_1', name: 'one', secret: '', isRevoked: true }];
  const created = { type: 'KeyCreated', stream: 'key-key_1', data: { name: 'one' } };
  const revoked = { type: 'KeyRevoked', stream: 'key-key_1', data: {} };
  expect(judge([created, revoked], made)).toEqual({ lost: [], twice: [] });
  expect(judge([created], made)).toEqual({ lost: ['KeyRevoked key-key_1'], twice: [] });
  const again = { ...created, stream: 'key-key_2' };
  expect(judge([created, again, revoked], made)).toEqual({ lost: [], twice: ['create one'] });
});
