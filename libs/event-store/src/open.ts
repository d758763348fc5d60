/** Opens the log that `EVENT_STORE_URL` names; the scheme picks the adapter. */
import type { Login } from '@mcpstack/contracts';
import { EventStoreUrlError } from './errors.ts';
import type { EventStore } from './event-store.ts';

export interface OpenOptions {
  /** Asked for each new connection (of KurrentDB: every second at most); absent: what the URL holds, or nothing. */
  login?: (() => Login) | undefined;
  /** Certificates (PEM) of the authorities that signed the server's; of JetStream read for each new connection. */
  caFile?: string | undefined;
  /** Shown in the server's connection lists. */
  name?: string;
  /** JetStream only: the stream that holds the log; `mcpstack_log` by default. */
  streamName?: string;
  /** JetStream only: on how many servers the stream is kept, where it is made; 1 by default. */
  replicas?: number;
  /** JetStream only: told in a sentence what is unsafe about how the log is kept. */
  onUnsafe?: (sentence: string) => void;
  /** Makes and names nothing there: for whoever must change nothing, such as an auditor. */
  readOnly?: boolean;
  /** Opens a log into which another one is just being brought, too. */
  whileRestored?: boolean;
}

/**
 * Opens the log, creating what the adapter needs there (idempotently) unless it is `readOnly`.
 * @throws EventStoreUrlError for a URL that names no log, and EventStoreUnavailableError when the
 *   server does not answer in time, or holds no log that could be read only.
 */
export async function openEventStore(url: string, options: OpenOptions = {}): Promise<EventStore> {
  const scheme = /^([a-z]+)(\+discover)?:\/\//.exec(url)?.[1];
  switch (scheme) {
    case 'nats':
    case 'tls': {
      const { openJetStreamLog } = await import('./jetstream/open.ts');
      return openJetStreamLog(url, options);
    }
    case 'esdb':
    case 'kurrentdb': {
      const { openKurrentDbLog } = await import('./kurrentdb/open.ts');
      return openKurrentDbLog(url, options);
    }
    default:
      throw new EventStoreUrlError(
        'EVENT_STORE_URL names no event log: write kurrentdb://host:2113 for KurrentDB or nats://host:4222 for JetStream.',
      );
  }
}
