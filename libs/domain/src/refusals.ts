/** Refusals that several decisions share. */
import { nameProblem, ProblemError, type Permission } from '@mcpstack/contracts';
import type { Authority } from './authority.ts';

/**
 * One answer, word for word, for "there is none", "it is another organization's" and "you are no member
 * here": whoever tries identifiers learns nothing of which exist (G8).
 */
export function notFound(): ProblemError {
  return new ProblemError('not-found', 'There is no such organization or key, or it is not yours to see.');
}

/** Passes whoever holds the permission. Without any authority nothing exists; with too little it is 403. */
export function requirePermission(
  authority: Authority | undefined,
  permission: Permission,
): asserts authority is Authority {
  if (!authority) throw notFound();
  if (!authority.permissions.includes(permission))
    throw new ProblemError('forbidden', `This needs the permission ${permission}.`, { permission });
}

export function refuseBadName(name: string): void {
  const problem = nameProblem(name);
  if (problem === undefined) return;
  throw new ProblemError('validation-failed', `The name ${problem}.`, {
    errors: [{ field: 'name', message: problem }],
  });
}
