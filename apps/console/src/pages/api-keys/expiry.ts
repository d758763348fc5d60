/** When a new key ends, within what the organization lets a key live. */
import type { components } from '@mcpstack/api-client';

type Schemas = components['schemas'];
type Policy = Schemas['PolicyAnswer'];

const DAY_MS = 86_400_000;
/** Clocks differ: what the policy just about allows is asked for a little shorter. */
const CLOCKS_MS = 10 * 60_000;
const PRESET_DAYS = [30, 90, 365];
/** The API's own bound. */
const LONGEST_DAYS = 3_650;

export interface ExpiryChoice {
  value: string;
  label: string;
}

/** Days as decimal numbers; `never`; `date`. */
export function expiryChoices({ longestKeyLifeDays, expiryRequired }: Policy): ExpiryChoice[] {
  const longest = longestKeyLifeDays ?? Infinity;
  const days = PRESET_DAYS.filter((count) => count <= longest);
  if (days.length === 0) days.push(longest);
  return [
    ...days.map((count) => ({
      value: String(count),
      label: count === 1 ? 'In 1 day' : `In ${count} days`,
    })),
    ...(expiryRequired || longestKeyLifeDays !== undefined ? [] : [{ value: 'never', label: 'Never' }]),
    { value: 'date', label: 'On a date' },
  ];
}

/** Short enough to be renewed before it is forgotten. */
export function defaultExpiry(policy: Policy): string {
  const choices = expiryChoices(policy).map(({ value }) => value);
  return choices.includes('90') ? '90' : choices[0]!;
}

/** @returns `undefined` for never. A date is good to the end of that day, where the reader is. */
export function expiresAtOf(
  choice: string,
  date: string,
  { longestKeyLifeDays = LONGEST_DAYS }: Policy,
  nowMs: number,
): string | undefined {
  if (choice === 'never') return undefined;
  const atMs = choice === 'date' ? Date.parse(`${date}T23:59:59`) : nowMs + Number(choice) * DAY_MS;
  return new Date(Math.min(atMs, nowMs + longestKeyLifeDays * DAY_MS - CLOCKS_MS)).toISOString();
}

/** For a field of dates: `2030-01-31`, where the reader is. */
export function dateText(atMs: number): string {
  const at = new Date(atMs);
  return new Date(atMs - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
}

export function lastDate({ longestKeyLifeDays = LONGEST_DAYS }: Policy, nowMs: number): string {
  return dateText(nowMs + longestKeyLifeDays * DAY_MS);
}

export function dateProblem(date: string, last: string, nowMs: number): string | null {
  const atMs = Date.parse(`${date}T23:59:59`);
  if (Number.isNaN(atMs)) return 'Choose a day.';
  if (atMs <= nowMs) return 'Choose a day that is not over.';
  return date > last ? `Choose a day until ${last}.` : null;
}
