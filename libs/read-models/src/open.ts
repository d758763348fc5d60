/** Opens the read models for reading. The questions that may be asked stand with each read model. */
import { keyReads } from './keys.ts';
import { organizationReads } from './organizations.ts';
import { PositionWaiter } from './position-waiter.ts';
import type { OpenReadModelsOptions, ReadModels } from './reading.ts';
import { READ_SCRIPTS } from './scripts.ts';
import { TrustedReader } from './trusted-reader.ts';

const DEFAULT_TIMEOUT_MS = 1_000;

/**
 * Opens the read models. Returns at once, connected or not: a Redis that is away makes the reads reject
 * until it is back.
 *
 * @example
 * const models = openReadModels({ url: 'redis://localhost:6379', freshness: DEFAULT_FRESHNESS });
 * const { value, trusted } = await models.findByDigests([digest]);
 */
export function openReadModels(options: OpenReadModelsOptions): ReadModels {
  const { url, freshness, onState, timeoutMs = DEFAULT_TIMEOUT_MS, name = 'mcpstack-reader' } = options;
  const reader = new TrustedReader({ url, freshness, onState, timeoutMs, name });
  const position = () => reader.read(READ_SCRIPTS.position, [], () => undefined);
  const waiter = new PositionWaiter(async () => BigInt((await position()).position));

  return {
    ...keyReads(reader),
    ...organizationReads(reader),
    position: async () => {
      const reading = await position();
      return { ...reading, value: reading.position };
    },
    waitFor: (wanted, forMs) => waiter.waitFor(wanted, forMs),
    state: () => reader.state(),
    async close() {
      waiter.close();
      await reader.close();
    },
  };
}
