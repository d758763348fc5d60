/** Faults, one after the other, and the alerts that each makes fire: those that it should, and no others. */
import { waitFor } from '@mcpstack/local-servers';
import type { Labels, Prometheus } from './prometheus.ts';

/** Waits are for conditions; this only ends a spec that waits in vain on a slow machine. */
const PATIENCE_MS = 240_000;
/** What tells two alerts of one name apart. */
const TELLING = ['part', 'check', 'to', 'command', 'work', 'reason', 'witness'];

/** How long one request takes is not scaled: a machine that is busy with something else is slow by itself. */
const OF_A_BUSY_MACHINE: readonly Pattern[] = ['McpstackVerifySlow', 'McpstackGatewaySlow'];

/** `Name` or `Name{part=x,to=y}`: the name of an alert, and labels that it has among others. */
export type Pattern = string;

export interface Fault {
  what: string;
  /** Each of these fires. */
  expected: readonly Pattern[];
  /** These may fire too: they follow from the fault. */
  consequences?: readonly Pattern[];
  /** Brings the fault about; what was done to mend it is undone by what this answers. */
  begin: () => Promise<() => unknown>;
}

export interface Seen {
  fault: string;
  alert: string;
  firesAfterS: number;
  silentAfterS: number;
}

/** A fault that goes on while others come and go. */
export interface Running extends Fault {
  beganAtMs: number;
  /** When nothing of it fired any more. */
  endedAtMs?: number;
  mend: () => unknown;
  isMended?: true;
}

export class Watch {
  readonly seen: Seen[] = [];
  /** All that there were: what one makes fire is no surprise to those that were there at the same time. */
  readonly #faults: Running[] = [];

  constructor(
    readonly prometheus: Prometheus,
    /** Tells Prometheus's time from the beginning. */
    readonly beganAtMs = Date.now(),
  ) {}

  /** Waits until no alert has fired for so long; answers at once with what does when it does so again and again. */
  async silence(forMs: number): Promise<void> {
    await waitFor(
      async () => {
        const fired = await this.prometheus.fired(Date.now() - forMs);
        if (fired.length > 0) throw new Error(`it fires: ${fired.map(nameOf).join(', ')}`);
        return true;
      },
      { timeoutMs: PATIENCE_MS, intervalMs: 500, what: `no alert for ${forMs} ms` },
    );
  }

  async begin(fault: Fault): Promise<Running> {
    const beganAtMs = Date.now();
    const running: Running = { ...fault, beganAtMs, mend: await fault.begin() };
    this.#faults.push(running);
    return running;
  }

  /** Until each alert that it should make fire does so, at one time or another. */
  async fires({ what, expected, beganAtMs }: Running): Promise<number> {
    let missing: readonly Pattern[] = expected;
    await waitFor(
      async () => {
        const fired = await this.prometheus.fired(beganAtMs);
        missing = expected.filter((pattern) => !fired.some((labels) => matches(pattern, labels)));
        if (missing.length > 0) throw new Error(`not yet: ${missing.join(', ')}`);
        return true;
      },
      { timeoutMs: PATIENCE_MS, intervalMs: 250, what: `${what}: alerts to fire` },
    );
    return (Date.now() - beganAtMs) / 1_000;
  }

  /** Until nothing of it fires any more. @throws Error for what fired and follows from no fault that was there. */
  async mended(running: Running): Promise<void> {
    const firesAfterS = await this.fires(running);
    await running.mend();
    running.isMended = true;
    const mendedAtMs = Date.now();
    const own = [...running.expected, ...(running.consequences ?? [])];
    const { beganAtMs } = running;
    const others = this.#faults.filter(
      (other) => other !== running && (other.endedAtMs === undefined || other.endedAtMs >= beganAtMs),
    );
    const isOthers = (labels: Labels) =>
      others.some((other) => isOf(other, labels)) ||
      OF_A_BUSY_MACHINE.some((pattern) => matches(pattern, labels));
    await waitFor(
      async () => {
        const goingOn = others.filter(({ endedAtMs }) => endedAtMs === undefined);
        const isExpected = (labels: Labels) => goingOn.some((other) => isOf(other, labels));
        const still = (await this.prometheus.fired()).filter((labels) => !isExpected(labels));
        if (still.length > 0) throw new Error(`it fires: ${still.map(nameOf).join(', ')}`);
        return true;
      },
      { timeoutMs: PATIENCE_MS, intervalMs: 250, what: `${running.what}: alerts to be silent` },
    );
    const fired = await this.prometheus.fired(beganAtMs);
    const strangers = fired.filter((labels) => !isOf(running, labels) && !isOthers(labels));
    if (strangers.length > 0)
      throw new Error(
        `${running.what}: ${strangers.map(nameOf).join(', ')} fired, and not only ${own.join(', ')}`,
      );
    running.endedAtMs = Date.now();
    const silentAfterS = (Date.now() - mendedAtMs) / 1_000;
    for (const alert of running.expected)
      this.seen.push({
        fault: running.what,
        alert,
        firesAfterS: round(firesAfterS),
        silentAfterS: round(silentAfterS),
      });
  }

  /** One fault from its beginning to the silence after it. */
  async over(fault: Fault): Promise<void> {
    const running = await this.begin(fault);
    try {
      await this.mended(running);
    } catch (error) {
      // Whatever is wrong with it, what comes next is not to suffer from it.
      if (!running.isMended) await running.mend();
      running.endedAtMs = Date.now();
      throw error;
    }
  }
}

function isOf({ expected, consequences = [] }: Fault, labels: Labels): boolean {
  return [...expected, ...consequences].some((pattern) => matches(pattern, labels));
}

export function matches(pattern: Pattern, labels: Labels): boolean {
  const [, name, wanted = ''] = /^(\w+)(?:\{(.*)\})?$/.exec(pattern)!;
  const pairs = wanted.split(',').filter(Boolean);
  return (
    labels['alertname'] === name && pairs.every((pair) => labels[pair.split('=')[0]!] === pair.split('=')[1])
  );
}

function nameOf(labels: Labels): string {
  const told = TELLING.filter((label) => labels[label] !== undefined).map(
    (label) => `${label}=${labels[label]}`,
  );
  return `${labels['alertname']}${told.length > 0 ? `{${told.join(',')}}` : ''}`;
}

const round = (seconds: number): number => Math.round(seconds * 10) / 10;
