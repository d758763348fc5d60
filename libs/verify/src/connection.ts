/** The connection to NATS: the caller's own, or one that is made as they say, and is made again for ever. */
import {
  CHANGED_SUBJECT,
  jittered,
  redialDelay,
  VERIFY_BATCH_SUBJECT,
  VERIFY_SUBJECT,
  type ChangeHint,
} from '@mcpstack/contracts';
import {
  connect,
  PermissionViolationError,
  type NatsConnection,
  type NodeConnectionOptions,
  type Subscription,
} from '@nats-io/transport-node';

/** Pings find a half-open connection within about ten seconds; until then every check has its deadline. */
const DEFAULTS: NodeConnectionOptions = {
  name: 'mcpstack-verify',
  timeout: 5_000,
  maxReconnectAttempts: -1,
  pingInterval: 5_000,
  maxPingOut: 2,
  ignoreAuthErrorAbort: true,
};

export interface Opened {
  connection: NatsConnection;
  /** Ours to close. */
  isOwn: boolean;
  inboxPrefix?: string | undefined;
}

/** @throws Error when NATS is not reached or does not take the connection. */
export async function openConnection(nats: NodeConnectionOptions | NatsConnection): Promise<Opened> {
  if (isConnection(nats)) return { connection: nats, isOwn: false, inboxPrefix: prefixOf(nats) };
  const connection = await connect({
    ...DEFAULTS,
    ...nats,
    reconnectDelayHandler: redialDelay(nats.reconnectDelayHandler ?? waitOf(nats)),
  }).catch((error: Error) => {
    const what = 'start it, or correct nats.servers and the credentials';
    throw new Error(`NATS cannot be used (${error.message}): ${what}`, { cause: error });
  });
  return { connection, isOwn: true, inboxPrefix: nats.inboxPrefix };
}

/** What a connection of the caller's was made with: the library hands it to its own parts by the same field. */
function prefixOf(connection: NatsConnection): string | undefined {
  const { options } = connection as { options?: { inboxPrefix?: string } };
  return options?.inboxPrefix;
}

/** What the client would wait by itself, with a shorter default. */
function waitOf({
  tls,
  reconnectTimeWait = 100,
  reconnectJitter = 100,
  reconnectJitterTLS = 1_000,
}: NodeConnectionOptions): () => number {
  return jittered(reconnectTimeWait, tls ? reconnectJitterTLS : reconnectJitter);
}

function isConnection(nats: NodeConnectionOptions | NatsConnection): nats is NatsConnection {
  return typeof (nats as Partial<NatsConnection>).publish === 'function';
}

export interface ConnectionEvents {
  onDisconnect(): void;
  onReconnect(): void;
  /** The server does not let this client ask. */
  onRefusal(why: string): void;
  /** For good. */
  onEnd(): void;
}

/** Tells what becomes of the connection, until it ends. Never rejects. */
export async function watchConnection(connection: NatsConnection, events: ConnectionEvents): Promise<void> {
  for await (const status of connection.status()) {
    if (status.type === 'disconnect') events.onDisconnect();
    else if (status.type === 'reconnect') events.onReconnect();
    else if (status.type === 'error' && isOurs(status.error))
      events.onRefusal(`allow this client to publish to ${VERIFY_SUBJECT} and ${VERIFY_BATCH_SUBJECT}`);
  }
  events.onEnd();
}

/** A connection of the caller's may be refused other things, which are none of ours. */
function isOurs(error: Error): boolean {
  return (
    error instanceof PermissionViolationError &&
    error.operation === 'publish' &&
    (error.subject === VERIFY_SUBJECT || error.subject === VERIFY_BATCH_SUBJECT)
  );
}

/**
 * Hears what has changed, so that a refusal shows within milliseconds. No safety rests on it: a hint may be lost, and
 * a client that may not subscribe to it goes without.
 */
export function hearChanges(
  connection: NatsConnection,
  onChange: (ids: readonly string[]) => void,
): Subscription {
  return connection.subscribe(CHANGED_SUBJECT, {
    callback: (error, message) => {
      if (error) return;
      try {
        const { ids } = message.json<ChangeHint>();
        if (Array.isArray(ids)) onChange(ids);
      } catch {
        // Not understood: the answers end by themselves.
      }
    },
  });
}
