/** Where a log comes from, as its stream's description says: servers before 2.10 keep no other words of ours. */
import type { Origin } from '../numbering.ts';

/** A storage format. The numbers: base; once it is whole, the native end of what was brought, and the last position. */
const ORIGIN = /, from ([0-9a-f-]{36}) at (\d{1,16})(?: \((\d{1,16}) (-1|\d{1,16})\))?$/;

/** Undefined for a log that was begun here. */
export function originIn(description: string): Origin | undefined {
  const [, originId, base, end, last] = ORIGIN.exec(description) ?? [];
  if (originId === undefined || base === undefined) return undefined;
  const origin = { originId, base: BigInt(base) };
  if (end === undefined || last === undefined) return origin;
  return { ...origin, sealed: { end: BigInt(end), last: BigInt(last) } };
}

export function withOrigin(description: string, { originId, base, sealed }: Origin): string {
  const seal = sealed ? ` (${sealed.end} ${sealed.last})` : '';
  return `${description.replace(ORIGIN, '')}, from ${originId} at ${base}${seal}`;
}
