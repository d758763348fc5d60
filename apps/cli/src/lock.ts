/**
 * A lock between processes that outlives none of them. A lock is a file with a number; who makes the file with the
 * next number holds the lock. The file with the highest number is never removed, only marked when its holder lets
 * go; so nobody can remove a lock that somebody else has just taken. A holder that died is told by its process
 * id, or, where that says nothing, by the mark of life that it no longer gives.
 */
import {
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const LET_GO = 'free';
const LOOK_EVERY_MS = 20;
const LIFE_EVERY_MS = 1_000;
/** Without a mark of life for as long as this, watched by the waiter itself, a holder is taken for dead. */
const DEAD_AFTER_MS = 10_000;

export class NotFree extends Error {
  override readonly name = 'NotFree';
}

/**
 * Runs `act` while no other process does.
 * @param path of the lock; files beside it carry a number at their end.
 * @param settled asked while waiting: an answer makes the lock unnecessary and is returned.
 * @param deadAfterMs how long a waiter watches a holder that gives no sign of life.
 * @throws the error of the file system where no lock can be made, and NotFree after `mostMs`.
 */
export async function withLock<Result>(
  path: string,
  act: () => Promise<Result>,
  {
    settled = () => undefined,
    mostMs = 60_000,
    deadAfterMs = DEAD_AFTER_MS,
  }: { settled?: () => Result | undefined; mostMs?: number; deadAfterMs?: number } = {},
): Promise<Result> {
  const endMs = performance.now() + mostMs;
  const watch = new Watch(deadAfterMs);
  for (;;) {
    const answer = settled();
    if (answer !== undefined) return answer;
    const newest = highest(path);
    if ((newest === 0 || watch.isFree(`${path}.${newest}`)) && take(path, newest + 1)) {
      return hold(path, newest + 1, act);
    }
    if (performance.now() > endMs) throw new NotFree(`${path} was not free in ${mostMs} ms.`);
    await delay(LOOK_EVERY_MS * (1 + Math.random()));
  }
}

function numbers(path: string): number[] {
  const start = `${basename(path)}.`;
  return readdirSync(dirname(path))
    .filter((name) => name.startsWith(start) && /^\d{1,15}$/.test(name.slice(start.length)))
    .map((name) => Number(name.slice(start.length)));
}

function highest(path: string): number {
  return Math.max(0, ...numbers(path));
}

/** Whether the lock is ours now. One whose number was low because others came and went meanwhile is none. */
export function take(path: string, number: number): boolean {
  const own = `${path}.${number}`;
  try {
    closeSync(openSync(own, 'wx', 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
  if (highest(path) !== number) {
    remove(own);
    return false;
  }
  writeFileSync(own, JSON.stringify(holder()));
  for (const other of numbers(path)) if (other < number) remove(`${path}.${other}`);
  return true;
}

async function hold<Result>(path: string, number: number, act: () => Promise<Result>): Promise<Result> {
  const own = `${path}.${number}`;
  const letGo = (): void => writeFileSync(own, LET_GO);
  const alive = setInterval(() => giveSign(own), LIFE_EVERY_MS);
  alive.unref();
  process.once('exit', letGo);
  try {
    return await act();
  } finally {
    clearInterval(alive);
    process.removeListener('exit', letGo);
    letGo();
  }
}

function giveSign(path: string): void {
  try {
    utimesSync(path, new Date(), new Date());
  } catch {
    // We stood still for so long that another took over.
  }
}

function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

/** Process ids mean something only where they are from: not on another machine, nor in another container. */
function holder(): { pid: number; where: string } {
  let space = '';
  try {
    space = readlinkSync('/proc/self/ns/pid');
  } catch {
    // No such thing on this system.
  }
  return { pid: process.pid, where: `${hostname()} ${space}` };
}

/** What one waiter has seen of a holder, on its own clock. */
class Watch {
  readonly #deadAfterMs: number;
  #seen = '';
  #sinceMs = 0;

  constructor(deadAfterMs: number) {
    this.#deadAfterMs = deadAfterMs;
  }

  isFree(path: string): boolean {
    let text: string;
    let changedMs: number;
    try {
      text = readFileSync(path, 'utf8');
      changedMs = statSync(path).mtimeMs;
    } catch {
      // Gone: somebody holds a newer one.
      return false;
    }
    if (text === LET_GO || isDead(text)) return true;
    const seen = `${path} ${text} ${changedMs}`;
    if (seen !== this.#seen) {
      this.#seen = seen;
      this.#sinceMs = performance.now();
    }
    return performance.now() - this.#sinceMs > this.#deadAfterMs;
  }
}

function isDead(text: string): boolean {
  try {
    const { pid, where } = JSON.parse(text) as { pid: number; where: string };
    if (where !== holder().where) return false;
    process.kill(pid, 0);
    return false;
  } catch (error) {
    // EPERM: it lives and is somebody else's. A text that is none of ours was cut off; time will tell.
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
