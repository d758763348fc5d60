/** Retries (G2): from the caller's Idempotency-Key to the command id that makes a retry the same command. */
import { createHash, randomUUID } from 'node:crypto';
import { ProblemError, uuidFrom, type Actor, type CommandName } from '@mcpstack/contracts';
import type { FastifyRequest } from 'fastify';
import { canonicalJson } from './canonical-json.ts';
import { headerValues } from './headers.ts';

/**
 * The caller's Idempotency-Key. It can open a kept secret, so it is never logged.
 * @throws ProblemError `bad-request` unless it is 1 to 255 visible ASCII characters, sent once.
 */
export function idempotencyKeyOf(request: FastifyRequest): string | undefined {
  const values = headerValues(request.raw, 'idempotency-key');
  if (values.length === 0) return undefined;
  if (values.length > 1 || !/^[\x21-\x7e]{1,255}$/.test(values[0]!)) {
    throw new ProblemError('bad-request', 'Idempotency-Key must be 1 to 255 visible ASCII characters.');
  }
  return values[0];
}

/** Where a command came in. Two requests with one Idempotency-Key are the same only if all of it is. */
export interface CommandOrigin {
  actor: Actor;
  /** Method and route pattern, such as `POST /api/v1/organizations`. */
  route: string;
  /** The values of the route's parameters, in order. */
  targets: readonly string[];
}

/** The same for every retry with one key; random without a key. */
export function commandIdOf(origin: CommandOrigin, idempotencyKey: string | undefined): string {
  if (idempotencyKey === undefined) return randomUUID();
  const { actor, route, targets } = origin;
  return uuidFrom(JSON.stringify(['command', actor.type, actor.id, route, targets, idempotencyKey]));
}

/** SHA-256 (hexadecimal) of what was asked: tells a retry from another request under the same key. */
export function requestDigest(command: CommandName, input: unknown): string {
  return createHash('sha256').update(canonicalJson({ command, input })).digest('hex');
}
