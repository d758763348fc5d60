/** NestJS, on Express or Fastify: a guard, and decorators for what a route demands and for the key. */
import {
  createParamDecorator,
  HttpException,
  SetMetadata,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import type { Permission } from '@mcpstack/contracts';
import { requestCheck, validatePermission, type RequireKeyOptions } from './http.ts';
import { fromNode, keep, keyOf, type NodeRequest } from './http-node.ts';
import type { Verifier } from './verifier.ts';

export { keyOf } from './http-node.ts';
export type { CheckedKey, RequireKeyOptions } from './http.ts';

const PERMISSION = 'mcpstack:permission';

/**
 * What a key must be allowed to do on a route, or on all routes of a controller; the route's own counts. It is the
 * guard that looks at it: without one it demands nothing.
 *
 * @throws RangeError for what is no permission.
 */
export function RequirePermission(permission: Permission): ClassDecorator & MethodDecorator {
  validatePermission(permission);
  return SetMetadata(PERMISSION, permission);
}

/** A handler's parameter: the key that let the request through. */
export const Key: () => ParameterDecorator = createParamDecorator((_: unknown, context: ExecutionContext) =>
  keyOf(context.switchToHttp().getRequest<object>()),
);

/**
 * A guard for a route, a controller or, with `useGlobalGuards`, the app. A refusal is an `HttpException` whose
 * body is the problem. What is not HTTP does not pass.
 *
 * @example
 * app.useGlobalGuards(keyGuard(verifier, { trustedProxies: ['10.0.0.0/8'] }));
 *
 * @throws RangeError for an option that cannot be used.
 */
export function keyGuard(verifier: Verifier, options: RequireKeyOptions = {}): CanActivate {
  const checks = new Map([[options.permission, requestCheck(verifier, options)]]);
  const checkFor = (permission: Permission | undefined) => {
    let check = checks.get(permission);
    // At most one for each permission there is.
    if (!check)
      checks.set(permission, (check = requestCheck(verifier, { ...options, permission: permission! })));
    return check;
  };
  return {
    async canActivate(context) {
      if (context.getType() !== 'http') return false;
      const request = context.switchToHttp().getRequest<PlatformRequest>();
      const outcome = await checkFor(declared(context) ?? options.permission)(
        fromNode(request.raw ?? request, request.originalUrl),
      );
      if (outcome.ok) {
        keep(request, outcome.key);
        return true;
      }
      const response = context.switchToHttp().getResponse<PlatformResponse>();
      for (const [name, value] of Object.entries(outcome.headers)) response.header(name, value);
      throw new HttpException(outcome.body, outcome.status);
    },
  };
}

/** Fastify's request has Node's in `raw`; Express's is Node's. */
type PlatformRequest = NodeRequest & { raw?: NodeRequest; originalUrl?: string };
interface PlatformResponse {
  header(name: string, value: string): unknown;
}

function declared(context: ExecutionContext): Permission | undefined {
  // Its types come with a package that Nest brings, and this one need not name.
  const reflect = Reflect as unknown as { getMetadata(name: string, target: object): unknown };
  const ofRoute = reflect.getMetadata(PERMISSION, context.getHandler());
  return (ofRoute ?? reflect.getMetadata(PERMISSION, context.getClass())) as Permission | undefined;
}
