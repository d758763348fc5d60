/** Kinds of settings, which say what to write. */
import { z } from 'zod';

/** A whole number from `least` to `most`, and what to write where it is none. */
export function wholeNumber(
  least: number,
  most: number,
  says = `write a whole number from ${least} to ${most}`,
) {
  return z.coerce.number(says).int(says).min(least, says).max(most, says);
}

/** Whole milliseconds from `least` to `most`, given as numbers of no other unit. */
export function durationMs(fallback: number, least: number, most: number) {
  return wholeNumber(least, most, `write whole milliseconds from ${least} to ${most}`).default(fallback);
}

/** One of some words. */
export function oneOf<const Words extends readonly [string, ...string[]]>(words: Words) {
  return z.enum(words, `write ${words.join(', ').replace(/, ([^,]*)$/, ' or $1')}`);
}
