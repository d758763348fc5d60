/** Unknown query fields, bodies where none is read, and a condition that nobody compares are refused by name. */
import { ProblemError } from '@mcpstack/contracts';
import { Injectable, SetMetadata, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { refuseUnread } from './etag.ts';
import { refuseMoreValues } from './json-body.ts';
import { fieldProblem, shown } from './problem-response.ts';

export interface Accepted {
  /** The query fields that the route reads. `any`: whoever sends the browser there chooses them. */
  query?: readonly string[] | 'any';
  /**
   * Whether the route reads a body. `raw`: as bytes, which the route bounds and checks itself; `form`: of a page of
   * ours, as text.
   */
  body?: boolean | 'optional' | 'raw' | 'form';
  /** How many values the body may hold, in all its levels; DEFAULT_MAX_VALUES if absent. */
  maxValues?: number;
}

/** Validation reports every unknown field, so a body that holds more than any of ours is not looked at. */
export const DEFAULT_MAX_VALUES = 1_000;

const ACCEPTED = 'mcpstack:accepted';

/** What a route reads beside its path. A route without this reads nothing. */
export const Accepts = (accepted: Accepted): MethodDecorator => SetMetadata(ACCEPTED, accepted);

@Injectable()
export class AcceptsGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    const accepted = this.reflector.get<Accepted | undefined>(ACCEPTED, context.getHandler()) ?? {};
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    refuseUnread(request, context.getHandler());
    if (accepted.query !== 'any') refuseUnknown(request, accepted.query ?? []);
    if (accepted.body === 'raw' || accepted.body === 'form') return true;
    if (accepted.body) {
      if (!request.body && accepted.body !== 'optional')
        throw new ProblemError('bad-request', 'The body must be a JSON object.');
      refuseMoreValues(request.body, accepted.maxValues ?? DEFAULT_MAX_VALUES);
    } else {
      const field = Object.keys((request.body as object | undefined) ?? {})[0];
      if (field !== undefined) throw fieldProblem(shown(field), 'this address reads no body');
    }
    return true;
  }
}

function refuseUnknown(request: FastifyRequest, known: readonly string[]): void {
  const extra = Object.keys(request.query as object).find((field) => !known.includes(field));
  if (extra !== undefined) throw fieldProblem(shown(extra), 'is no query field of this address');
}
