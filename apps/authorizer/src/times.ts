/** Times that end something, on the wall clock. */

/** When an ISO 8601 time is, in ms since 1970; for ever where there is none. What is no time is over already. */
export function endOf(time: string | undefined): number {
  if (time === undefined) return Infinity;
  const ms = Date.parse(time);
  return Number.isNaN(ms) ? -Infinity : ms;
}
