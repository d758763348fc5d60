/**
 * The contract of the event log, run on every adapter. An adapter's spec calls `eventStoreContract` with
 * a factory that starts its server; what it cannot run stands in `leftOut`, each case with its reason,
 * and shows as skipped.
 *
 * Rules that the port leaves open and that this suite fixes for all adapters:
 *
 * - **What counts as the same append.** The ids at the revisions where the append would land, one by
 *   one: if each of them stands there already, the answer is the original one. It does not matter how
 *   many appends wrote them. Whatever is longer than what stands there, shifted, reordered or partly
 *   another id is a conflict with the actual revision, and nothing is written.
 * - **Only that place is looked at.** An id that stands further back in the stream, or in another
 *   stream, is no duplicate: it is written again. Callers find their own earlier events first, as
 *   `handleCommand` does.
 * - **An empty append** checks the revision, writes nothing, and answers with the stream's last revision
 *   and position; -1n and -1n for a stream that is not there.
 * - **`timeoutMs`** bounds what a call waits for the server. While a reader is busy with what it was
 *   handed, no time runs.
 */
import { type EventStore, type OpenOptions } from '@mcpstack/event-store';
import { appendCases } from './contract/append.ts';
import { failureCases } from './contract/failure.ts';
import { readCases } from './contract/read.ts';
import { subscribeCases } from './contract/subscribe.ts';
import { truncateCases } from './contract/truncate.ts';

/** A running server and what a test may do to it. */
export interface ContractServer {
  /** What EVENT_STORE_URL would be. */
  url: string;
  /** Opens the log on it. The suite closes what it opens. */
  open(options?: OpenOptions): Promise<EventStore>;
  /** SIGKILL: resolves when it is gone. The data stays. */
  kill(): Promise<void>;
  /** Starts it again after `kill`, on the same data and port: resolves when it takes appends. */
  restart(): Promise<void>;
  /** SIGSTOP: its sockets stay open, nobody answers. */
  pause(): Promise<void>;
  /** SIGCONT. */
  resume(): Promise<void>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
  /** What the operator does so that truncated events are gone for subscribers too. Absent: they are gone at once. */
  scavenge?(): Promise<void>;
  /** Opens the log with credentials that the server refuses; they hold the text `wrong-secret`. */
  openWithWrongCredentials?(): Promise<EventStore>;
}

export interface LeftOut {
  /** The case's name, as it stands in the suite. */
  case: string;
  reason: string;
}

/** What a case gets: one server for all of them, one open log, and streams that nobody else uses. */
export interface World {
  server: ContractServer;
  store: EventStore;
  /** How many events the longest stream has; of 1 kB each. */
  bulkEvents: number;
}

export interface ContractCase {
  name: string;
  run(world: World): Promise<void>;
  /** Milliseconds; 30,000 by default. */
  timeoutMs?: number;
}

export const CONTRACT: readonly ContractCase[] = [
  ...appendCases,
  ...readCases,
  ...subscribeCases,
  ...truncateCases,
  ...failureCases,
];

/** Declares the whole suite for one adapter. */
export function eventStoreContract(
  name: string,
  start: () => Promise<ContractServer>,
  leftOut: readonly LeftOut[] = [],
  { bulkEvents = 100_000 }: { bulkEvents?: number } = {},
): void {
  describe(`the event log's contract on ${name}`, () => {
    const world = { bulkEvents } as World;

    beforeAll(async () => {
      world.server = await start();
      world.store = await world.server.open();
    }, 240_000);

    afterAll(async () => {
      await world.store?.close();
      await world.server?.stop();
    }, 240_000);

    it('leaves out only cases that exist, each with a reason', () => {
      for (const { case: left, reason } of leftOut) {
        expect(CONTRACT.map((one) => one.name)).toContain(left);
        expect(reason).not.toBe('');
      }
    });

    for (const one of CONTRACT) {
      const skipped = leftOut.find((left) => left.case === one.name);
      if (skipped) it.skip(`${one.name} (left out: ${skipped.reason})`, () => undefined);
      else it(one.name, () => one.run(world), one.timeoutMs ?? 30_000);
    }
  });
}
