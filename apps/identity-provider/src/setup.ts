/** The setup command: one JSON line on success, one sentence and exit code 1 otherwise. */
import { ProblemError } from '@mcpstack/contracts';
import { ConfigError } from '@mcpstack/service-kit';
import { Logger } from '@nestjs/common';
import { setUp } from './owner-setup.ts';

// Nest's own log lines would go to standard output, which is for the result alone.
Logger.overrideLogger(false);

try {
  const result = await setUp(process.argv.slice(2), process.env);
  process.stdout.write(`${JSON.stringify(result)}\n`);
} catch (error) {
  const known = error instanceof ConfigError || error instanceof ProblemError;
  process.stderr.write(`setup: ${known ? error.message : `unexpected: ${String(error)}`}\n`);
  process.exitCode = 1;
}
