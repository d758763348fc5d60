/** Events in batches: as many as have arrived, up to a bound; the next ones are read meanwhile. */

/**
 * Groups what `source` yields without ever waiting for a batch to fill. At most two batches are in memory.
 * Errors of the source are thrown after the batches before them.
 *
 * @param onItem is told of each as soon as it was read, which is before its batch is yielded.
 */
export async function* batches<Item>(
  source: AsyncIterable<Item>,
  size: number,
  onItem?: (item: Item) => void,
): AsyncGenerator<Item[]> {
  let waiting: Item[] = [];
  let done = false;
  let failure: { error: unknown } | undefined;
  let wakeConsumer: (() => void) | undefined;
  let wakeReader: (() => void) | undefined;

  const read = async (): Promise<void> => {
    try {
      for await (const item of source) {
        waiting.push(item);
        onItem?.(item);
        wakeConsumer?.();
        while (waiting.length >= size && !done) await new Promise<void>((resolve) => (wakeReader = resolve));
        if (done) return;
      }
    } catch (error) {
      failure = { error };
    }
    done = true;
    wakeConsumer?.();
  };

  const reading = read();
  try {
    for (;;) {
      while (waiting.length === 0 && !done) await new Promise<void>((resolve) => (wakeConsumer = resolve));
      if (waiting.length === 0) break;
      const batch = waiting;
      waiting = [];
      wakeReader?.();
      yield batch;
    }
  } finally {
    done = true;
    wakeReader?.();
  }
  await reading;
  if (failure) throw failure.error;
}
