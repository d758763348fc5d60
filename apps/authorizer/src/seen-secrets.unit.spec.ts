import type { CommandContracts } from '@mcpstack/contracts';
import { found, NOW, OLDER, rotatedKey, serviceKey, publicKey } from '../test/records.ts';
import type { Delivery } from './delivery.ts';
import { SeenSecrets } from './seen-secrets.ts';

const waiting = found(rotatedKey({ untilNextSeen: true }));
const settled = () => new Promise((resolve) => setImmediate(resolve));

function watching() {
  const told: { id: string; input: CommandContracts['recordSecretSeen']['input'] }[] = [];
  const deliver = ((_: string, id: string, input: CommandContracts['recordSecretSeen']['input']) => {
    told.push({ id, input });
    return Promise.resolve(true);
  }) as unknown as Delivery['deliver'];
  return { seen: new SeenSecrets({ deliver }), told };
}

it('the current secret in use, while an older one waits for it: told once, the same by every authorizer', async () => {
  const [one, other] = [watching(), watching()];
  for (const { seen } of [one, one, other]) {
    seen.note(waiting, NOW.wallMs);
    await settled();
  }
  expect(one.told).toHaveLength(1);
  expect(one.told[0]!.input).toEqual({ organizationId: 'org_1', keyId: 'key_1', version: 2 });
  expect(other.told).toEqual(one.told);
});

it('told again, as the same command, while the record does not change', async () => {
  const { seen, told } = watching();
  seen.note(waiting, Date.now());
  await settled();
  seen.note(waiting, Date.now() + 60_000);
  expect(told).toHaveLength(2);
  expect(told[0]).toEqual(told[1]);
});

it.each([
  ['the older secret in use', { ...waiting, digest: OLDER }],
  ['an older secret that does not wait', found(rotatedKey())],
  ['a key that was never rotated', found(serviceKey())],
  ['a publishable key', found(publicKey())],
])('%s tells nothing', (_, use) => {
  const { seen, told } = watching();
  seen.note(use, NOW.wallMs);
  expect(told).toEqual([]);
});
