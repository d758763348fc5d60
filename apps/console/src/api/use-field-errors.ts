/** What the API says of fields, at these fields. */
import { useEffect } from 'react';
import type { ApiProblem } from './client.ts';

/** Puts the errors of a problem into the form; typing in a field takes its error away, as with the form's own. */
export function useFieldErrors(
  form: { setErrors: (errors: Record<string, string>) => void },
  problem: ApiProblem | undefined,
): void {
  const { setErrors } = form;
  useEffect(() => {
    if (!problem || problem.errors.length === 0) return;
    setErrors(
      Object.fromEntries(
        problem.errors.map(({ field, message }) => [field, `The ${nameOf(field)} ${message}.`]),
      ),
    );
  }, [problem, setErrors]);
}

/** `origins.2` is the origin, for who sees it stand there. */
const nameOf = (field: string): string => field.replace(/s\.\d+.*$/, '');
