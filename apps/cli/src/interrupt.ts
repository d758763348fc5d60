/** Ctrl-C and other signals: the line under way is cleared, the exit code is a shell's, and no write is cut in two. */
import { constants } from 'node:os';

let atWork = 0;
let asked: NodeJS.Signals | undefined;
const cleanups = new Set<() => void>();

/** Ends the command by signals from now on, after the clean-ups. */
export function listenForSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interrupt(signal));
}

/** Ends the command as the signal does; at once when it comes a second time. */
export function interrupt(signal: NodeJS.Signals): void {
  const isSecond = asked !== undefined;
  asked = signal;
  if (atWork === 0 || isSecond) end(signal);
  process.stderr.write('\nFinishing what must not be cut in two. Ctrl-C once more ends it at once.\n');
}

/** Runs before the command ends by a signal; call the result when there is nothing to clean up any more. */
export function onInterrupt(cleanup: () => void): () => void {
  cleanups.add(cleanup);
  return () => cleanups.delete(cleanup);
}

/** Puts off the end by a signal until this is done. */
export async function uninterrupted<Result>(act: () => Promise<Result>): Promise<Result> {
  atWork += 1;
  try {
    return await act();
  } finally {
    atWork -= 1;
    if (asked !== undefined && atWork === 0) end(asked);
  }
}

function end(signal: NodeJS.Signals): never {
  for (const cleanup of cleanups) cleanup();
  // The terminal shows ^C at the end of a line.
  if (signal === 'SIGINT' && process.stderr.isTTY) process.stderr.write('\n');
  process.exit(128 + constants.signals[signal]);
}
