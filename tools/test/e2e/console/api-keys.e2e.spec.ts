/** API Keys in a browser: what the product page says of the dashboard. */
import { Console, describeInBrowser, SIZES } from './browser.ts';

describeInBrowser('API Keys', () => {
  let here: Console;
  beforeAll(async () => {
    here = await Console.start();
    await here.product.create('ci-smoke-prod');
  }, 120_000);
  afterAll(() => here?.stop());

  it.each(SIZES)(
    'at $width px, light and dark: axe finds nothing, nothing is cut off',
    async (viewport) => {
      for (const colorScheme of ['light', 'dark'] as const) {
        const page = await here.openAs(undefined, here.at('api-keys'), { viewport, colorScheme });
        await page.getByRole('link', { name: 'ci-smoke-prod' }).waitFor();
        await here.expectFine(page, `api-keys-${viewport.width}-${colorScheme}`);
        await page.context().close();
      }
    },
    60_000,
  );
});
