/** Failures as people should see them: one sentence last, after the last words of whoever ended. */
import { LocalServerError, type ExitInfo, type Stack } from '@mcpstack/local-servers';
import { LauncherError } from './launcher-error.ts';
import type { Progress } from './progress.ts';

/** Rejects when a service or a server of the stack ends that nobody asked to. */
export async function whenSomethingEnds(stack: Stack): Promise<never> {
  const parts: { name: string; exited: Promise<ExitInfo>; lastLines(count: number): string[] }[] = [
    ...stack.services.values(),
  ];
  for (const [name, server] of Object.entries({ NATS: stack.nats, Redis: stack.redis })) {
    if (server) parts.push({ name, exited: server.exited, lastLines: (count) => server.lastLines(count) });
  }
  const { part, exit } = await Promise.race(parts.map(async (part) => ({ part, exit: await part.exited })));
  const how = exit.signal ?? `exit code ${exit.code}`;
  throw new LocalServerError('ended', `${part.name} ended by itself (${how}), so everything is stopped.`, {
    lastLines: part.lastLines(10),
  });
}

/** Tells what went wrong and answers the exit code. */
export function explain(error: unknown, progress: Progress): number {
  progress.clear();
  const known = error instanceof LocalServerError || error instanceof LauncherError;
  const lines = error instanceof LocalServerError ? error.lastLines : [];
  for (const line of lines) process.stderr.write(`    ${line.slice(0, 500)}\n`);
  const text = known ? error.message : `Unexpected: ${error instanceof Error ? error.stack : String(error)}`;
  process.stderr.write(`${text}\n`);
  return 1;
}
