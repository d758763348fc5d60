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
  find(organizationId: string, filter: KeyFilter): Promise<FoundKeys> {
    return this.collect(organizationId, filter, isInForce);
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
    const isRetriable = idempotencyKeyOf(request) !== undefined;
    const found = await this.collect(
      organizationId,
      filter,
      isRetriable ? (key, nowMs) => isInForce(key, nowMs) || isJustRevoked(key, nowMs) : isInForce,
    );
    // One id for all chunks: each key's event derives from it and the key, however the chunks fall in a retry.
    const commandId = uuidFrom(`bulk-revoke:${this.commands.idOf(request)}`);
    const revoked = new Set<string>();
    let position: string | undefined;
    const ids = callerLast(request, found.keys);
    for (let from = 0; from < ids.length; from += CHUNK) {
      const keyIds = ids.slice(from, from + CHUNK);
      const input = { organizationId, keyIds };
      const answer = await this.commands.send('revokeKeys', request, input, { commandId, asked });
      for (const id of answer.revokedKeyIds) revoked.add(id);
      position = later(position, answer.position);
    }
    return { keys: found.keys.filter(({ id }) => revoked.has(id)), more: found.more, position };
  }

  private async collect(
    organizationId: string,
    filter: KeyFilter,
    matches: (key: ApiKey, nowMs: number) => boolean,
  ): Promise<FoundKeys> {
    const startMs = performance.now();
    const nowMs = Date.now();
    const keys: ApiKey[] = [];
    let cursor: string | undefined;
    for (let pages = 0; pages < MAX_PAGES; pages += 1) {
      const page = await this.reads.keys(organizationId, {
        filter,
        limit: MAX_PAGE_SIZE,
        ...(cursor !== undefined && { cursor }),
      });
      const found = page.items.filter((key) => matches(key, nowMs));
      const room = MAX_KEYS - keys.length;
      keys.push(...found.slice(0, room));
      if (found.length > room) return { keys, more: true };
      cursor = page.nextCursor;
      if (cursor === undefined) return { keys, more: false };
      if (performance.now() - startMs > FIND_TIMEOUT_MS) break;
    }
    return { keys, more: true };
  }
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
