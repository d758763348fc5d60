/** Asks the authorizer whether a service key is in force. Every answer that proves nothing is a refusal. */
import {
  isId,
  isPermission,
  isRole,
  ProblemError,
  VERIFY_SUBJECT,
  type Permission,
  type VerifyReply,
  type VerifyRequest,
} from '@mcpstack/contracts';
import { type NatsConnection } from '@nats-io/transport-node';
import { HttpProblem, unauthenticated, unavailable } from '../http/problem-response.ts';
import type { KeyCaller } from './caller.ts';

/** Longer than the wait for a position, which the authorizer does inside. */
const VERIFY_TIMEOUT_MS = 3_000;

export class KeyCheck {
  constructor(private readonly nats: NatsConnection) {}

  /**
   * @param permission what the key must hold; without it, being in force is enough.
   * @param position the answer reflects at least this log position.
   * @throws ProblemError `unauthenticated`, `forbidden`, `too-many-requests` or `unavailable`.
   */
  async check(
    digest: string,
    { permission, position }: { permission?: Permission | undefined; position?: string | undefined } = {},
  ): Promise<KeyCaller> {
    const request: VerifyRequest = {
      digest,
      ...(permission && { permission }),
      ...(position && { position }),
    };
    const reply = await this.ask(request);
    if (reply.code === 'VALID' && reply.valid) return asCaller(reply);
    throw refusal(reply.code, permission);
  }

  /** The authorizer's reply, or `UNAVAILABLE` by the deadline. */
  async ask(request: VerifyRequest, timeoutMs = VERIFY_TIMEOUT_MS): Promise<VerifyReply> {
    try {
      const message = await this.nats.request(VERIFY_SUBJECT, JSON.stringify(request), {
        timeout: timeoutMs,
      });
      return message.json<VerifyReply>();
    } catch (cause) {
      throw unavailable('Keys cannot be checked now. Repeat the request in a moment.', cause);
    }
  }
}

function asCaller(reply: VerifyReply): KeyCaller {
  const { keyId, orgId, kind, role, permissions } = reply;
  const whole =
    isId('key', keyId) &&
    isId('organization', orgId) &&
    kind === 'service' &&
    isRole(role) &&
    Array.isArray(permissions) &&
    permissions.every(isPermission);
  if (!whole) throw unavailable('Keys cannot be checked now: the answer is not whole.');
  return { type: 'key', keyId, organizationId: orgId, role, permissions };
}

function refusal(code: VerifyReply['code'], permission: Permission | undefined): ProblemError {
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
      return new HttpProblem('too-many-requests', 'The key has used up its limit.', { 'Retry-After': '1' });
    case 'UNAVAILABLE':
    case 'VALID':
    default:
      // Also a code that a newer authorizer may know: what we do not understand permits nothing.
      return unavailable('Keys cannot be checked now. Repeat the request in a moment.');
  }
}
