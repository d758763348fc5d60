/** docs/settings.md is what the services read: its table is made from them, and every setting is explained. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '@mcpstack/local-servers';

const { settingsPage, SHAPES } = (await import(join(repositoryRoot(), 'tools/write-settings.mjs'))) as {
  settingsPage: (text?: string) => Promise<string>;
  SHAPES: Record<string, unknown>;
};
const page = readFileSync(join(repositoryRoot(), 'docs/settings.md'), 'utf8');

it('is up to date: node tools/write-settings.mjs writes it', async () => {
  expect(page).toBe(await settingsPage(page));
  expect(page.match(/^\| `[A-Z_0-9]+` \|/gm)!.length).toBeGreaterThan(50);
});

it('knows every service that is started', () => {
  const apps = join(repositoryRoot(), 'apps');
  const started = readdirSync(apps).filter((app) => {
    const main = join(apps, app, 'src', 'main.ts');
    return existsSync(main) && readFileSync(main, 'utf8').includes('runService(');
  });
  expect(started.length).toBeGreaterThan(8);
  expect(Object.keys(SHAPES).sort()).toEqual(started.sort());
});

it('would show a default that is another one', async () => {
  const drifted = page.replace('`5000`', '`6000`');
  expect(drifted).not.toBe(page);
  expect(await settingsPage(drifted)).not.toBe(drifted);
});

it('says of each setting what it means', () => {
  expect(page.split('\n').filter((line) => line.startsWith('| `') && line.endsWith('|  |'))).toEqual([]);
});

it('each setting that is wrong is told what to write', async () => {
  const faults: string[] = [];
  for (const [service, [file, name]] of Object.entries(SHAPES as Record<string, [string, string]>)) {
    const { [name]: shape } = (await import(join(repositoryRoot(), 'apps', file))) as Record<string, Shape>;
    for (const [setting, type] of Object.entries(shape!))
      for (const wrong of ['geheim !', '-1', '1e99', '://'])
        for (const { message } of type.safeParse(wrong).error?.issues ?? [])
          if (!/^(write|name) /.test(message)) faults.push(`${service}: ${setting}=${wrong}: ${message}`);
  }
  expect(faults).toEqual([]);
});
type Shape = Record<string, { safeParse(text: string): { error?: { issues: { message: string }[] } } }>;
