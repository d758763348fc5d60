/** An organization with 10,000 service keys: the page stays of use. */
import { createHash, randomBytes } from 'node:crypto';
import { waitFor } from '@mcpstack/local-servers';
import type { Page } from 'playwright-core';
import { Console, describeInBrowser } from './browser.ts';

const KEYS = 10_000;
const BATCH = 500;

describeInBrowser('10,000 service keys', () => {
  let here: Console;
  beforeAll(async () => {
    here = await Console.start();
    const { product } = here;
    for (let from = 0; from < KEYS; from += BATCH) {
      const keys = Array.from({ length: BATCH }, (_, index) => ({
        name: `key-${String(from + index).padStart(5, '0')}`,
        role: 'viewer',
        tags: (from + index) % 1_000 === 0 ? ['one-in-a-thousand'] : [],
        digest: createHash('sha256').update(randomBytes(32)).digest('hex'),
      }));
      const { status } = await product.insist('POST', `${product.keysPath}/import`, { body: { keys } });
      expect(status).toBe(200);
    }
  }, 1_200_000);
  afterAll(() => here?.stop());

  const list = (page: Page) => page.getByRole('table', { name: 'Service account keys' });
  /** Of a slow machine that does much else. */
  const BOUND_MS = 20_000;
  const inTime = async (act: () => Promise<unknown>): Promise<void> => {
    const startMs = performance.now();
    await act();
    expect(performance.now() - startMs).toBeLessThan(BOUND_MS);
  };

  it('are listed page by page, and found by a tag; what others do is still told, and typing is not held up', async () => {
    const page = await here.openAs(undefined);
    await page.getByText('The first 50 are shown.').waitFor();
    for (let shown = 150; shown <= 650; shown += 100)
      await inTime(async () => {
        await page.getByRole('button', { name: 'Show more' }).click();
        await page.getByText(`The first ${shown} are shown.`).waitFor();
      });
    expect(await list(page).getByRole('row').count()).toBe(651);
    await here.product.create('made-meanwhile');
    await inTime(() => page.getByRole('link', { name: 'made-meanwhile' }).waitFor());
    await inTime(() => page.getByLabel('Tag').fill('one-in-a-thousand'));
    await inTime(async () => {
      await page.getByLabel('Tag').press('Enter');
      await page.getByRole('link', { name: 'key-09000' }).waitFor();
    });
    // Those that are listed are far apart: each press goes on to the next.
    const more = page.getByRole('button', { name: 'Show more' });
    await waitFor(
      async () => {
        if (!(await more.isVisible())) return true;
        await more.click();
        return false;
      },
      { timeoutMs: 150_000, what: 'the end of the list' },
    );
    await page.getByText('10 in all.').waitFor();
    await page.getByRole('link', { name: 'key-00000' }).waitFor();
    expect(here.complaints).toEqual([]);
    await page.context().close();
  }, 1_200_000);
});
