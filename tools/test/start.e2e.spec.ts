import { mkdtempSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Launcher, processesOf, remove } from './launcher.ts';

const ROOT = join(import.meta.dirname, '..', '..');

describe('npm start -- --check with the real services', () => {
  let root: string;
  beforeAll(() => {
    // The services as they are built here, but with data and .mcpstack/local.json of their own.
    root = mkdtempSync(join(tmpdir(), 'mcpstack-start-'));
    symlinkSync(join(ROOT, 'apps'), join(root, 'apps'));
  });
  afterAll(() => remove(root));

  const check = async () => {
    const launcher = new Launcher(root, ['--check', '--authorizers', '2']);
    const code = await launcher.exited;
    return { code, output: launcher.output };
  };

  it('does the main job, stops everything, and finds its data the second time', async () => {
    const first = await check();
    expect(first.output).toMatch(/verified it over NATS: VALID +[\d.]+ ms/);
    expect(first.output).toMatch(/verified it again: REVOKED +[\d.]+ ms/);
    expect(first.code).toBe(0);
    expect(processesOf(root)).toEqual([]);
    const read = () => JSON.parse(readFileSync(join(root, '.mcpstack', 'local.json'), 'utf8')) as Local;
    const before = read();
    const second = await check();
    expect(second.code).toBe(0);
    expect(read()).toMatchObject({
      organizationId: before.organizationId,
      ownerPassword: before.ownerPassword,
      adminKey: before.adminKey,
    });

    // G1: neither what was printed nor any log holds the password, the admin key or another token.
    const logs = join(root, '.mcpstack', 'data', 'logs');
    const texts = readdirSync(logs).map((name) => readFileSync(join(logs, name), 'utf8'));
    expect(texts.join('')).toContain('"requestId"');
    for (const text of [first.output, second.output, ...texts]) {
      expect(findSecrets(text, before)).toEqual([]);
    }
    // Control: a planted secret is found.
    expect(findSecrets(`${texts[0]} ${before.adminKey}`, before)).not.toEqual([]);
  }, 240_000);
});

interface Local {
  organizationId: string;
  ownerPassword: string;
  adminKey: string;
}

function findSecrets(text: string, { ownerPassword, adminKey }: Local): string[] {
  const planted = [ownerPassword, adminKey].filter((secret) => text.includes(secret));
  return [...planted, ...(text.match(/mcpstack_(sk|pk)_[0-9A-Za-z]{49}/g) ?? [])];
}
