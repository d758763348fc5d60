/** Refusals that several decisions share. */
import { nameProblem, ProblemError, type Actor, type FieldError, type Permission } from '@mcpstack/contracts';
import type { Authority } from './authority.ts';

/**
 * One answer, word for word, for "there is none", "it is another organization's" and "you are no member
 * here": whoever tries identifiers learns nothing of which exist (G8).
 */
export function notFound(): ProblemError {
  return new ProblemError('not-found', 'There is nothing here with this id, or it is not yours to see.');
}

/** Passes whoever holds the permission. Without any authority nothing exists; with too little it is 403. */
export function requirePermission(
  authority: Authority | undefined,
  permission: Permission,
): asserts authority is Authority {
  if (!authority) throw notFound();
  if (!authority.permissions.includes(permission)) throw lacking(permission);
}

export function lacking(permission: Permission): ProblemError {
  return new ProblemError('forbidden', `This needs the permission ${permission}.`, { permission });
}

/** A key that is limited to some agents or servers changes nothing that belongs to the organization as a whole. */
export function refuseScoped(authority: Authority): void {
  if (!authority.scope) return;
  throw new ProblemError(
    'forbidden',
    'This key is limited to some agents or servers: use one that is not, or ask a person.',
  );
}

/** Passes set-up, operations and our own services; never reachable over HTTP. */
export function requireSystem(actor: Actor): void {
  if (actor.type !== 'system')
    throw new ProblemError('forbidden', 'Only the service itself records this; nobody can ask for it.');
}

export function refuseBadName(name: string): void {
  const problem = nameProblem(name);
  if (problem !== undefined) throw invalidField('name', problem);
}

/** One field that is wrong. `message` goes on after the field's name. */
export function invalidField(field: string, message: string): ProblemError {
  return new ProblemError('validation-failed', `The field ${field} ${message}.`, {
    errors: [{ field, message }],
  });
}

/** @throws ProblemError with `message` that names each of the fields, when there are any. */
export function refuseInvalid(message: string, errors: readonly FieldError[]): void {
  if (errors.length > 0) throw new ProblemError('validation-failed', message, { errors });
}

export function conflict(message: string): ProblemError {
  return new ProblemError('conflict', message);
}
