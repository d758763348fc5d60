/** Reads EVENT_STORE_URL for NATS. */
import * as contracts from '@mcpstack/contracts';
import { EventStoreUrlError } from '../errors.ts';

/**
 * `nats://[user:password@|token@]host[:port][,host…]`, or `tls://…`; servers apart from credentials.
 * @throws EventStoreUrlError, which never repeats the URL: it may hold a password.
 */
export function parseNatsUrl(url: string): contracts.NatsServers {
  try {
    return contracts.parseNatsUrl(url);
  } catch {
    throw new EventStoreUrlError('EVENT_STORE_URL is no NATS address: write nats://host:4222.');
  }
}
