/** Opens the read models for reading. The questions that may be asked stand with each read model. */
import { agentReads } from './agents.ts';
import { auditEventReads } from './audit-events.ts';
import { domainReads } from './domains.ts';
import { dueKeyReads } from './due-keys.ts';
import { keyLookups } from './key-lookup.ts';
import { limitTakings } from './limits.ts';
import { memberReads } from './members.ts';
import { organizationReads } from './organizations.ts';
import { PositionWaiter } from './position-waiter.ts';
import { publicKeyReads } from './public-keys.ts';
import { READ_SCRIPTS } from './read-scripts.ts';
import type { OpenReadModelsOptions, ReadModels } from './reading.ts';
import { serverReads } from './servers.ts';
import { serviceKeyReads } from './service-keys.ts';
import { TrustedReader } from './trusted-reader.ts';
import { usageReads } from './usage.ts';
import { userReads } from './users.ts';
import { webhookReads } from './webhooks.ts';

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
  const { timeoutMs = DEFAULT_TIMEOUT_MS, name = 'mcpstack-reader' } = options;
  const reader = new TrustedReader({ ...options, timeoutMs, name });
  const position = () => reader.read(READ_SCRIPTS.position, [], () => undefined);
  const waiter = new PositionWaiter(async () => BigInt((await position()).position));

  return {
    ...keyLookups(reader),
    ...limitTakings(reader),
    ...serviceKeyReads(reader),
    ...publicKeyReads(reader),
    ...usageReads(reader),
    ...organizationReads(reader),
    ...memberReads(reader),
    ...userReads(reader),
    ...agentReads(reader),
    ...serverReads(reader),
    ...webhookReads(reader),
    ...auditEventReads(reader),
    ...dueKeyReads(reader),
    ...domainReads(reader),
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
