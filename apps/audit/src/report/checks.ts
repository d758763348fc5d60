/** What an auditor looks for. Each check is a question that the log alone can answer; limits.ts says what it cannot. */
import { permissionsOf, type Role } from '@mcpstack/contracts';
import { keyExceeds, type KnownOrganization, type PublishableKey, type ServiceKey } from '@mcpstack/domain';
import { makerOf } from './makers.ts';
import { type Survey, type SurveyedKey, type Use } from './survey.ts';

export const SEVERITIES = ['high', 'medium', 'low'] as const;
export type Severity = (typeof SEVERITIES)[number];

export interface Settings {
  nowMs: number;
  /** Unused for so long is too long. */
  days: number;
  /** A secret older than this should have been changed. */
  rotateDays: number;
  /** From so many networks within `days` on it is remarkable. */
  addresses: number;
}

export interface Found {
  keyId: string;
  name: string;
  organizationId: string;
  /** Of a service key; a publishable one has none. */
  role: Role | undefined;
  kind: 'service' | 'publishable';
  createdAt: string;
  createdBy: string;
  /** What is wrong with this one. */
  detail: string;
  /** Worst first. */
  order: number;
}

export interface Check {
  id: string;
  severity: Severity;
  title: (settings: Settings) => string;
  /** Why it matters, and what to do. */
  why: string;
  next: string;
  /** What is wrong with the key, or undefined. `order`: the larger, the worse. */
  look: (key: SurveyedKey, view: View) => { detail: string; order: number } | undefined;
}

/** What a check sees. */
export interface View extends Settings {
  survey: Survey;
  organization: KnownOrganization | undefined;
  use: Use | undefined;
}

export const DAY_MS = 24 * 60 * 60 * 1_000;
/** A key that was made yesterday need not have been used. */
const NEW_MS = DAY_MS;
const HOUR_MS = 60 * 60 * 1_000;
/** Clocks of several services differ a little, and a check that began before the end may be counted after it. */
const CLOCKS_MS = 10_000;

const ageMs = (at: string, { nowMs }: Settings): number => nowMs - Date.parse(at);
const daysIn = (ms: number): number => Math.floor(ms / DAY_MS);
const days = (count: number): string => (count === 1 ? '1 day' : `${count} days`);

/** In force at this moment: not ended, not suspended, not past its expiry, whether that was recorded or not. */
export function isLive(key: SurveyedKey, nowMs: number): boolean {
  return key.status === 'active' && (key.expiresAt === undefined || Date.parse(key.expiresAt) > nowMs);
}

/** When the secret in use was made. A publishable key is no secret. */
export function secretSince(key: SurveyedKey): string | undefined {
  return key.kind === 'service' ? key.secrets.at(-1)?.createdAt : undefined;
}

const ofLive =
  (look: Check['look']): Check['look'] =>
  (key, view) =>
    isLive(key, view.nowMs) ? look(key, view) : undefined;

function idleMs({ nowMs, use }: View): number | undefined {
  return use ? nowMs - use.lastUsedMs : undefined;
}

export const CHECKS: readonly Check[] = [
  {
    id: 'used-after-end',
    severity: 'high',
    title: () => 'Used after they ended',
    why: 'A check said yes to a key that had been revoked or had expired.',
    next: 'This must not happen: see docs/finality.md, and compare the clocks of the services.',
    look: (key, { use }) => {
      if (!use || key.endedAt === undefined) return undefined;
      const lateMs = use.lastUsedMs - Date.parse(key.endedAt);
      if (lateMs <= CLOCKS_MS) return undefined;
      return { detail: `${key.status} ${day(key.endedAt)}, used ${span(lateMs)} later`, order: lateMs };
    },
  },
  {
    id: 'exposed',
    severity: 'high',
    title: () => 'Secret seen in a web page, and not changed since',
    why: 'A page sent the secret, where everybody can read it.',
    next: 'Rotate or revoke the key, and take the secret out of the page.',
    look: ofLive((key, view) => {
      const since = secretSince(key);
      if (key.kind !== 'service' || key.exposedAt === undefined) return undefined;
      if (since !== undefined && Date.parse(since) > Date.parse(key.exposedAt)) return undefined;
      return { detail: `exposed ${day(key.exposedAt)}`, order: ageMs(key.exposedAt, view) };
    }),
  },
  {
    id: 'maker-gone',
    severity: 'high',
    title: () => 'Made by people who left or were suspended',
    why: 'Who left may still hold the secret.',
    next: 'Revoke the key, or rotate it and have a member answer for it. The policy onMakerLoss does it by itself.',
    look: ofLive((key, view) => {
      const { member, makerId, through } = makerOf(key, view);
      if (makerId === undefined || member === 'active') return undefined;
      const detail = `${makerId} ${member === 'suspended' ? 'is suspended' : 'is no member'}${through}`;
      return { detail, order: ageMs(key.createdAt, view) };
    }),
  },
  {
    id: 'beyond-maker',
    severity: 'high',
    title: () => 'May do more than their maker may now',
    why: 'The maker was given a lower role since, and the key kept the higher one.',
    next: 'Narrow the key, or make a new one in the name of somebody with the role.',
    look: ofLive((key, view) => {
      if (key.kind !== 'service') return undefined;
      const { member, role, makerId, through } = makerOf(key, view);
      if (member !== 'active' || role === undefined || !keyExceeds(key, permissionsOf(role)))
        return undefined;
      return {
        detail: `${key.role}, but ${makerId} is ${role}${through}`,
        order: ageMs(key.createdAt, view),
      };
    }),
  },
  {
    id: 'privileged-unused',
    severity: 'medium',
    title: ({ days: most }) => `Owner and admin keys that nobody used for ${days(most)}`,
    why: 'The widest keys are worth the most to a thief, and nobody would miss these.',
    next: 'Revoke them, or make narrower ones.',
    look: ofLive((key, view) => {
      if (key.kind !== 'service' || (key.role !== 'owner' && key.role !== 'admin')) return undefined;
      const idle = idleMs(view) ?? ageMs(key.createdAt, view);
      if (idle < view.days * DAY_MS) return undefined;
      const how = view.use ? 'unused' : 'never used';
      return { detail: `${key.role}, ${how} for ${days(daysIn(idle))}`, order: idle };
    }),
  },
  {
    id: 'suspended-organization',
    severity: 'medium',
    title: () => 'In force in an organization that is suspended',
    why: 'They stand still now, and work again the moment the organization is resumed.',
    next: 'Revoke what nobody is to use again.',
    look: ofLive((key, view) => {
      if (view.organization?.status !== 'suspended') return undefined;
      return { detail: key.kind === 'service' ? key.role : 'publishable', order: ageMs(key.createdAt, view) };
    }),
  },
  {
    id: 'no-expiry',
    severity: 'medium',
    title: () => 'Without an expiry',
    why: 'A key that is forgotten works for ever.',
    next: 'Give it an expiry. The policy expiryRequired asks for one on each new key.',
    look: ofLive((key, view) => {
      if (key.expiresAt !== undefined) return undefined;
      const age = ageMs(key.createdAt, view);
      return { detail: `made ${days(daysIn(age))} ago`, order: age };
    }),
  },
  {
    id: 'old-secret',
    severity: 'medium',
    title: ({ rotateDays }) => `Secret not changed for ${days(rotateDays)}`,
    why: 'The older a secret, the more places it may stand in.',
    next: 'Rotate the key: the old secret may work on for a while.',
    look: ofLive((key, view) => {
      const since = secretSince(key);
      if (since === undefined) return undefined;
      const age = ageMs(since, view);
      if (age < view.rotateDays * DAY_MS) return undefined;
      return { detail: `secret is ${days(daysIn(age))} old`, order: age };
    }),
  },
  {
    id: 'many-addresses',
    severity: 'medium',
    title: (of) => `Used from ${of.addresses} networks or more within ${days(of.days)}`,
    why: 'A key is for one workload. Many networks may mean that it was passed on.',
    next: 'Give each workload a key of its own, with allowedIps.',
    look: ofLive((key, view) => {
      // Pages are everywhere: their keys are meant to be used from anywhere.
      if (key.kind !== 'service' || !view.use) return undefined;
      const since = view.nowMs - view.days * DAY_MS;
      const networks = [...view.use.addresses.values()].filter((ms) => ms >= since).length;
      if (networks < view.addresses) return undefined;
      return { detail: `at least ${networks} networks`, order: networks };
    }),
  },
  {
    id: 'unused',
    severity: 'low',
    title: ({ days: most }) => `Not used for ${days(most)}`,
    why: 'Whatever needed the key is gone, or needs it no longer.',
    next: 'Ask its maker; suspend it first if nobody knows.',
    look: ofLive((_, view) => {
      const idle = idleMs(view);
      if (idle === undefined || idle < view.days * DAY_MS) return undefined;
      return { detail: `last used ${days(daysIn(idle))} ago`, order: idle };
    }),
  },
  {
    id: 'never-used',
    severity: 'low',
    title: () => 'Never used',
    why: 'Nobody needs the key, or whoever was to use it does not have it.',
    next: 'Ask its maker, and revoke it.',
    look: ofLive((key, view) => {
      const age = ageMs(key.createdAt, view);
      if (view.use || age < NEW_MS) return undefined;
      return { detail: `made ${days(daysIn(age))} ago`, order: age };
    }),
  },
];

export interface Finding {
  check: Check;
  keys: Found[];
}

/** Every check over every key; the worst keys of each first. */
export function look(survey: Survey, settings: Settings): Finding[] {
  const findings = CHECKS.map((check) => ({ check, keys: [] as Found[] }));
  for (const key of survey.keys.values()) {
    const state = survey.organization(key.organizationId);
    const view: View = {
      ...settings,
      survey,
      organization: state.status === 'none' ? undefined : state,
      use: survey.uses.get(key.id),
    };
    for (const { check, keys } of findings) {
      const wrong = check.look(key, view);
      if (wrong) keys.push({ ...rowOf(key), ...wrong });
    }
  }
  for (const { keys } of findings) keys.sort((a, b) => b.order - a.order || (a.keyId < b.keyId ? -1 : 1));
  return findings;
}

function rowOf(key: ServiceKey | PublishableKey): Omit<Found, 'detail' | 'order'> {
  const { id, name, organizationId, kind, createdAt, createdBy } = key;
  return {
    keyId: id,
    name,
    organizationId,
    kind,
    role: kind === 'service' ? key.role : undefined,
    createdAt,
    createdBy: createdBy.id,
  };
}

function day(at: string): string {
  return at.slice(0, 10);
}

function span(ms: number): string {
  if (ms < 2 * 60_000) return `${Math.round(ms / 1_000)} s`;
  if (ms < 2 * HOUR_MS) return `${Math.round(ms / 60_000)} minutes`;
  return ms < 2 * DAY_MS ? `${Math.round(ms / HOUR_MS)} hours` : days(daysIn(ms));
}
