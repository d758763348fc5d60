/** A writer that stamps, and helpers, for the specs of the reader. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { FreshnessSettings } from '@mcpstack/contracts';
import { applyEvents, ReadModelWriter, type LastEvent, type WriteSession } from '../src/index.ts';
import type { MemoryLog } from './log.ts';

/** Small enough for tests: Δ 100 ms, T 600 ms. */
export const FRESHNESS: FreshnessSettings = { deltaMs: 100, stampLifeMs: 600, leaseLifeMs: 400 };

/** For writes that are about no event in particular. */
export function eventAt(position: bigint): LastEvent {
  return { position, stream: 'key-none', revision: 0n, id: 'none' };
}

/** A session that has applied the whole log and put its generation in force; it does not stamp yet. */
export async function writeLog(url: string, log: MemoryLog): Promise<WriteSession> {
  const session = await new ReadModelWriter({ url }).begin();
  const generation = await session.build('log-1');
  await applyEvents(session, generation, log.events, log.readStream);
  await session.switchTo(generation);
  return session;
}

/** Stamps every T/5 until stopped or refused. */
export function stamping(session: WriteSession): { stop: () => Promise<void> } {
  let stopped = false;
  const loop = async (): Promise<void> => {
    while (!stopped) {
      await session.stamp();
      await sleep(FRESHNESS.stampLifeMs / 5);
    }
  };
  const running = loop().catch(() => undefined);
  return {
    stop: async () => {
      stopped = true;
      await running;
    },
  };
}

/** Polls until the condition holds. */
export async function until<Value>(
  what: string,
  probe: () => Promise<Value | undefined | false>,
  timeoutMs = 60_000,
): Promise<Value> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const value = await probe();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > deadline) throw new Error(`not in time: ${what}`);
    await sleep(5);
  }
}
