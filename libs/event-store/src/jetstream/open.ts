/** Opens the event log on JetStream, making its stream if it is not there yet. */
import { LOG_STREAM } from '@mcpstack/contracts';
import { DEFAULT_TIMEOUT_MS, type EventStore } from '../event-store.ts';
import type { OpenOptions } from '../open.ts';
import { Connection } from './connection.ts';
import { Deadline } from './deadline.ts';
import { JetStreamLog } from './jetstream-log.ts';
import { LogStream } from './log-stream.ts';

/**
 * @throws EventStoreUrlError for a URL, a server or a stream that cannot hold the log; the message says
 *   what to set.
 * @throws AccessDeniedError when the server refuses the credentials in the URL.
 * @throws EventStoreUnavailableError when no server answers in time, or there is no log to read only.
 */
export async function openJetStreamLog(url: string, options: OpenOptions): Promise<EventStore> {
  const deadline = new Deadline(DEFAULT_TIMEOUT_MS);
  const connection = await Connection.open(url, options, deadline);
  try {
    const log = new LogStream(connection, options.streamName ?? LOG_STREAM, options.replicas);
    await log.ensure(deadline, options);
    return new JetStreamLog(log);
  } catch (error) {
    await connection.close();
    throw error;
  }
}
