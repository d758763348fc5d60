/** Asks the authorizer whether a key is in force. Every answer that proves nothing is a refusal. */
import { isIP } from 'node:net';
import {
  isId,
  isPermission,
  isRole,
  ProblemError,
  VERIFY_SUBJECT,
  type IdKind,
  type KeyScope,
  type Permission,
  type RateLimitState,
  type VerifyReply,
  type VerifyRequest,
} from '@mcpstack/contracts';
import { rootOf, traced, traceHeaders } from '@mcpstack/service-kit';
import { type NatsConnection } from '@nats-io/transport-node';
import { HttpProblem, unauthenticated, unavailable } from '../http/problem-response.ts';
import type { KeyCaller } from './caller.ts';

/** Longer than the wait for a position, which the authorizer does inside. */
const VERIFY_TIMEOUT_MS = 3_000;
const MAX_USER_AGENT = 512;

export interface KeyCheckOptions {
  /** What the key must hold; without it, being in force is enough. */
  permission?: Permission | undefined;
  /** The answer reflects at least this log position. */
  position?: string | undefined;
  /** Where the request comes from: a key with an allow list is refused without it. */
  ip?: string | undefined;
  /** Of the client, as its header says; its family shows with the key's last use. */
  userAgent?: string | undefined;
  /** Of the request that is checked: its trace shows the check. */
  requestId?: string | undefined;
}

/** A publishable key that a web page showed from an origin where it is allowed. */
export interface PageKey {
  keyId: string;
  organizationId: string;
  agentId: string;
  expiresAt?: string;
}

export class KeyCheck {
  constructor(private readonly nats: NatsConnection) {}

  /** @throws ProblemError `unauthenticated`, `forbidden`, `too-many-requests` or `unavailable`. */
  async check(
    digest: string,
    { permission, position, ip, userAgent, requestId }: KeyCheckOptions = {},
  ): Promise<KeyCaller> {
    const address = plainAddress(ip);
    const request: VerifyRequest = {
      digest,
      ...(permission && { permission }),
      ...(position && { position }),
      ...(address && { ip: address }),
      ...(userAgent !== undefined && { userAgent: userAgent.slice(0, MAX_USER_AGENT) }),
    };
    const reply = await this.ask(request, { requestId });
    if (reply.code === 'VALID' && reply.valid) return asCaller(reply);
    throw refusal(reply, permission);
  }

  /**
   * A publishable key, as a page of `origin` shows it.
   * @throws ProblemError like `check`; `forbidden` for an origin where the key is not allowed.
   */
  async checkPage(digest: string, origin: string, requestId?: string): Promise<PageKey> {
    const reply = await this.ask({ digest, origin, expect: { kind: 'publishable' } }, { requestId });
    if (reply.code === 'VALID' && reply.valid) return asPageKey(reply);
    // Of another kind: a key that this route does not take is answered like one that does not exist.
    if (reply.code === 'FORBIDDEN') throw unauthenticated('invalid');
    // The digest is ours: it is the origin that no browser writes so, and that no key allows.
    if (reply.code === 'MALFORMED') throw refusal({ code: 'ORIGIN_NOT_ALLOWED' }, undefined);
    throw refusal(reply, undefined);
  }

  /** The authorizer's reply, or `UNAVAILABLE` by the deadline. */
  async ask(
    request: VerifyRequest,
    { timeoutMs = VERIFY_TIMEOUT_MS, requestId }: { timeoutMs?: number; requestId?: string | undefined } = {},
  ): Promise<VerifyReply> {
    const parent = rootOf(requestId);
    const fields = { 'messaging.destination.name': VERIFY_SUBJECT };
    return traced('send verify', { kind: 'client', parent, fields }, async (span) => {
      const headers = traceHeaders(span.place);
      try {
        const message = await this.nats.request(VERIFY_SUBJECT, JSON.stringify(request), {
          timeout: timeoutMs,
          ...(headers && { headers }),
        });
        const reply = message.json<VerifyReply>();
        span.set({ 'mcpstack.code': reply.code });
        return reply;
      } catch (cause) {
        throw unavailable('Keys cannot be checked now. Repeat the request in a moment.', cause);
      }
    });
  }
}

function asCaller(reply: VerifyReply): KeyCaller {
  const { keyId, orgId, kind, role, permissions, scope, expiresAt } = reply;
  const whole =
    isId('key', keyId) &&
    isId('organization', orgId) &&
    kind === 'service' &&
    isRole(role) &&
    Array.isArray(permissions) &&
    permissions.every((permission) => typeof permission === 'string') &&
    isScope(scope) &&
    isTime(expiresAt);
  if (!whole) throw notWhole();
  return {
    type: 'key',
    keyId,
    organizationId: orgId,
    role,
    // One that a newer authorizer knows is a right that nothing here asks for.
    permissions: permissions.filter(isPermission),
    ...(scope !== undefined && { scope }),
    ...(expiresAt !== undefined && { expiresAt }),
  };
}

function asPageKey({ keyId, orgId, kind, agentId, expiresAt }: VerifyReply): PageKey {
  const whole =
    isId('key', keyId) &&
    isId('organization', orgId) &&
    kind === 'publishable' &&
    isId('agent', agentId) &&
    isTime(expiresAt);
  if (!whole) throw notWhole();
  return { keyId, organizationId: orgId, agentId, ...(expiresAt !== undefined && { expiresAt }) };
}

/** A scope that cannot be read must not be taken for none: that would widen the key. */
function isScope(scope: unknown): scope is KeyScope | undefined {
  if (scope === undefined) return true;
  if (typeof scope !== 'object' || scope === null) return false;
  const { agents, servers, ...rest } = scope as Record<string, unknown>;
  const areIds = (kind: IdKind, ids: unknown): boolean =>
    ids === undefined || (Array.isArray(ids) && ids.every((id) => isId(kind, id)));
  return areIds('agent', agents) && areIds('server', servers) && Object.keys(rest).length === 0;
}

function isTime(time: unknown): time is string | undefined {
  return time === undefined || (typeof time === 'string' && !Number.isNaN(Date.parse(time)));
}

function notWhole(): ProblemError {
  return unavailable('Keys cannot be checked now: the answer is not whole.');
}

/**
 * An IPv4 address as it is, where the socket shows it mapped into IPv6; no zone. `undefined` for what a proxy reports
 * that is no address: a key with an allow list is refused then.
 */
function plainAddress(ip: string | undefined): string | undefined {
  const plain = ip?.replace(/^::ffff:(?=[0-9.]+$)/i, '').replace(/%.*$/, '');
  return plain !== undefined && isIP(plain) !== 0 ? plain : undefined;
}

function refusal(
  { code, rateLimits }: Pick<VerifyReply, 'code' | 'rateLimits'>,
  permission: Permission | undefined,
): ProblemError {
  switch (code) {
    case 'NOT_FOUND':
    case 'REVOKED':
    case 'EXPIRED':
    case 'SUSPENDED':
    case 'MALFORMED':
      return unauthenticated('invalid');
    case 'FORBIDDEN':
      return new ProblemError('forbidden', `This needs the permission ${permission}.`, {
        ...(permission && { permission }),
      });
    case 'ORIGIN_NOT_ALLOWED':
    case 'IP_NOT_ALLOWED':
      return new ProblemError('forbidden', 'The key may not be used from here.');
    case 'RATE_LIMITED':
    case 'QUOTA_EXCEEDED':
      return limited(rateLimits ?? []);
    case 'UNAVAILABLE':
    case 'VALID':
    default:
      // Also a code that a newer authorizer may know: what we do not understand permits nothing.
      return unavailable('Keys cannot be checked now. Repeat the request in a moment.');
  }
}

/** Which bound has no room is the one that is exhausted for longest: before that no retry succeeds. */
function limited(rateLimits: readonly RateLimitState[]): ProblemError {
  const exhausted = rateLimits
    .filter(({ remaining }) => remaining < 1)
    .sort((a, b) => b.resetMs - a.resetMs)[0];
  const retryAfterS = Math.max(1, Math.ceil((exhausted?.resetMs ?? 1_000) / 1_000));
  return new HttpProblem('too-many-requests', 'The key has used up its limit.', {
    'Retry-After': `${retryAfterS}`,
    ...(exhausted && {
      'RateLimit-Policy': `"${exhausted.name}";q=${exhausted.limit}`,
      RateLimit: `"${exhausted.name}";r=${exhausted.remaining};t=${retryAfterS}`,
    }),
  });
}
