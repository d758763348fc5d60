/** `mcpstack-log`: the process around the command. */
import { execute } from './execute.ts';

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
process.exitCode = await execute(process.argv.slice(2), {
  env: process.env,
  stdout: process.stdout,
  stderr: process.stderr,
  now: () => new Date().toISOString(),
  signal: stop.signal,
});
