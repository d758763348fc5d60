/**
 * Which subtrees a proof names, as ranges of leaves `[start, end)`: PATH and PROOF of RFC 6962 (2.1.1, 2.1.2) without
 * the hashes, so that whoever has the hashes of these ranges, from wherever, can make the proof.
 */
import { TlogError } from './errors.ts';

export interface Range {
  start: number;
  /** Exclusive. */
  end: number;
}

/** The largest power of two below n, for n > 1. */
export function splitOf(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

/** The complete subtrees that make up `[0, size)`, the largest first: one for each 1 in the size's binary form. */
export function completeRanges(size: number): Range[] {
  const ranges: Range[] = [];
  let start = 0;
  while (start < size) {
    const left = size - start;
    let width = 1;
    while (width * 2 <= left) width *= 2;
    ranges.push({ start, end: start + width });
    start += width;
  }
  return ranges;
}

/** The siblings on the way from leaf `index` up to the root of `size` leaves. */
export function inclusionRanges(index: number, size: number): Range[] {
  assertSize(size);
  if (!Number.isSafeInteger(index) || index < 0 || index >= size)
    throw new TlogError('out-of-range', `there is no leaf ${index} in a tree of ${size}`);
  const ranges: Range[] = [];
  let [start, end] = [0, size];
  while (end - start > 1) {
    const middle = start + splitOf(end - start);
    if (index < middle) {
      ranges.push({ start: middle, end });
      end = middle;
    } else {
      ranges.push({ start, end: middle });
      start = middle;
    }
  }
  return ranges.reverse();
}

/** What shows that the tree of `to` leaves begins with the tree of `from`. Nothing is needed from 0, or to itself. */
export function consistencyRanges(from: number, to: number): Range[] {
  assertSize(to);
  if (!Number.isSafeInteger(from) || from < 0 || from > to)
    throw new TlogError('out-of-range', `a tree of ${to} leaves does not begin with one of ${from}`);
  if (from === 0 || from === to) return [];
  const ranges: Range[] = [];
  let [start, end] = [0, to];
  while (end !== from) {
    const middle = start + splitOf(end - start);
    if (from <= middle) {
      ranges.push({ start: middle, end });
      end = middle;
    } else {
      ranges.push({ start, end: middle });
      start = middle;
    }
  }
  // The old tree itself when it is one subtree: whoever checks has its root.
  if (start > 0) ranges.push({ start, end });
  return ranges.reverse();
}

export function assertSize(size: number): void {
  if (!Number.isSafeInteger(size) || size < 0)
    throw new TlogError('out-of-range', `${size} is no size of a tree`);
}
