/**
 * People's sessions, in a JetStream key-value bucket: one record a session, under its person, changed by
 * compare-and-set. A session that has ended is refused at once by every gateway: each request reads the record.
 */
import { randomBytes } from 'node:crypto';
import { BUCKETS, isId } from '@mcpstack/contracts';
import { type Log } from '@mcpstack/service-kit';
import { type NatsConnection } from '@nats-io/transport-node';
import { unauthenticated, unavailable } from '../http/problem-response.ts';
import { Bucket } from './bucket.ts';
import {
  DEVICE_LIFE_MS,
  isAlive,
  judgeRefresh,
  letsIn,
  newRecord,
  noted,
  rotated,
  SessionRecord,
  type SessionKind,
} from './session-record.ts';
import {
  makeRefreshToken,
  makeSessionToken,
  newSessionName,
  nextTokens,
  parseRefreshToken,
  parseSessionToken,
  secretDigest,
  type SessionCredential,
  type SessionName,
} from './session-tokens.ts';

export type { SessionKind } from './session-record.ts';

export const ACCESS_LIFE_MS = 15 * 60_000;
/** More than a person has; beyond it, the one that was not used for longest ends. */
const MAX_SESSIONS = 100;
/** No change from before is still on its way after this. */
const SETTLED_MS = 60_000;
/** Of changes that met another one; each try is after somebody else's success. */
const MAX_TRIES = 10;
const UNAVAILABLE = 'Sessions cannot be read or written now. Repeat the request in a moment.';

export interface NewSession<Kind extends SessionKind> {
  userId: string;
  kind: Kind;
  /** What its person knows it by. */
  label: string;
}

export interface BrowserSession {
  sessionId: string;
  token: string;
  expiresAt: string;
}

export interface DeviceSession extends SessionName {
  accessToken: string;
  /** Of the access token. Seconds. */
  expiresIn: number;
  refreshToken: string;
}

export interface FoundSession extends SessionName {
  kind: SessionKind;
}

/** As its person sees it. */
export interface ListedSession {
  id: string;
  kind: SessionKind;
  label: string;
  createdAt: string;
  /** Within five minutes. */
  lastUsedAt: string;
  /** Of a device: unless it refreshes before. */
  expiresAt: string;
}

export interface SessionSettings {
  tokenPrefix: string;
  /** Of a device's access token. Milliseconds. */
  accessLifeMs?: number;
  /** How long a refresh token may come again after its rotation, though its successors were used. Milliseconds. */
  repeatMs?: number;
  log?: Log;
  /** Of the bucket, where it is made. */
  replicas?: number | undefined;
  nowMs?: () => number;
}

export class Sessions {
  private readonly bucket: Bucket;
  private readonly nowMs: () => number;
  private readonly accessLifeMs: number;

  constructor(
    nats: NatsConnection,
    private readonly settings: SessionSettings,
  ) {
    this.bucket = new Bucket(nats, {
      name: BUCKETS.sessions,
      ttlMs: DEVICE_LIFE_MS,
      replicas: settings.replicas,
      unavailable: UNAVAILABLE,
    });
    this.nowMs = settings.nowMs ?? Date.now;
    this.accessLifeMs = settings.accessLifeMs ?? ACCESS_LIFE_MS;
  }

  /** Begins a session. The tokens are in this answer and nowhere else. */
  async begin(session: NewSession<'browser'>): Promise<BrowserSession>;
  async begin(session: NewSession<'device'>): Promise<DeviceSession>;
  async begin({ userId, kind, label }: NewSession<SessionKind>): Promise<BrowserSession | DeviceSession> {
    await this.makeRoom(userId);
    const { accessLifeMs } = this;
    const { tokenPrefix } = this.settings;
    const name = newSessionName(userId);
    const token = makeSessionToken(tokenPrefix, name);
    const refreshToken = makeRefreshToken(tokenPrefix, name);
    const { digest, family } = parseRefreshToken(refreshToken, tokenPrefix)!;
    const refresh = kind === 'device' ? { digest, family } : undefined;
    const start = {
      kind,
      label,
      accessLifeMs,
      accessDigest: secretDigest(token),
      ...(refresh && { refresh }),
    };
    const record = newRecord(start, this.nowMs());
    if (!(await this.bucket.create(keyOf(name), record))) throw unavailable(UNAVAILABLE);
    const { sessionId } = name;
    if (kind === 'browser') return { sessionId, token, expiresAt: record.expiresAt };
    return { ...name, accessToken: token, expiresIn: Math.floor(accessLifeMs / 1000), refreshToken };
  }

  /** The credential that a text is, by its spelling alone; no I/O. */
  credentialOf(text: string): SessionCredential | undefined {
    return parseSessionToken(text, this.settings.tokenPrefix);
  }

  /** Whose session this is; `undefined` when it is unknown, ended or expired. */
  async find({ userId, sessionId, digest }: SessionCredential): Promise<FoundSession | undefined> {
    const { record, revision } = (await this.read({ userId, sessionId })) ?? {};
    if (!record || revision === undefined || !letsIn(record, digest, this.nowMs())) return undefined;
    await this.note({ userId, sessionId, digest }, record, revision);
    return { userId, sessionId, kind: record.kind };
  }

  /** Whether this session has neither ended nor expired. */
  async goesOn(name: SessionName): Promise<boolean> {
    return this.isAlive((await this.read(name))?.record);
  }

  /**
   * The next two tokens of a device, for its refresh token. The same again answers the same again until they were
   * used, and for a moment; later it ends the session.
   * @throws ProblemError `unauthenticated`
   */
  async refresh(refreshToken: string): Promise<DeviceSession> {
    const { tokenPrefix, repeatMs, log } = this.settings;
    const credential = parseRefreshToken(refreshToken, tokenPrefix);
    if (!credential) throw unauthenticated('invalid');
    const { userId, sessionId } = credential;
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const { record, revision } = (await this.read({ userId, sessionId })) ?? {};
      if (!record || revision === undefined) throw unauthenticated('invalid');
      const verdict = judgeRefresh(record, credential, this.nowMs(), repeatMs);
      if (verdict === 'unknown') throw unauthenticated('invalid');
      if (verdict === 'reused') {
        await this.bucket.end(keyOf({ userId, sessionId }));
        log?.warn('a refresh token came again, so its session has ended', { userId, session: sessionId });
        throw unauthenticated('invalid');
      }
      if (verdict === 'repeated') return this.answer(refreshToken, record);
      const next = this.rotate(refreshToken, record);
      if (await this.bucket.update(keyOf({ userId, sessionId }), next, revision))
        return this.answer(refreshToken, next);
    }
    throw unavailable(UNAVAILABLE);
  }

  /** Those that are alive, the newest first. */
  async list(userId: string): Promise<ListedSession[]> {
    return (await this.all(userId))
      .flatMap(({ sessionId, record }) => (this.isAlive(record) ? [listed(sessionId, record)] : []))
      .sort((one, other) => (one.createdAt < other.createdAt ? 1 : -1));
  }

  /** Ends a session of this person; again is no error. `false` where there is none of this name. */
  async end(userId: string, sessionId: string): Promise<boolean> {
    if (!isId('session', sessionId)) return false;
    const key = keyOf({ userId, sessionId });
    const entry = await this.bucket.read(key);
    if (entry?.value !== undefined) await this.bucket.end(key);
    return entry !== undefined;
  }

  private rotate(refreshToken: string, record: SessionRecord): SessionRecord {
    const salt = randomBytes(16).toString('hex');
    const next = nextTokens(this.settings.tokenPrefix, refreshToken, salt);
    return rotated(
      record,
      {
        accessDigest: secretDigest(next.accessToken),
        accessLifeMs: this.accessLifeMs,
        refreshDigest: secretDigest(next.refreshToken),
        salt,
      },
      this.nowMs(),
    );
  }

  /** What follows on the refresh token that was rotated last. */
  private answer(refreshToken: string, { refresh, access }: SessionRecord): DeviceSession {
    const { tokenPrefix } = this.settings;
    const { userId, sessionId } = parseRefreshToken(refreshToken, tokenPrefix)!;
    const next = nextTokens(tokenPrefix, refreshToken, refresh!.previous!.salt);
    const endsMs = Date.parse(access[0]!.expiresAt);
    const expiresIn = Math.max(0, Math.floor((endsMs - this.nowMs()) / 1000));
    return { userId, sessionId, expiresIn, ...next };
  }

  /**
   * Notes a use. Whatever goes wrong with it goes unanswered: a token that comes again is then told as a copy from the
   * next use on.
   */
  private async note(
    { digest, ...name }: SessionName & { digest: string },
    record: SessionRecord,
    revision: number,
  ): Promise<void> {
    const next = noted(record, digest, this.nowMs(), this.settings.repeatMs);
    if (next) await this.bucket.update(keyOf(name), next, revision).catch(() => false);
  }

  private async read(name: SessionName): Promise<Found | undefined> {
    const entry = await this.bucket.read(keyOf(name));
    if (!entry) return undefined;
    const { value, revision, writtenAtMs } = entry;
    return { record: value === undefined ? undefined : SessionRecord.parse(value), revision, writtenAtMs };
  }

  private isAlive(record: SessionRecord | undefined): record is SessionRecord {
    return record !== undefined && isAlive(record, this.nowMs());
  }

  /** All that stands under this person, also what has ended. */
  private async all(userId: string): Promise<(Found & { sessionId: string })[]> {
    const keys = await this.bucket.keysOf(userId);
    const found = await Promise.all(
      keys.map(async (key) => {
        const sessionId = key.slice(userId.length + 1);
        const entry = await this.read({ userId, sessionId });
        return entry && { ...entry, sessionId };
      }),
    );
    return found.filter((one) => one !== undefined);
  }

  /** Before one more: what ended a while ago is removed, and of too many those end that were not used for longest. */
  private async makeRoom(userId: string): Promise<void> {
    if ((await this.bucket.keysOf(userId)).length < MAX_SESSIONS) return;
    const all = await this.all(userId);
    const settledMs = this.nowMs() - SETTLED_MS;
    const alive = all.flatMap(({ sessionId, record }) =>
      this.isAlive(record) ? [listed(sessionId, record)] : [],
    );
    const over = alive
      .sort((one, other) => (one.lastUsedAt < other.lastUsedAt ? -1 : 1))
      .slice(0, Math.max(0, alive.length - MAX_SESSIONS + 1));
    for (const { id } of over) await this.end(userId, id);
    for (const { sessionId, record, writtenAtMs } of all)
      if (!this.isAlive(record) && writtenAtMs < settledMs)
        await this.bucket.forget(keyOf({ userId, sessionId }));
  }
}

interface Found {
  /** `undefined`: it has ended. */
  record: SessionRecord | undefined;
  revision: number;
  writtenAtMs: number;
}

function listed(id: string, record: SessionRecord): ListedSession {
  const { kind, label, createdAt, lastUsedAt, expiresAt } = record;
  return { id, kind, label, createdAt, lastUsedAt, expiresAt };
}

function keyOf({ userId, sessionId }: SessionName): string {
  return `${userId}.${sessionId}`;
}
