/** How far a long read has come, on stderr: a line that is renewed on a terminal, a line now and then elsewhere. */
import { isLive, type Sink } from '@mcpstack/terminal';

const LIVE_EVERY_MS = 200;
const LINE_EVERY_MS = 10_000;
/** Nothing is said before that. */
const QUIET_MS = 1_000;

export class Progress {
  readonly #stderr: Sink;
  readonly #isLive: boolean;
  readonly #isSilent: boolean;
  #shown = false;

  constructor(stderr: Sink, env: NodeJS.ProcessEnv, isSilent: boolean) {
    this.#stderr = stderr;
    this.#isLive = isLive(stderr, env);
    this.#isSilent = isSilent;
  }

  /** A count that grows. Call `step` often: it looks at the clock only now and then. */
  start(label: string, unit = 'events'): Steps {
    return new Steps({ label, unit }, (line) => this.#show(line), {
      everyMs: this.#isLive ? LIVE_EVERY_MS : LINE_EVERY_MS,
      isSilent: this.#isSilent,
      end: () => this.clear(),
    });
  }

  /** Makes room for other lines. */
  clear(): void {
    if (this.#shown) this.#stderr.write('\r\u001b[2K');
    this.#shown = false;
  }

  #show(line: string): void {
    if (this.#isLive) this.#stderr.write(`\r\u001b[2K${line}`);
    else this.#stderr.write(`${line}\n`);
    this.#shown = this.#isLive;
  }
}

/** Steps between two looks at the clock. */
const STEPS_A_LOOK = 256;

export class Steps {
  readonly #began = performance.now();
  #said = performance.now() + QUIET_MS;
  #count = 0;

  constructor(
    private readonly what: { label: string; unit: string },
    private readonly show: (line: string) => void,
    private readonly how: { everyMs: number; isSilent: boolean; end: () => void },
  ) {}

  get count(): number {
    return this.#count;
  }

  /** One more is done. @param share of the whole, from 0 to 1, where it is known. */
  step(share: () => number): void {
    this.#count += 1;
    if (this.how.isSilent || this.#count % STEPS_A_LOOK !== 0) return;
    const now = performance.now();
    if (now < this.#said) return;
    this.#said = now + this.how.everyMs;
    this.show(this.#line(now, share()));
  }

  end(): void {
    this.how.end();
  }

  #line(now: number, share: number): string {
    const seconds = (now - this.#began) / 1_000;
    const { label, unit } = this.what;
    const parts = [`${label}: ${this.#count.toLocaleString('en')} ${unit}`];
    parts.push(`${Math.round(this.#count / seconds).toLocaleString('en')}/s`);
    if (share > 0 && share <= 1) {
      parts.push(`${Math.floor(share * 100)} %`, `${duration((seconds / share) * (1 - share))} left`);
    }
    return parts.join(', ');
  }
}

function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
