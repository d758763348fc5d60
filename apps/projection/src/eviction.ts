/** A Redis that evicts would drop records of valid keys, which are then refused. */
import type { WriteSession } from '@mcpstack/read-models';
import type { Log } from '@mcpstack/service-kit';

export async function warnOfEviction(write: WriteSession, log: Log): Promise<void> {
  const policy = await write.evictionPolicy();
  if (policy !== undefined && policy !== 'noeviction')
    log.warn('Redis may evict keys: set maxmemory-policy to noeviction, or valid keys will be refused', {
      reason: `maxmemory-policy ${policy}`,
    });
}
