// Progress for people: on a terminal each step is one line that changes, elsewhere a plain line each.
import { performance } from 'node:perf_hooks';
import { clearInterval, setInterval } from 'node:timers';

export function makeProgress(out = process.stdout, env = process.env) {
  const live = Boolean(out.isTTY) && env.TERM !== 'dumb';
  const colours = live && !env.NO_COLOR;
  const paint = (code, text) => (colours ? `\u001b[${code}m${text}\u001b[0m` : text);
  const erase = () => live && out.write('\r\u001b[2K');
  let current;

  const show = () =>
    live && current && out.write(`\r\u001b[2K  ${paint(36, '…')} ${current.label} ${current.seconds()}`);
  const say = (text = '') => {
    erase();
    out.write(`${text}\n`);
    show();
  };
  return {
    paint,
    say,
    /** Begins a step and returns what ends it; the line then shows its time. */
    step(label) {
      const begun = performance.now();
      const seconds = () => `${((performance.now() - begun) / 1000).toFixed(1)} s`;
      current = { label, seconds };
      if (live) show();
      else out.write(`  … ${label}\n`);
      const timer = live ? setInterval(show, 200) : undefined;
      timer?.unref();
      return (note) => {
        clearInterval(timer);
        current = undefined;
        say(`  ${paint(32, '✓')} ${note ?? label} ${paint(2, seconds())}`);
      };
    },
    /** Forgets the step that is under way, because something failed. */
    clear() {
      erase();
      current = undefined;
    },
  };
}
