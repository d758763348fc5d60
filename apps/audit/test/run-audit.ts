/** Runs the command in this process, with what it says kept. */
import { type World } from '../src/context.ts';
import { execute } from '../src/execute.ts';

export interface Ran {
  exitCode: number;
  stdout: string;
  stderr: string;
  /** What --json printed. */
  json<Value>(): Value;
}

/** @example const { exitCode, stdout } = await runAudit(['head', '--log', url]); */
export async function runAudit(args: readonly string[], world: Partial<World> = {}): Promise<Ran> {
  const said = { stdout: '', stderr: '' };
  const sink = (name: keyof typeof said): World['stdout'] => ({
    write: (text: string | Uint8Array) => {
      said[name] += String(text);
      return true;
    },
  });
  const exitCode = await execute(args, {
    env: {},
    cwd: process.cwd(),
    now: () => new Date().toISOString(),
    ...world,
    stdout: sink('stdout'),
    stderr: sink('stderr'),
  });
  return { exitCode, ...said, json: <Value>() => JSON.parse(said.stdout) as Value };
}
