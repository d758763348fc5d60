/** Who sent a request, once proven. */
import { ProblemError, type Actor, type KeyScope, type Permission, type Role } from '@mcpstack/contracts';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

/** A person, by session. What they may do depends on the organization. */
export interface UserCaller {
  type: 'user';
  userId: string;
  /** Names the session; not the token. */
  sessionId: string;
  /** In the organization that the route names; absent where it names none. */
  role?: Role;
}

/** A service key. It belongs to one organization. */
export interface KeyCaller {
  type: 'key';
  keyId: string;
  organizationId: string;
  role: Role;
  permissions: readonly Permission[];
  /** Limits it to some agents or servers of the organization. */
  scope?: KeyScope;
  expiresAt?: string;
}

export type Caller = UserCaller | KeyCaller;

const callers = new WeakMap<FastifyRequest, Caller>();

/** Set by the access guard alone. */
export function setCaller(request: FastifyRequest, caller: Caller): void {
  callers.set(request, caller);
}

/** @throws Error when the route is public: it has no caller to speak of. */
export function callerOf(request: FastifyRequest): Caller {
  const caller = callers.get(request);
  if (!caller) throw new Error('this route has no caller');
  return caller;
}

export function actorOf(caller: Caller): Actor {
  return caller.type === 'user' ? { type: 'user', id: caller.userId } : { type: 'key', id: caller.keyId };
}

/** The guard lets only people in; this holds the routes to it. */
export function asUser(caller: Caller): UserCaller {
  if (caller.type === 'user') return caller;
  throw new ProblemError('forbidden', 'Only a person may do this, not a key.');
}

/** The caller as a handler's parameter. */
export const CurrentCaller = createParamDecorator((_: unknown, context: ExecutionContext) =>
  callerOf(context.switchToHttp().getRequest<FastifyRequest>()),
);
