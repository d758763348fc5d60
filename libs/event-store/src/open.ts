/** Opens the log that `EVENT_STORE_URL` names; the scheme picks the adapter. */
import { EventStoreUrlError } from './errors.ts';
import type { EventStore } from './event-store.ts';

/** Credentials for one connection; `creds`, for JetStream only, is the content of a credentials file of NATS. */
export type LogLogin = { user: string; password: string } | { creds: string };

export interface OpenOptions {
  /** Asked for each new connection (of KurrentDB: every second at most); absent: what the URL holds, or nothing. */
  login?: (() => LogLogin) | undefined;
  /** Certificates (PEM) of the authorities that signed the server's; of JetStream read for each new connection. */
  caFile?: string | undefined;
  /** Shown in the server's connection lists. */
  name?: string;
  /** JetStream only: the stream that holds the log; `mcpstack_log` by default. */
  streamName?: string;
  /** Makes and names nothing there: for whoever must change nothing, such as an auditor. */
  readOnly?: boolean;
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
