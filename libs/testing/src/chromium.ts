/** Debian's Chromium for specs of pages: a real browser with a fresh profile, and what axe says of a page in it. */
import { accessSync, constants, mkdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { installPackages } from '@mcpstack/local-servers';
import type { Browser, Page } from 'playwright-core';

/** The shell is the same browser without its own windows: a tenth less of the processor. */
const PROGRAMS = ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome'];

/** Where it is, installing it where that is allowed; undefined where none can be had, and the reason is printed. */
export async function findChromium(): Promise<string | undefined> {
  const path =
    look() ?? ((await installPackages(['chromium-headless-shell']).catch(() => false)) ? look() : undefined);
  if (path === undefined)
    process.stderr.write(
      'The specs of pages are skipped: there is no Chromium, and none may be installed.\n',
    );
  return path;
}

/** @param more arguments of the browser. */
export async function launch(executablePath: string, more: readonly string[] = []): Promise<Browser> {
  // Loaded only where it is used: nearly every spec imports this library.
  const { chromium } = await import('playwright-core');
  // The sandbox is not for root.
  const args = [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), ...more];
  return chromium.launch({ executablePath, args });
}

/** What axe finds in a page, in words. */
export async function faultsOf(page: Page): Promise<string[]> {
  const { AxeBuilder } = await import('@axe-core/playwright');
  // Without frames of other origins there is no need of a second page, which costs a third of the time.
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
  return violations.map(
    ({ id, help, nodes }) => `${id}: ${help} (${nodes.map(({ html }) => html).join(' ')})`,
  );
}

/** Keeps a picture of the whole page in the folder that SCREENSHOTS names, if it names one. */
export async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env['SCREENSHOTS'];
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
}

function look(): string | undefined {
  const places = (process.env['PATH'] ?? '').split(delimiter);
  return places.flatMap((place) => PROGRAMS.map((program) => join(place, program))).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
