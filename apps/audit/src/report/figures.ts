/** The numbers of a report: how many there are, and how they are spread. */
import { ROLES } from '@mcpstack/contracts';
import { DAY_MS, isLive, secretSince, type Settings } from './checks.ts';
import { type Survey, type SurveyedKey } from './survey.ts';

export interface Bar {
  label: string;
  count: number;
}

export interface Figures {
  organizations: { active: number; suspended: number };
  members: { active: number; suspended: number };
  keys: { live: number; suspended: number; expired: number; revoked: number; revokedForLeak: number };
  uses: number;
  /** Of the live keys. */
  byRole: Bar[];
  /** Of the live keys: how long ago each was used last. */
  byLastUse: Bar[];
  /** Of the live service keys: how old the secret is. */
  bySecretAge: Bar[];
  /** The newest weeks, oldest first; the label is the day on which the week begins. */
  usesByWeek: Bar[];
}

const WEEKS = 26;
const WEEK_MS = 7 * DAY_MS;

export function figuresOf(survey: Survey, settings: Settings): Figures {
  const all = [...survey.keys.values()];
  const live = all.filter((key) => isLive(key, settings.nowMs));
  const { nowMs } = settings;
  const revoked = all.filter(({ status }) => status === 'revoked');
  const suspended = all.filter(({ status }) => status === 'suspended').length;
  const lastUse = (key: SurveyedKey) => survey.uses.get(key.id)?.lastUsedMs;
  const states = survey.organizationIds().map((id) => survey.organization(id));
  const members = states.flatMap((state) => (state.status === 'none' ? [] : Object.values(state.members)));
  return {
    organizations: countStates(states.map(({ status }) => status)),
    members: countStates(members.map(({ state }) => state)),
    keys: {
      live: live.length,
      suspended,
      expired: all.length - live.length - suspended - revoked.length,
      revoked: revoked.length,
      revokedForLeak: revoked.filter(({ revocationReason }) => revocationReason === 'reported-leak').length,
    },
    uses: [...survey.usesByWeek.values()].reduce((sum, count) => sum + count, 0),
    byRole: [
      ...ROLES.map((role) => bar(role, live, (key) => key.kind === 'service' && key.role === role)),
      bar('publishable', live, ({ kind }) => kind === 'publishable'),
    ],
    byLastUse: byAge(live, (key) => ageDays(lastUse(key), nowMs), [
      ...bands(7, 30, 90, 365),
      ['never', (age) => age === undefined],
    ]),
    bySecretAge: byAge(
      live.filter(({ kind }) => kind === 'service'),
      (key) => ageDays(Date.parse(secretSince(key)!), nowMs),
      bands(30, 90, 180, 365),
    ),
    usesByWeek: usesByWeek(survey, nowMs),
  };
}

function countStates(states: readonly string[]): { active: number; suspended: number } {
  const of = (wanted: string) => states.filter((state) => state === wanted).length;
  return { active: of('active'), suspended: of('suspended') };
}

function bar(label: string, keys: readonly SurveyedKey[], is: (key: SurveyedKey) => boolean): Bar {
  return { label, count: keys.filter(is).length };
}

type Age = number | undefined;
type Band = readonly [label: string, holds: (age: Age) => boolean];

function ageDays(ms: number | undefined, nowMs: number): Age {
  return ms === undefined ? undefined : (nowMs - ms) / DAY_MS;
}

/** Days between these, and more than the last. */
function bands(...ends: readonly number[]): Band[] {
  const starts = [-Infinity, ...ends];
  return starts.map((start, index) => {
    const end = ends[index] ?? Infinity;
    const label =
      index === 0 ? `under ${end} days` : end === Infinity ? `over ${start} days` : `${start} to ${end} days`;
    return [label, (age) => age !== undefined && age >= start && age < end] as const;
  });
}

function byAge(keys: readonly SurveyedKey[], ageOf: (key: SurveyedKey) => Age, all: readonly Band[]): Bar[] {
  const ages = keys.map(ageOf);
  return all.map(([label, holds]) => ({ label, count: ages.filter(holds).length }));
}

function usesByWeek({ usesByWeek: counts }: Survey, nowMs: number): Bar[] {
  const last = Math.floor(nowMs / WEEK_MS);
  return Array.from({ length: WEEKS }, (_, index) => {
    const week = last - WEEKS + 1 + index;
    return { label: new Date(week * WEEK_MS).toISOString().slice(0, 10), count: counts.get(week) ?? 0 };
  });
}
