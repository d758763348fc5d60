/** Runs the command of the signing keys; `keys-command.ts` says what it takes. */
import { keysCommand } from './keys-command.ts';

try {
  for (const line of await keysCommand(process.argv.slice(2), process.env)) process.stdout.write(`${line}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
