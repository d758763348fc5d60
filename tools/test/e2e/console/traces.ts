/** Where a page may still hold a text: everything that its scripts can reach, and everything that it has stored. */
import type { Page } from 'playwright-core';

/** Each string in the heap of the page's scripts, after everything that can go has gone. */
export async function heapOf(page: Page): Promise<string> {
  const session = await page.context().newCDPSession(page);
  try {
    const chunks: string[] = [];
    session.on('HeapProfiler.addHeapSnapshotChunk', ({ chunk }) => chunks.push(chunk));
    await session.send('HeapProfiler.enable');
    // What is freed by the first may be all that holds something else.
    for (let round = 0; round < 3; round += 1) await session.send('HeapProfiler.collectGarbage');
    await session.send('HeapProfiler.takeHeapSnapshot', { reportProgress: false });
    const { strings } = JSON.parse(chunks.join('')) as { strings: string[] };
    return strings.join('\n');
  } finally {
    await session.detach();
  }
}

/** The document with what stands in its fields, its address and history, and all that it has stored. */
export async function tracesOf(page: Page): Promise<string> {
  const inPage: string = await page.evaluate(`(async () => {
    const fields = [...document.querySelectorAll('input, textarea')].map(({ value }) => value);
    const databases = (await indexedDB.databases()).map(({ name }) => name);
    return JSON.stringify([
      document.documentElement.outerHTML, fields, document.title, document.cookie, window.name, location.href,
      history.state, performance.getEntries().map(({ name }) => name),
      { ...localStorage }, { ...sessionStorage }, databases, await caches.keys(),
    ]);
  })()`);
  return inPage + JSON.stringify(await page.context().storageState());
}
