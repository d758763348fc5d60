/** Recorded cases that the spec does not run, each with its reason. A pattern ends with `*`. */
export interface LeftOutCase {
  cases: string;
  reason: string;
}

const CLIENT_ONLY = 'the client alone decides it; no server answers';
const LONG = 'takes 10 to 45 s of waiting; the contract holds the adapter to its own timers on a hung server';
const NO_STOP = 'the double ends at once on SIGTERM; the node takes up to 5 s';
const TIMING = 'depends on the timing of the recorded machine';

export const LEFT_OUT: readonly LeftOutCase[] = [
  { cases: 'idem/after-1M-*', reason: 'a million events; restart-* and any-window/* show the same rules' },
  ...['20000', '40000', '60000', '80000', '120000'].map((others) => ({
    cases: `idem/any-window/${others}`,
    reason: 'the same as 10000, for minutes; the adapter never appends with any',
  })),
  ...['200000', '400000'].map((others) => ({
    cases: `idem/any-window/${others}`,
    reason: 'the double forgets ids of any on a restart only; the adapter never appends with any',
  })),
  ...['10000', '40000'].map((others) => ({
    cases: `idem/any-window-single/${others}`,
    reason: 'the same as 2000, for minutes; the adapter never appends with any',
  })),
  { cases: 'idem/2-clients-same-id/no_stream', reason: `${TIMING}: whether the two overlap at all` },
  { cases: 'idem/3-concurrent-same-id-unary', reason: `${TIMING}: whether the three calls overlap at all` },
  { cases: 'read/break-early', reason: 'holds a time only' },
  { cases: 'read/after-break', reason: 'holds a time only' },
  {
    cases: 'sub/checkpoint/*',
    reason: "how often checkpoints come is the node's rhythm; the adapter uses none",
  },
  { cases: 'sub/callbacks-run-ahead/*', reason: `${TIMING}; the adapter uses no callback` },
  {
    cases: 'sub/resume-with-commit-only',
    reason: 'about checkpoints whose prepare differs; the double has none',
  },
  {
    cases: 'sub/checkpointReached-*',
    reason: 'ends the process by design; the adapter hands over no callback',
  },
  { cases: 'sub/server-term*', reason: NO_STOP },
  { cases: 'sub/SIGSTOP/*', reason: LONG },
  {
    cases: 'sub/slow/*',
    reason: '100 MB each; the contract has a slow consumer of 1e5 events in bounded memory',
  },
  { cases: 'two-clients/*', reason: `${LONG}; one client object is open per log` },
  { cases: 'wrong-port/silent-tcp/*', reason: LONG },
  { cases: 'hung/*', reason: LONG },
  { cases: 'deadline/1ms/append', reason: `${TIMING}: whether a millisecond passes before the server looks` },
  {
    cases: 'deadline/5ms/append',
    reason: `${TIMING}: whether five milliseconds pass before the server looks`,
  },
  { cases: 'deadline/1ms/delete', reason: `${TIMING}; ${CLIENT_ONLY}` },
  { cases: 'boot/append-while-starting', reason: `${TIMING}: counts tries while the node elects itself` },
  { cases: 'auth/acl/create-user', reason: 'the HTTP API; the double is started with its users' },
  { cases: 'midread/*/kill9', reason: `${TIMING}; the contract kills the server during subscriptions` },
  { cases: 'midread/*/term', reason: NO_STOP },
  { cases: 'term/appends-in-flight', reason: NO_STOP },
  {
    cases: 'limits/subscriptions-130',
    reason: 'an append that hangs for 8 s; the adapter stays below the limit',
  },
];

export function isLeftOut(name: string, { cases }: LeftOutCase): boolean {
  const pattern = cases.replace(/[.$^+?()[\]{}|\\]/g, '\\$&').replaceAll('*', '.*');
  return new RegExp(`^${pattern}$`).test(name);
}
