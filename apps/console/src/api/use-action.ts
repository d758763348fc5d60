/** One thing that the reader asks for: at most once at a time, and its problem in words. */
import { useCallback, useEffect, useRef, useState } from 'react';
import { problemOf, type ApiProblem } from './client.ts';

export interface Action<Args extends unknown[]> {
  /** Does it, unless it is under way. @returns whether it came about. */
  run: (...args: Args) => Promise<boolean>;
  isBusy: boolean;
  problem: ApiProblem | undefined;
  clear: () => void;
}

/**
 * A second click while the first is under way does nothing. What is answered is left to `act`: it is kept nowhere here,
 * because it may hold a secret.
 */
export function useAction<Args extends unknown[]>(act: (...args: Args) => Promise<void>): Action<Args> {
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ApiProblem>();
  const busy = useRef(false);
  const latest = useRef(act);
  useEffect(() => {
    latest.current = act;
  });
  const run = useCallback(async (...args: Args) => {
    if (busy.current) return false;
    busy.current = true;
    setBusy(true);
    setProblem(undefined);
    try {
      await latest.current(...args);
      return true;
    } catch (error) {
      setProblem(problemOf(error));
      return false;
    } finally {
      busy.current = false;
      setBusy(false);
    }
  }, []);
  return { run, isBusy, problem, clear: useCallback(() => setProblem(undefined), []) };
}
