/** Says on stderr what is waited for, once it takes longer than a second; nothing before that. */
import { onInterrupt } from './interrupt.ts';
import { isLive, type Sink } from '@mcpstack/terminal';

const SAY_AFTER_MS = 1_000;
const RENEW_EVERY_MS = 1_000;

export class Progress {
  readonly #stderr: Sink;
  readonly #isLive: boolean;
  readonly #isSilent: boolean;
  #shown = false;

  constructor(
    stderr: Sink,
    env: NodeJS.ProcessEnv,
    { quiet = false, json = false }: { quiet?: boolean; json?: boolean } = {},
  ) {
    this.#stderr = stderr;
    this.#isLive = isLive(stderr, env);
    this.#isSilent = quiet || (json && !stderr.isTTY);
  }

  /** On a terminal one line that counts the seconds and goes away; elsewhere one line. */
  async during<Result>(label: string, act: () => Promise<Result>): Promise<Result> {
    if (this.#isSilent) return act();
    const beganMs = performance.now();
    const show = (): void => {
      if (this.#isLive) {
        const seconds = Math.round((performance.now() - beganMs) / 1_000);
        this.#stderr.write(`\r\u001b[2K${label} … ${seconds} s`);
        this.#shown = true;
      } else this.#stderr.write(`${label} …\n`);
    };
    let renew: NodeJS.Timeout | undefined;
    const first = setTimeout(() => {
      show();
      if (this.#isLive) renew = setInterval(show, RENEW_EVERY_MS);
    }, SAY_AFTER_MS);
    const forget = onInterrupt(() => this.clear());
    try {
      return await act();
    } finally {
      clearTimeout(first);
      clearInterval(renew);
      this.clear();
      forget();
    }
  }

  /** Makes room for other lines. */
  clear(): void {
    if (this.#shown) this.#stderr.write('\r\u001b[2K');
    this.#shown = false;
  }
}
