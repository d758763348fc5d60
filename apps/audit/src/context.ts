/** What a command has to work with. */
import { type Sink } from '@mcpstack/terminal';
import { logPlace } from './log-place.ts';
import { openLog, type AuditedLog } from './log.ts';
import { Output } from './output.ts';
import { Progress } from './progress.ts';

/** The options that every command takes. */
export interface GlobalOptions {
  log?: string;
  json?: boolean;
  color?: boolean;
  progress?: boolean;
}

/** Where a command runs. */
export interface World {
  env: NodeJS.ProcessEnv;
  cwd: string;
  stdout: Sink;
  stderr: Sink;
  /** ISO 8601, UTC. */
  now: () => string;
}

export interface Context {
  readonly options: GlobalOptions;
  readonly world: World;
  readonly out: Output;
  readonly progress: Progress;
  /** Opens the log, for reading alone; it is closed when the command ends. */
  openLog: () => Promise<AuditedLog>;
}

export function thisWorld(): World {
  const { env, stdout, stderr } = process;
  return { env, cwd: process.cwd(), stdout, stderr, now: () => new Date().toISOString() };
}

/** @param onOpen told of each log, so that it can be closed. */
export function makeContext(
  options: GlobalOptions,
  world: World,
  onOpen: (log: AuditedLog) => void,
): Context {
  const { env, stdout, stderr } = world;
  const isSilent = options.progress === false || (options.json === true && !stderr.isTTY);
  const progress = new Progress(stderr, env, isSilent);
  const settings = { json: options.json ?? false, color: options.color ?? true };
  return {
    options,
    world,
    progress,
    out: new Output({ ...settings, stdout, stderr, env, progress }),
    openLog: async () => {
      const log = await openLog(logPlace(options.log, env), progress);
      onOpen(log);
      return log;
    },
  };
}
