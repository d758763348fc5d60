/** Who may call a route: proves the caller and checks the permission. Refuses a route that says nothing. */
import { isId, permissionsOf, ProblemError, type Permission } from '@mcpstack/contracts';
import { Injectable, SetMetadata, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { positionOf } from '../http/position.ts';
import { unauthenticated } from '../http/problem-response.ts';
import { Reads } from '../reads.ts';
import { setCaller, type KeyCaller, type UserCaller } from './caller.ts';
import { readCredential } from './credentials.ts';
import { KeyCheck } from './key-check.ts';
import { Sessions } from './sessions.ts';

export type AccessRule =
  | { to: 'public' }
  /** Any person or key in force. */
  | { to: 'anyone' }
  /** People's sessions only. */
  | { to: 'people' }
  /** Whoever holds the permission in the organization that the route names as `:orgId`. */
  | { to: 'organization'; permission: Permission };

const ACCESS = 'mcpstack:access';
export const Access = (rule: AccessRule): MethodDecorator & ClassDecorator => SetMetadata(ACCESS, rule);

export class TokenPrefix {
  constructor(readonly value: string) {}
}

@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly prefix: TokenPrefix,
    private readonly sessions: Sessions,
    private readonly keys: KeyCheck,
    private readonly reads: Reads,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const targets = [context.getHandler(), context.getClass()];
    const rule = this.reflector.getAllAndOverride<AccessRule | undefined>(ACCESS, targets);
    if (!rule) throw new Error(`${context.getHandler().name} does not say who may call it`);
    if (rule.to === 'public') return true;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const credential = readCredential(request.raw, this.prefix.value);
    const position = positionOf(request);
    const caller =
      credential.type === 'key'
        ? await this.key(credential.digest, rule, request, position)
        : await this.person(credential.digest, rule, request, position);
    setCaller(request, caller);
    return true;
  }

  private async key(
    digest: string,
    rule: AccessRule,
    request: FastifyRequest,
    position: string | undefined,
  ): Promise<KeyCaller> {
    const permission = rule.to === 'organization' ? rule.permission : undefined;
    const caller = await this.keys.check(digest, { permission, position });
    if (rule.to === 'people') throw new ProblemError('forbidden', 'Only a person may do this, not a key.');
    // An organization that is not the key's own is answered as one that does not exist.
    if (rule.to === 'organization' && caller.organizationId !== organizationIdOf(request))
      throw noOrganization();
    if (position !== undefined) await this.reads.reach(position);
    return caller;
  }

  private async person(
    digest: string,
    rule: AccessRule,
    request: FastifyRequest,
    position: string | undefined,
  ): Promise<UserCaller> {
    const userId = await this.sessions.find(digest);
    if (userId === undefined) throw unauthenticated('invalid');
    if (position !== undefined) await this.reads.reach(position);
    if (rule.to === 'organization') await this.member(userId, rule.permission, request);
    return { type: 'user', userId, sessionDigest: digest };
  }

  private async member(userId: string, permission: Permission, request: FastifyRequest): Promise<void> {
    const organizationId = organizationIdOf(request);
    const role = isId('organization', organizationId)
      ? await this.reads.roleOf(organizationId, userId)
      : undefined;
    // Whoever is no member does not learn whether the organization exists.
    if (!role) throw noOrganization();
    if (!permissionsOf(role).includes(permission))
      throw new ProblemError('forbidden', `This needs the permission ${permission}.`, { permission });
  }
}

function organizationIdOf(request: FastifyRequest): string | undefined {
  return (request.params as { orgId?: string }).orgId;
}

function noOrganization(): ProblemError {
  return new ProblemError('not-found', 'There is no such organization.');
}
