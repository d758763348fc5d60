/** A rolling upgrade, here from this version to itself; `npm run drill -- upgrade` takes an older one. */
import { repositoryRoot } from '@mcpstack/local-servers';
import { judge } from '../drill/judge.ts';
import { Load } from '../drill/load.ts';
import { ORDER, upgrade } from '../drill/upgrade.ts';
import { FAST, Product } from './product.ts';

let product: Product;
beforeAll(async () => {
  product = await Product.start({
    // The others hold nobody up; the drill has two of them, too.
    instances: { authorizer: 2, gateway: 2, projection: 2, issuance: 2 },
    // A stamp lives for longer than any pause of a busy machine; the lease ends soon.
    env: { ...FAST, STAMP_LIFE_MS: '5000' },
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

it('control: one that is killed, with no other beside it, fails checks', async () => {
  const load = await Load.start(product, { commanders: 0 });
  try {
    await product.stack.service('authorizer-2').stop();
    await load.goOn();
    expect(load.failures).toEqual({});
    await product.stack.service('authorizer').kill();
    await load.goOn();
    expect(load.counts.failed).toBeGreaterThan(0);
  } finally {
    await load.stop();
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
