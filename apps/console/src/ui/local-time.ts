/** Fields of date and time, which speak the reader's zone; everything else speaks UTC. */

/** What a field shows: `2026-05-03T12:00`. */
export function localOf(at: string | undefined): string {
  if (at === undefined) return '';
  const time = new Date(at);
  return new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** What a field or an address says, as ISO 8601, UTC; `undefined` for what is no time. */
export function timeOf(text: string): string | undefined {
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
}
