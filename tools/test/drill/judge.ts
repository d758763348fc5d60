/** Whether all that was acknowledged stands in the log exactly once, and whether everybody sees it so. */
import type { RecordedEvent } from '@mcpstack/event-store';
import { waitFor } from '@mcpstack/testing';
import { compareWithLog } from '../e2e/audit.ts';
import type { Product } from '../e2e/product.ts';
import type { MadeKey } from './load.ts';

export interface Verdict {
  /** Acknowledged, and not in the log. */
  lost: string[];
  /** In the log more than once. */
  twice: string[];
}

/** By the log alone. Pure: keys by their names, which no two commands share. */
export function judge(
  events: readonly Pick<RecordedEvent, 'type' | 'stream' | 'data'>[],
  made: readonly MadeKey[],
): Verdict {
  const count = new Map<string, number>();
  for (const { type, stream, data } of events) {
    const what = type === 'KeyCreated' ? `create ${String(data['name'])}` : `${type} ${stream}`;
    count.set(what, (count.get(what) ?? 0) + 1);
  }
  const asked = made.flatMap(({ id, name, isRevoked }) => [
    `create ${name}`,
    ...(isRevoked ? [`KeyRevoked key-${id}`] : []),
  ]);
  return {
    lost: asked.filter((what) => !count.has(what)),
    twice: asked.filter((what) => (count.get(what) ?? 0) > 1),
  };
}

export interface Aftermath extends Verdict {
  /** Keys that are answered otherwise than they were left: revoked ones that pass, others that do not. */
  wrong: string[];
  /** Records of the read model that are not what the log says; absent where an older version wrote them in its own way. */
  differences?: number;
}

/** Once the load is over. @param compare whether the records are of this version. */
export async function judgeAll(
  product: Product,
  made: readonly MadeKey[],
  compare: boolean,
): Promise<Aftermath> {
  const verdict = judge(await product.log(), made);
  const wrong: string[] = [];
  for (const { name, secret, isRevoked } of made) {
    const { code } = await waitFor(async () => {
      const reply = await product.verify({ key: secret });
      return reply.code === 'UNAVAILABLE' ? undefined : reply;
    });
    if (code !== (isRevoked ? 'REVOKED' : 'VALID')) wrong.push(`${name}: ${code}`);
  }
  if (!compare) return { ...verdict, wrong };
  // Uses that are being recorded at this moment are in the log before they are in Redis.
  const differences = await waitFor(
    async () => {
      const { exitCode, differences: found, stderr } = await compareWithLog(product);
      if (exitCode > 1 || stderr !== '') throw new Error(stderr);
      return found.length === 0 ? { found } : undefined;
    },
    { timeoutMs: 60_000, intervalMs: 1_000, what: 'the read models to be as the log says' },
  ).then(({ found }) => found.length);
  return { ...verdict, wrong, differences };
}
