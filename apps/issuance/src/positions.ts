/** Positions in the log. */

/** The highest of these; -1n, before the first event, when there are none. */
export function highest(positions: readonly bigint[]): bigint {
  return positions.reduce((high, position) => (position > high ? position : high), -1n);
}
