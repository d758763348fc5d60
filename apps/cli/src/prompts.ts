/** Questions to the person at the terminal. Ctrl-C ends the command with 130, and the terminal is as it was. */
import { createInterface } from 'node:readline';
import { type ReadStream } from 'node:tty';
import { CliError } from './errors.ts';
import { interrupt, onInterrupt } from './interrupt.ts';
import { plain, type Sink } from '@mcpstack/terminal';

export interface PromptSettings {
  yes?: boolean;
  stdin: NodeJS.ReadStream;
  stderr: Sink;
}

export class Prompts {
  readonly #settings: PromptSettings;

  constructor(settings: PromptSettings) {
    this.#settings = settings;
  }

  /** Whether somebody sits here who can be asked. */
  get isPossible(): boolean {
    return Boolean(this.#settings.stdin.isTTY);
  }

  /**
   * Before something is destroyed. Returns when the answer is yes, or with --yes.
   * @throws CliError `failed` when it is no, `usage` when nobody can be asked.
   */
  async confirm(question: string): Promise<void> {
    const { yes, stdin, stderr } = this.#settings;
    if (yes) return;
    if (!this.isPossible)
      throw new CliError('usage', 'This asks before it is done, and there is no terminal to ask at.', {
        code: 'confirmation-required',
        next: 'Pass --yes to do it without being asked.',
      });
    stderr.write(`${plain(question)} [y/N] `);
    // The terminal stays in its own mode: it edits the line, and Ctrl-C is a signal.
    const lines = createInterface({ input: stdin, terminal: false });
    const answer = await new Promise<string | undefined>((resolve) => {
      lines.once('line', resolve);
      lines.once('close', () => resolve(undefined));
    });
    lines.close();
    if (answer === undefined) stderr.write('\n');
    if (/^\s*y(es)?\s*$/i.test(answer ?? '')) return;
    throw new CliError('failed', 'Nothing was changed.', { code: 'declined' });
  }

  /**
   * A secret, typed or pasted without being shown.
   * @throws CliError `usage` when nobody can be asked or nothing was entered.
   */
  async hidden(question: string): Promise<string> {
    const { stdin, stderr } = this.#settings;
    if (!this.isPossible)
      throw new CliError('usage', `There is no terminal to ask for the ${question.toLowerCase()} at.`);
    stderr.write(`${question} (not shown): `);
    const text = await readHidden(stdin);
    stderr.write('\n');
    if (text !== '') return text;
    throw new CliError('usage', 'Nothing was entered.');
  }
}

/** Reads a line in raw mode, in which the terminal shows nothing and Ctrl-C is a character. */
async function readHidden(stdin: ReadStream): Promise<string> {
  const restore = (): void => {
    stdin.setRawMode(false);
    stdin.pause();
  };
  const forget = onInterrupt(restore);
  stdin.setRawMode(true);
  stdin.setEncoding('utf8');
  let text = '';
  try {
    for await (const chunk of stdin.iterator({ destroyOnReturn: false }) as AsyncIterable<string>) {
      for (const character of chunk) {
        if (character === '\u0003') interrupt('SIGINT');
        if (character === '\r' || character === '\n' || character === '\u0004') return text;
        if (character === '\u007f' || character === '\b') text = [...text].slice(0, -1).join('');
        else if (character >= ' ') text += character;
      }
    }
    return text;
  } finally {
    restore();
    forget();
  }
}
