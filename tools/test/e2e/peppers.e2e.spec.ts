import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Product } from './product.ts';

let product: Product;
beforeAll(async () => {
  product = await Product.start({ instances: { authorizer: 2 } });
}, 600_000);
afterAll(() => product?.stop());

interface PepperFile {
  current: number;
  peppers: Record<string, string>;
}

function change(edit: (file: PepperFile) => void): void {
  const path = join(product.stack.dataDir, 'peppers.json');
  const file = JSON.parse(readFileSync(path, 'utf8')) as PepperFile;
  edit(file);
  writeFileSync(path, JSON.stringify(file), { mode: 0o600 });
}

async function restart(...names: string[]): Promise<void> {
  for (const name of names) await product.stack.service(name).restart();
}

/** Checks the key without a pause while `work` goes on; answers every code that came. */
async function codesWhile(key: string, work: () => Promise<void>): Promise<Set<string>> {
  const codes = new Set<string>();
  let done = false;
  const checking = (async () => {
    while (!done) codes.add((await product.verify({ key })).code);
  })();
  try {
    await work();
  } finally {
    done = true;
  }
  await checking;
  return codes;
}

describe('G1: peppers rotate with no failed verify', () => {
  it('the new version first to every authorizer, one after the other, then current in issuance', async () => {
    const before = await product.create('before the rotation');
    const codes = await codesWhile(before.secret, async () => {
      change((file) => (file.peppers['2'] = randomBytes(32).toString('base64')));
      await restart('authorizer', 'authorizer-2');
      change((file) => (file.current = 2));
      await restart('issuance');
    });
    expect([...codes]).toEqual(['VALID']);
    const after = await product.create('after the rotation');
    expect((await product.verify({ key: after.secret })).code).toBe('VALID');
    expect((await product.verify({ key: before.secret })).code).toBe('VALID');
    const stored = (await product.log()).filter((event) => event.type === 'KeyCreated');
    const versions = stored.map(
      ({ data }) => (data['credential'] as { pepperVersion: number }).pepperVersion,
    );
    expect(versions).toEqual([1, 2]);
  }, 600_000);

  it('control: in the wrong order, new keys are not found', async () => {
    change((file) => {
      file.peppers['3'] = randomBytes(32).toString('base64');
      file.current = 3;
    });
    await restart('issuance');
    const early = await product.create('too early');
    expect((await product.verify({ key: early.secret })).code).toBe('NOT_FOUND');
    await restart('authorizer', 'authorizer-2');
    expect((await product.verify({ key: early.secret })).code).toBe('VALID');
  }, 600_000);
});
