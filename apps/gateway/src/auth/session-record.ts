/**
 * What is kept of a session, and how it changes. Pure. The shape is a storage format for as long as a session lives.
 *
 * Refresh tokens rotate at each use. The one before the present one may come again until one of its two successors was
 * used, because its reply may be lost; and beside the new access token for a moment more, because others may ask at the
 * same time. After that a token that comes again was copied: two parties hold the session, and nobody can tell which is
 * its owner, so it ends (RFC 9700, section 4.14.2). Time alone does not tell whether a reply has arrived, and the clocks
 * of two gateways differ.
 */
import { z } from 'zod';
import { type RefreshCredential } from './session-tokens.ts';

export const BROWSER_LIFE_MS = 12 * 60 * 60 * 1000;
/** Of a device, since its last refresh. */
export const DEVICE_LIFE_MS = 30 * 24 * 60 * 60 * 1000;
/** How long a refresh token that was rotated may come again, though its successors have arrived. */
export const REPEAT_MS = 30_000;
/** "Last used" is as exact as this: not every request is a write. */
const NOTED_EVERY_MS = 5 * 60_000;
/** The access token before the present one is good until its own end: requests of the same moment carry it. */
const MAX_ACCESS_TOKENS = 2;

const Digest = z.string().regex(/^[0-9a-f]{64}$/);
const Time = z.iso.datetime();

export const SessionRecord = z.object({
  kind: z.enum(['browser', 'device']),
  label: z.string(),
  createdAt: Time,
  lastUsedAt: Time,
  expiresAt: Time,
  access: z
    .array(z.object({ digest: Digest, expiresAt: Time }))
    .min(1)
    .max(MAX_ACCESS_TOKENS),
  refresh: z
    .object({
      family: Digest,
      digest: Digest,
      /** What was rotated last, and what its successors were made with. */
      previous: z
        .object({
          digest: Digest,
          salt: z.string(),
          rotatedAt: Time,
          /** One of its successors was used. */
          hasArrived: z.boolean().optional(),
        })
        .optional(),
    })
    .optional(),
});
export type SessionRecord = z.infer<typeof SessionRecord>;
type Refresh = NonNullable<SessionRecord['refresh']>;
export type SessionKind = SessionRecord['kind'];

const iso = (ms: number): string => new Date(ms).toISOString();

export interface SessionStart {
  kind: SessionKind;
  label: string;
  accessDigest: string;
  /** Of a device alone. */
  refresh?: { digest: string; family: string };
  /** Of a device's access token. Milliseconds. */
  accessLifeMs: number;
}

export function newRecord(
  { kind, label, accessDigest, refresh, accessLifeMs }: SessionStart,
  nowMs: number,
): SessionRecord {
  const lifeMs = kind === 'browser' ? BROWSER_LIFE_MS : DEVICE_LIFE_MS;
  const accessMs = kind === 'browser' ? lifeMs : accessLifeMs;
  return {
    kind,
    label,
    createdAt: iso(nowMs),
    lastUsedAt: iso(nowMs),
    expiresAt: iso(nowMs + lifeMs),
    access: [{ digest: accessDigest, expiresAt: iso(nowMs + accessMs) }],
    ...(refresh && { refresh }),
  };
}

export function isAlive({ expiresAt }: SessionRecord, nowMs: number): boolean {
  return nowMs < Date.parse(expiresAt);
}

/** Whether an access token with this digest lets in now. None is good for longer than its session. */
export function letsIn(record: SessionRecord, digest: string, nowMs: number): boolean {
  return record.access.some((one) => one.digest === digest && nowMs < Date.parse(one.expiresAt));
}

/**
 * What a refresh token is to its session: the `current` one; the one before, `repeated` as it may; one that was `reused`
 * and ends the session; or `unknown`, which changes nothing, or whoever reads a session's id could end it.
 */
export function judgeRefresh(
  record: SessionRecord,
  { digest, family }: Pick<RefreshCredential, 'digest' | 'family'>,
  nowMs: number,
  repeatMs = REPEAT_MS,
): 'current' | 'repeated' | 'reused' | 'unknown' {
  const { refresh } = record;
  if (!refresh || !isAlive(record, nowMs)) return 'unknown';
  if (refresh.digest === digest) return 'current';
  const { previous } = refresh;
  if (previous?.digest === digest && !isOver(previous, nowMs, repeatMs)) return 'repeated';
  return refresh.family === family ? 'reused' : 'unknown';
}

export interface Rotation {
  accessDigest: string;
  accessLifeMs: number;
  refreshDigest: string;
  salt: string;
}

/** The record once its refresh token was used. */
export function rotated(
  record: SessionRecord,
  { accessDigest, accessLifeMs, refreshDigest, salt }: Rotation,
  nowMs: number,
): SessionRecord {
  if (!record.refresh) throw new TypeError('only the session of a device rotates');
  const { family, digest } = record.refresh;
  const stillGood = record.access.filter((one) => nowMs < Date.parse(one.expiresAt));
  const next = { digest: accessDigest, expiresAt: iso(nowMs + accessLifeMs) };
  return {
    ...record,
    lastUsedAt: iso(nowMs),
    expiresAt: iso(nowMs + DEVICE_LIFE_MS),
    access: [next, ...stillGood].slice(0, MAX_ACCESS_TOKENS),
    refresh: { family, digest: refreshDigest, previous: { digest, salt, rotatedAt: iso(nowMs) } },
  };
}

/**
 * The record with the use of this access token noted; `undefined` where there is nothing to write: the first use of a
 * successor, every few minutes one, and what may come again no more, which is dropped.
 */
export function noted(
  record: SessionRecord,
  digest: string,
  nowMs: number,
  repeatMs = REPEAT_MS,
): SessionRecord | undefined {
  const isNewest = record.access[0]?.digest === digest;
  const refresh = record.refresh && afterUse(record.refresh, isNewest, nowMs, repeatMs);
  const isNews = refresh !== record.refresh || nowMs >= Date.parse(record.lastUsedAt) + NOTED_EVERY_MS;
  return isNews ? { ...record, lastUsedAt: iso(nowMs), ...(refresh && { refresh }) } : undefined;
}

function afterUse(refresh: Refresh, isNewest: boolean, nowMs: number, repeatMs: number): Refresh {
  const { previous, ...current } = refresh;
  if (!previous || !(previous.hasArrived || isNewest)) return refresh;
  const arrived = { ...previous, hasArrived: true };
  if (isOver(arrived, nowMs, repeatMs)) return current;
  return previous.hasArrived ? refresh : { ...current, previous: arrived };
}

function isOver(
  { hasArrived = false, rotatedAt }: NonNullable<Refresh['previous']>,
  nowMs: number,
  repeatMs: number,
): boolean {
  return hasArrived && nowMs >= Date.parse(rotatedAt) + repeatMs;
}
