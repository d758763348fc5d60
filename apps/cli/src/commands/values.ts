/** Values of options: read, and where one is wrong, told what would be right. */
import {
  isPermission,
  isRole,
  PERMISSIONS,
  QUOTA_INTERVALS,
  ROLES,
  type Permission,
  type Quota,
  type RateLimit,
  type Role,
} from '@mcpstack/contracts';
import { InvalidArgumentError } from 'commander';
import { durationMs } from './times.ts';

export function roleOf(text: string): Role {
  if (isRole(text)) return text;
  throw new InvalidArgumentError(`The roles are ${listed(ROLES)}.${meant(text, ROLES)}`);
}

export function permissionOf(text: string): Permission {
  if (isPermission(text)) return text;
  throw new InvalidArgumentError(
    `There is no such permission.${meant(text, PERMISSIONS)} All of them: mcpstack permissions list`,
  );
}

/** One of a few words. */
export function oneOf<Word extends string>(words: readonly Word[]): (text: string) => Word {
  return (text) => {
    if (words.includes(text as Word)) return text as Word;
    throw new InvalidArgumentError(`Give ${listed(words, 'or')}.${meant(text, words)}`);
  };
}

export function wholeNumber({ least = 0, most = Number.MAX_SAFE_INTEGER } = {}): (text: string) => number {
  return (text) => {
    const number = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
    if (number >= least && number <= most) return number;
    const range = most === Number.MAX_SAFE_INTEGER ? `of ${least} or more` : `from ${least} to ${most}`;
    throw new InvalidArgumentError(`Give a whole number ${range}.`);
  };
}

/** For an option that may be repeated, or hold several values with commas between them. */
export function several<Value>(parse: (text: string) => Value) {
  return (text: string, before: readonly Value[] | undefined): readonly Value[] => {
    const parts = text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '');
    // None would mean no bound: not what somebody meant whose variable is empty.
    if (parts.length === 0) throw new InvalidArgumentError('It is empty: give a value, or leave it out.');
    return [...(before ?? []), ...parts.map(parse)];
  };
}

/** For words that mean nothing to us, such as tags. */
export const asIs = (text: string): string => text;

/** `burst=50/1s`: at most 50 in any second. */
export function rateLimitOf(text: string): RateLimit {
  const [, name, limit, window] = /^([a-z0-9][a-z0-9-]{0,31})=(\d{1,10})\/(\w+)$/.exec(text) ?? [];
  if (name === undefined) throw new InvalidArgumentError('Write it as name=units/window: burst=50/1s.');
  return { name, limit: Number(limit), windowMs: durationMs(window!) };
}

/** `monthly=100000/month`: at most 100,000 in each calendar month. */
export function quotaOf(text: string): Quota {
  const [, name, limit, interval] = /^([a-z0-9][a-z0-9-]{0,31})=(\d{1,10})\/(\w+)$/.exec(text) ?? [];
  if (name === undefined)
    throw new InvalidArgumentError('Write it as name=units/interval: monthly=100000/month.');
  return { name, limit: Number(limit), interval: oneOf(QUOTA_INTERVALS)(interval!) };
}

/** `a, b and c`. */
export function listed(words: readonly string[], last = 'and'): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1)}`;
}

/** ` Did you mean admin?`, or nothing where no word comes near. */
export function meant(text: string, words: readonly string[]): string {
  const near = words
    .map((word) => ({ word, distance: distanceOf(text.toLowerCase(), word.toLowerCase()) }))
    .filter(({ word, distance }) => distance <= Math.max(1, Math.floor(word.length / 3)))
    .sort((one, other) => one.distance - other.distance)[0];
  return near === undefined ? '' : ` Did you mean ${near.word}?`;
}

/** How many letters must be added, taken away or replaced (Levenshtein); a bound keeps long texts out. */
function distanceOf(from: string, to: string): number {
  if (Math.max(from.length, to.length) > 100) return Infinity;
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= to.length; j += 1)
      next.push(Math.min(next[j - 1]! + 1, row[j]! + 1, row[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[to.length]!;
}
