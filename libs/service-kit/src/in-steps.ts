/** Many small steps, a bounded number of them at once. */

/** Enough to hide round trips, few enough to leave room for others. */
const STEPS_AT_ONCE = 16;

/**
 * What `step` answers for each item, in order; at most `atOnce` run at a time. After a step that throws no other
 * begins, and its error is thrown once those under way have ended.
 */
export async function inSteps<Item, Result>(
  items: readonly Item[],
  step: (item: Item, index: number) => Promise<Result>,
  atOnce = STEPS_AT_ONCE,
): Promise<Result[]> {
  const results: Result[] = Array.from({ length: items.length });
  let next = 0;
  let failure: { error: unknown } | undefined;
  const work = async (): Promise<void> => {
    while (!failure && next < items.length) {
      const index = next;
      next += 1;
      try {
        results[index] = await step(items[index]!, index);
      } catch (error) {
        failure ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, work));
  if (failure) throw failure.error;
  return results;
}
