/** Revokes every key that a filter finds: first all are found, then they are revoked a thousand at a time. */
import { uuidFrom, type ApiKey } from '@mcpstack/contracts';
import { MAX_PAGE_SIZE, type KeyFilter } from '@mcpstack/read-models';
import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { actorOf, callerOf } from '../auth/caller.ts';
import { Commands } from '../http/commands.ts';
import { idempotencyKeyOf } from '../http/idempotency.ts';
import { Reads } from '../reads.ts';
import { stateOf } from './answers.ts';

/** What one command takes. */
const CHUNK = 1_000;
/** What one request revokes at most; `more` says that there are others. */
export const MAX_KEYS = 10_000;
/** Nor does one request look further: with a filter that finds little a page may be short. */
const MAX_PAGES = 1_000;
const FIND_TIMEOUT_MS = 10_000;
/** A retry names what its first try revoked, for as long as anybody retries. */
const RETRY_WINDOW_MS = 24 * 60 * 60 * 1000;

export interface FoundKeys {
  keys: readonly ApiKey[];
  /** There are others, or it took too long to look at all: the same request goes on. */
  more: boolean;
}

@Injectable()
export class BulkRevoke {
  constructor(
    private readonly commands: Commands,
    private readonly reads: Reads,
  ) {}

  /** The keys that a revocation would end now: those in force, the newest first. */
  async find(organizationId: string, filter: KeyFilter): Promise<FoundKeys> {
    const { inForce, more } = await this.collect(organizationId, filter);
    return { keys: inForce, more };
  }

  /**
   * Revokes them, finally (G3), and says which of them this request, or its first try, revoked.
   * @param asked the body: another one under the same Idempotency-Key is found out.
   */
  async revoke(
    request: FastifyRequest,
    organizationId: string,
    filter: KeyFilter,
    asked: unknown,
  ): Promise<FoundKeys & { position: string | undefined }> {
    const { inForce, justRevoked, more } = await this.collect(organizationId, filter);
    // One id for all chunks: each key's event derives from it and the key, however the chunks fall in a retry.
    const commandId = uuidFrom(`bulk-revoke:${this.commands.idOf(request)}`);
    const revoked = new Set<string>();
    let position: string | undefined;
    const send = async (keys: readonly ApiKey[]): Promise<void> => {
      const ids = callerLast(request, keys);
      for (let from = 0; from < ids.length; from += CHUNK) {
        const input = { organizationId, keyIds: ids.slice(from, from + CHUNK) };
        const answer = await this.commands.send('revokeKeys', request, input, { commandId, asked });
        for (const id of answer.revokedKeyIds) revoked.add(id);
        position = later(position, answer.position);
      }
    };
    // A retry goes on where its first try stopped, and no further; another request has all the room for itself.
    const isRetriable = idempotencyKeyOf(request) !== undefined;
    if (isRetriable) await send(justRevoked);
    const room = MAX_KEYS - revoked.size;
    await send(inForce.slice(0, room));
    // What is found revoked may not be final yet (G3). Asking for one waits: the read models hold the others already.
    if (position === undefined) await send(justRevoked.slice(0, 1));
    const keys = [...inForce, ...justRevoked].filter(({ id }) => revoked.has(id));
    return { keys: keys.sort(newestFirst), more: more || inForce.length > room, position };
  }

  /** Of each kind at most MAX_KEYS; those in force the newest, those just revoked the ones that were revoked last. */
  private async collect(
    organizationId: string,
    filter: KeyFilter,
  ): Promise<{ inForce: readonly ApiKey[]; justRevoked: readonly ApiKey[]; more: boolean }> {
    const startMs = performance.now();
    const nowMs = Date.now();
    const inForce: ApiKey[] = [];
    const revoked: ApiKey[] = [];
    const found = (more: boolean): Awaited<ReturnType<BulkRevoke['collect']>> => {
      const justRevoked = revoked.sort(lastRevokedFirst).slice(0, MAX_KEYS);
      return { inForce: inForce.slice(0, MAX_KEYS), justRevoked, more };
    };
    let cursor: string | undefined;
    for (let pages = 0; pages < MAX_PAGES; pages += 1) {
      const page = await this.reads.keys(organizationId, {
        filter,
        limit: MAX_PAGE_SIZE,
        ...(cursor !== undefined && { cursor }),
      });
      inForce.push(...page.items.filter((key) => isInForce(key, nowMs)));
      revoked.push(...page.items.filter((key) => isJustRevoked(key, nowMs)));
      if (inForce.length > MAX_KEYS) return found(true);
      cursor = page.nextCursor;
      if (cursor === undefined) return found(false);
      if (performance.now() - startMs > FIND_TIMEOUT_MS) break;
    }
    return found(true);
  }
}

function newestFirst(one: ApiKey, other: ApiKey): number {
  return Date.parse(other.createdAt) - Date.parse(one.createdAt);
}

function lastRevokedFirst(one: ApiKey, other: ApiKey): number {
  return Date.parse(other.revokedAt!) - Date.parse(one.revokedAt!);
}

/** A key that revokes itself with others can do nothing any more once it has. */
function callerLast(request: FastifyRequest, keys: readonly ApiKey[]): readonly string[] {
  const { id: caller } = actorOf(callerOf(request));
  const ids = keys.map(({ id }) => id);
  return ids.includes(caller) ? [...ids.filter((id) => id !== caller), caller] : ids;
}

function isInForce(key: ApiKey, nowMs: number): boolean {
  const state = stateOf(key, nowMs);
  return state === 'active' || state === 'suspended';
}

function isJustRevoked({ revokedAt, revocationReason }: ApiKey, nowMs: number): boolean {
  if (revokedAt === undefined || revocationReason !== 'requested') return false;
  return nowMs - Date.parse(revokedAt) < RETRY_WINDOW_MS;
}

/** The later of two positions; the first may be absent. */
export function later(one: string | undefined, other: string): string {
  return one !== undefined && BigInt(one) > BigInt(other) ? one : other;
}
