/** What the cases of the contract share: events, streams, and ways to collect them. */
import { randomBytes, randomUUID } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { EventStore, NewEvent, RecordedEvent } from '@mcpstack/event-store';

/** A category that no other case uses. */
export function freshCategory(): string {
  return `c${randomBytes(6).toString('hex')}`;
}

/** A stream that no other case uses. */
export function freshStream(category = freshCategory()): string {
  return `${category}-${randomBytes(8).toString('hex')}`;
}

export function event(data: Record<string, unknown> = {}, type = 'Happened'): NewEvent {
  return { id: randomUUID(), type, data, metadata: { at: '2026-01-02T03:04:05.678Z' } };
}

export function events(count: number, data: Record<string, unknown> = {}): NewEvent[] {
  return Array.from({ length: count }, (_, n) => event({ ...data, n }));
}

export async function collect<T>(source: AsyncIterable<T>, atMost = Infinity): Promise<T[]> {
  const all: T[] = [];
  for await (const one of source) {
    all.push(one);
    if (all.length >= atMost) break;
  }
  return all;
}

/** The ids of a stream, in order. */
export async function idsOf(store: EventStore, stream: string): Promise<string[]> {
  return (await collect(store.readStream(stream))).map((one) => one.id);
}

/** Takes `count` events of a subscription, then ends it. Hangs (and so fails the case) when they never come. */
export async function take(
  store: EventStore,
  count: number,
  options: { after?: bigint; categories?: readonly string[] },
): Promise<RecordedEvent[]> {
  const stop = new AbortController();
  const all: RecordedEvent[] = [];
  for await (const one of store.subscribe({ ...options, signal: stop.signal })) {
    all.push(one);
    if (all.length === count) stop.abort();
  }
  return all;
}

/** The error that a promise rejects with; a promise that does not reject is itself an error. */
export async function errorOf(promise: Promise<unknown>): Promise<Error & { code?: string }> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error('it did not reject');
}

/** Bytes of live heap and buffers: what is left after a full garbage collection. */
export function memoryInUse(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Awaits a condition, looking every few milliseconds. */
export async function eventually(condition: () => boolean, what: string, withinMs = 15_000): Promise<void> {
  const until = performance.now() + withinMs;
  while (!condition()) {
    if (performance.now() > until) throw new Error(`not within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Calls again while the log is unavailable, as a caller does: an append with the same ids and revision. */
export async function persistently<T>(call: () => Promise<T>, withinMs = 20_000): Promise<T> {
  const until = performance.now() + withinMs;
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if ((error as { code?: string }).code !== 'unavailable' || performance.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
