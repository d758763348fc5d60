/** Compares the fold of the log with the read models in force: whether they can be compared, and with which fold. */
import {
  GenerationReader,
  ReadModelsUnavailableError,
  SupersededError,
  type GenerationHead,
} from '@mcpstack/read-models';
import { READ_MODELS_SCHEMA, type LogFold } from '@mcpstack/replay';
import { type Context } from '../context.ts';
import { AuditError } from '../errors.ts';
import { type AuditedLog } from '../log.ts';
import { Comparer, type Comparison } from './comparer.ts';
import { foldLog } from './fold-log.ts';

/** Generations change when records are rebuilt. */
const MOST_GENERATIONS = 3;

/** @throws AuditError where Redis cannot be compared. */
export async function compare(
  context: Context,
  log: AuditedLog,
  url: string,
): Promise<{ fold: LogFold; comparison: Comparison }> {
  let fold: LogFold | undefined;
  for (let tries = 1; ; tries += 1) {
    const reader = await failing(() => GenerationReader.open({ url }));
    try {
      await requireComparable(reader.head, log);
      const until = reader.head.position;
      fold ??= await foldLog(log, { until }, { forReadModels: true });
      const steps = context.progress.start('Comparing', 'names');
      try {
        return { fold, comparison: await new Comparer(fold, log, reader, steps).run() };
      } finally {
        steps.end();
      }
    } catch (error) {
      if (!(error instanceof SupersededError)) throw asRedisError(error);
      if (tries < MOST_GENERATIONS) continue;
      throw new AuditError(
        'unknown',
        'The read models were replaced again and again while they were compared.',
        {
          code: 'redis-replaced',
          next: 'Compare again once no rebuild is running.',
        },
      );
    } finally {
      reader.close();
    }
  }
}

async function requireComparable(head: GenerationHead, log: AuditedLog): Promise<void> {
  if (head.schema !== READ_MODELS_SCHEMA)
    throw new AuditError(
      'unknown',
      `The read models are of schema ${head.schema || 'none'}, and this mcpstack-audit knows schema ${READ_MODELS_SCHEMA}.`,
      { code: 'redis-schema', next: 'Use the mcpstack-audit of the version that runs.' },
    );
  if (head.logId !== log.databaseId)
    throw new AuditError(
      'wrong',
      `The read models were built from another log: ${head.logId}, not ${log.databaseId}.`,
      {
        code: 'redis-other-log',
        next: 'Check that --log and --redis are of the same deployment.',
      },
    );
  const end = await log.head();
  if (head.position > end)
    throw new AuditError(
      'wrong',
      `Redis has applied position ${head.position}, and the log ends at ${end}: the end of the log is missing.`,
      { code: 'redis-ahead' },
    );
}

async function failing<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw asRedisError(error);
  }
}

function asRedisError(error: unknown): unknown {
  if (!(error instanceof ReadModelsUnavailableError)) return error;
  return new AuditError('unknown', `Redis cannot be compared: ${error.message}.`, {
    code: `redis-${error.reason}`,
    next: 'Check --redis or REDIS_URL, and that a projection has built the read models there.',
    cause: error,
  });
}
