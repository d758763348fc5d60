export interface StopSignal {
  /** The signal that came, if any. */
  readonly signal: NodeJS.Signals | undefined;
  /** Settles when the first one comes. */
  readonly received: Promise<void>;
  /** The result of `work`, unless a signal came meanwhile: then it rejects, so that nothing goes on. */
  unlessStopped<T>(work: Promise<T>): Promise<T>;
}

const PARENT_POLL_MS = 500;

/** Ctrl-C, SIGTERM and a closed terminal ask us to stop; a second one ends us at once (and our children with us). */
export function listenForStop(): StopSignal {
  let signal: NodeJS.Signals | undefined;
  const received = new Promise<void>((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(name, () => {
        // npm passes on a Ctrl-C that the terminal has sent us already: that is one wish, not two.
        if (signal && signal !== name) process.exit(130);
        signal ??= name;
        resolve();
      });
    }
    whenNpmIsGone(() => {
      signal ??= 'SIGTERM';
      resolve();
    });
  });
  return {
    get signal() {
      return signal;
    },
    received,
    async unlessStopped(work) {
      const result = await work;
      if (signal) throw new Error(`stopped by ${signal}`);
      return result;
    },
  };
}

/**
 * npm passes a SIGTERM on to the shell between it and us, which ends without telling us; the same when npm
 * is killed. Then our parent is another process: that is a wish to stop.
 */
function whenNpmIsGone(stop: () => void): void {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) stop();
  }, PARENT_POLL_MS).unref();
}
