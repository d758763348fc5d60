/** What the API says of fields, at these fields. */
import { useEffect } from 'react';
import type { ApiProblem } from './client.ts';

/**
 * Puts the errors of a problem into the form; typing in a field takes its error away, as with the form's own.
 * @param typingMs how long the form waits before it looks at what was typed: a look that was due when the form was sent
 *   would find nothing wrong and take the error away, so that it is put there once more afterwards.
 */
export function useFieldErrors(
  form: { setErrors: (errors: Record<string, string>) => void },
  problem: ApiProblem | undefined,
  typingMs?: number,
): void {
  const { setErrors } = form;
  useEffect(() => {
    if (!problem || problem.errors.length === 0) return;
    const show = (): void =>
      setErrors(
        Object.fromEntries(
          problem.errors.map(({ field, message }) => [field, `The ${nameOf(field)} ${message}.`]),
        ),
      );
    show();
    if (typingMs === undefined) return;
    const again = setTimeout(show, typingMs);
    return () => clearTimeout(again);
  }, [problem, setErrors, typingMs]);
}

/** `origins.2` is the origin, for who sees it stand there. */
const nameOf = (field: string): string => field.replace(/s\.\d+.*$/, '');
