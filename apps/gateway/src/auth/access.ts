/** Who may call a route: proves the caller and checks the permission. Refuses a route that says nothing. */
import { isId, ProblemError, type Permission, type Role } from '@mcpstack/contracts';
import {
  applyDecorators,
  Injectable,
  SetMetadata,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ApiExtension } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { positionOf } from '../http/position.ts';
import { unauthenticated } from '../http/problem-response.ts';
import { Exposure } from '../leaks/exposure.ts';
import { Reads, type Standing } from '../reads.ts';
import { setCaller, type Caller, type KeyCaller, type UserCaller } from './caller.ts';
import { readCredential, type ReadCredential } from './credentials.ts';
import { refuseCrossSite } from './cross-site.ts';
import { KeyCheck } from './key-check.ts';
import { checkScope } from './scope.ts';
import { SessionCookie } from './session-cookie.ts';
import { Sessions } from './sessions.ts';

export type AccessRule =
  | { to: 'public' }
  /** Any person or key in force. */
  | { to: 'anyone' }
  /** People's sessions only. */
  | { to: 'people' }
  /** Service keys only. */
  | { to: 'keys' }
  /**
   * Whoever holds the permission in the organization that the route names as `:orgId`. `self` is the parameter
   * that may name the caller: whoever it names needs no permission, only to be of the organization; and of people not
   * even that, because who has left asks again until it is final (G3). Issuance tells them from a stranger.
   */
  | { to: 'organization'; permission: Permission; self?: 'userId' | 'keyId' };

type OrganizationRule = Extract<AccessRule, { to: 'organization' }>;

const ACCESS = 'mcpstack:access';

/** Who may call the route; the guard reads it, and the OpenAPI document says it. */
export function Access(rule: AccessRule): MethodDecorator & ClassDecorator {
  return applyDecorators(
    SetMetadata(ACCESS, rule),
    ApiExtension('x-access', rule.to),
    ...(rule.to === 'organization' ? [ApiExtension('x-permission', rule.permission)] : []),
  );
}

export class TokenPrefix {
  constructor(readonly value: string) {}
}

@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly prefix: TokenPrefix,
    private readonly sessions: Sessions,
    private readonly cookie: SessionCookie,
    private readonly keys: KeyCheck,
    private readonly reads: Reads,
    private readonly exposure: Exposure,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const rule = accessRuleOf(this.reflector, context.getClass(), context.getHandler());
    if (!rule) throw new Error(`${context.getHandler().name} does not say who may call it`);
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    await this.exposure.refuse(request);
    if (rule.to === 'public') return true;
    const credential = readCredential(request.raw, this.prefix.value, this.cookie);
    if (credential.fromCookie) refuseCrossSite(request.raw, this.cookie.origin);
    const position = positionOf(request);
    const caller =
      credential.type === 'key'
        ? await this.key(credential.digest, rule, request, position)
        : await this.person(credential, rule, request, position);
    if (rule.to === 'organization') checkScope(caller, rule.permission, paramsOf(request));
    setCaller(request, caller);
    return true;
  }

  private async key(
    digest: string,
    rule: AccessRule,
    request: FastifyRequest,
    position: string | undefined,
  ): Promise<KeyCaller> {
    const permission = rule.to === 'organization' && !rule.self ? rule.permission : undefined;
    const caller = await this.keys.check(digest, {
      permission,
      position,
      ip: request.ip,
      userAgent: request.headers['user-agent'],
      requestId: request.id,
    });
    await this.exposure.refuseKey(caller, request);
    if (rule.to === 'people') throw new ProblemError('forbidden', 'Only a person may do this, not a key.');
    if (rule.to === 'organization') {
      if (!isSelf(caller, rule, request)) requirePermission(caller, rule.permission);
      // An organization that is not the key's own is answered as one that does not exist.
      if (caller.organizationId !== organizationIdOf(request)) throw noOrganization();
    }
    if (position !== undefined) await this.reads.reach(position);
    return caller;
  }

  private async person(
    credential: Extract<ReadCredential, { type: 'session' }>,
    rule: AccessRule,
    request: FastifyRequest,
    position: string | undefined,
  ): Promise<UserCaller> {
    const found = await this.sessions.find(credential);
    // The cookie is a browser's; what a device holds comes in a header.
    if (!found || (credential.fromCookie && found.kind !== 'browser')) throw unauthenticated('invalid');
    if (rule.to === 'keys') throw new ProblemError('forbidden', 'Only a service key may do this.');
    if (position !== undefined) await this.reads.reach(position);
    const { userId, sessionId } = found;
    const caller: UserCaller = { type: 'user', userId, sessionId };
    if (rule.to !== 'organization') return caller;
    const role = await this.member(caller, rule, request);
    return { ...caller, ...(role !== undefined && { role }) };
  }

  /** `undefined` for who is no member, where the route is about nobody else. */
  private async member(
    caller: UserCaller,
    rule: OrganizationRule,
    request: FastifyRequest,
  ): Promise<Role | undefined> {
    const organizationId = organizationIdOf(request);
    // Whoever is no member does not learn whether the organization exists.
    if (!isId('organization', organizationId)) throw noOrganization();
    const standing = await this.reads.standingOf(organizationId, caller.userId);
    if (!standing && rule.self === 'userId' && isSelf(caller, rule, request)) return undefined;
    if (!standing) throw noOrganization();
    if (!isSelf(caller, rule, request)) requirePermission(standing, rule.permission);
    return standing.role;
  }
}

/** What the route says of its callers; `undefined` for one that says nothing, which nobody may call. */
export function accessRuleOf(
  reflector: Reflector,
  controller: ReturnType<ExecutionContext['getClass']>,
  handler: ReturnType<ExecutionContext['getHandler']>,
): AccessRule | undefined {
  return reflector.getAllAndOverride<AccessRule | undefined>(ACCESS, [handler, controller]);
}

function isSelf(caller: Caller, { self }: OrganizationRule, request: FastifyRequest): boolean {
  if (self === undefined) return false;
  const id = caller.type === 'user' ? caller.userId : caller.keyId;
  return paramsOf(request)[self] === id;
}

function requirePermission(
  { permissions, suspended = false }: Pick<Standing, 'permissions'> & Partial<Standing>,
  permission: Permission,
): void {
  if (permissions.includes(permission)) return;
  const why = suspended
    ? 'The organization is suspended: until an owner resumes it, its members can only read.'
    : `This needs the permission ${permission}.`;
  throw new ProblemError('forbidden', why, { permission });
}

function paramsOf(request: FastifyRequest): Record<string, string> {
  return request.params as Record<string, string>;
}

function organizationIdOf(request: FastifyRequest): string | undefined {
  return paramsOf(request)['orgId'];
}

function noOrganization(): ProblemError {
  return new ProblemError('not-found', 'There is no such organization.');
}
