/** A bound on how long work may take. */

/** What the work comes to, or `late()` once `ms` have passed; the work itself goes on, unheard. */
export async function within<Value>(ms: number, work: Promise<Value>, late: () => Value): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<Value>((resolve) => {
    timer = setTimeout(() => resolve(late()), ms);
  });
  // Whoever lost the race must not end the process by rejecting later.
  work.catch(() => undefined);
  try {
    return await Promise.race([work, expired]);
  } finally {
    clearTimeout(timer);
  }
}
