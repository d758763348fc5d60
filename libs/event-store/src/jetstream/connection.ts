/**
 * One NATS connection that comes back by itself for ever, and requests that end within their deadline
 * whatever the server does. Nothing is sent while the connection is down: a request that waited in a
 * buffer could be carried out long after its caller was told that it failed.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { redialDelay } from '@mcpstack/contracts';
import {
  connect,
  createInbox,
  errors,
  type ConnectionOptions,
  type Msg,
  type MsgHdrs,
  type NatsConnection,
} from '@nats-io/transport-node';
import {
  AccessDeniedError,
  AppendTooLargeError,
  EventStoreUnavailableError,
  EventStoreUrlError,
} from '../errors.ts';
import type { Deadline } from './deadline.ts';
import { greeted } from './greeting.ts';
import type { OpenOptions } from '../open.ts';
import { loginOptions } from './login.ts';

const OLDEST_SERVER = { major: 2, minor: 9 };
const FIRST_RETRY_WAIT_MS = 50;
const LONGEST_RETRY_WAIT_MS = 2_000;
/** A silent server is given up after about three of these. */
const PING_INTERVAL_MS = 5_000;

/** JetStream answered, and its answer is no. `errCode` is the server's own number for the reason. */
export class JetStreamRefusal extends EventStoreUnavailableError {
  constructor(
    readonly errCode: number,
    description: string,
  ) {
    super(`The event log was refused by JetStream: ${description}.`, { inDoubt: false });
  }
}

export class Connection {
  readonly #lostListeners = new Set<() => void>();
  readonly #backListeners = new Set<() => void>();
  #up = true;

  private constructor(
    readonly nats: NatsConnection,
    /** `host:port`, for messages. */
    readonly where: string,
    pace: Pace,
    readonly inboxPrefix: string | undefined,
  ) {
    void this.#watch(pace);
  }

  static async open(url: string, options: OpenOptions, deadline: Deadline): Promise<Connection> {
    const { servers, ...rest } = loginOptions(url, options);
    const where = servers.join(', ');
    const pace = new Pace();
    try {
      await greeted(servers, deadline);
      const nats = await connect({
        servers,
        name: options.name ?? 'mcpstack-event-store',
        ...rest,
        ...dialling(deadline, pace),
      });
      const connection = new Connection(nats, where, pace, rest.inboxPrefix);
      await connection.#checkVersion();
      return connection;
    } catch (error) {
      throw error instanceof EventStoreUrlError ? error : openingError(error, where);
    }
  }

  get closed(): boolean {
    return this.nats.isClosed();
  }

  /** A new subject that nobody else may hear. */
  inbox(): string {
    return createInbox(this.inboxPrefix);
  }

  /** Calls back once, when the connection is lost. Returns a function that forgets the listener. */
  onLost(listener: () => void): () => void {
    if (!this.#up) queueMicrotask(listener);
    this.#lostListeners.add(listener);
    return () => this.#lostListeners.delete(listener);
  }

  /** Resolves once the connection stands. @throws EventStoreUnavailableError when the deadline passes. */
  async ready(deadline: Deadline): Promise<void> {
    if (this.closed) throw this.#unavailable('The connection to the event log was closed', false);
    if (this.#up) return;
    await new Promise<void>((resolve) => {
      const settle = () => {
        clearTimeout(timer);
        this.#backListeners.delete(settle);
        resolve();
      };
      const timer = setTimeout(settle, deadline.leftMs);
      this.#backListeners.add(settle);
    });
    if (!this.#up) throw this.#unavailable(`No NATS server answers at ${this.where}`, false);
  }

  /**
   * One request, one answer. Asks again only where nobody got the request.
   * @throws EventStoreUnavailableError; `inDoubt` says that the server may have acted on it.
   */
  async request(subject: string, payload: string, deadline: Deadline, headers?: MsgHdrs): Promise<Msg> {
    for (let waitMs = 20; ; waitMs = Math.min(waitMs * 2, 500)) {
      await this.ready(deadline);
      if (deadline.passed)
        throw this.#unavailable(`The event log at ${this.where} did not answer in time`, false);
      try {
        return await this.#once(subject, payload, deadline, headers);
      } catch (error) {
        const cause = error instanceof errors.RequestError ? (error.cause ?? error) : error;
        if (!(cause instanceof errors.NoRespondersError)) throw this.#requestError(cause, deadline);
        if (deadline.leftMs <= waitMs) {
          throw this.#unavailable(`JetStream at ${this.where} has no one who answers for the log`, false);
        }
        await sleep(waitMs);
      }
    }
  }

  /** A call of the JetStream API that only reads or may be repeated. @throws JetStreamRefusal */
  async api<Answer>(subject: string, body: unknown, deadline: Deadline): Promise<Answer> {
    try {
      return answerOf<Answer>(await this.request(subject, JSON.stringify(body), deadline));
    } catch (error) {
      if (!(error instanceof EventStoreUnavailableError) || !error.inDoubt) throw error;
      throw new EventStoreUnavailableError(error.message, { inDoubt: false, cause: error.cause });
    }
  }

  async close(): Promise<void> {
    await this.nats.close();
    this.#tell(this.#lostListeners);
    this.#tell(this.#backListeners);
  }

  async #once(subject: string, payload: string, deadline: Deadline, headers?: MsgHdrs): Promise<Msg> {
    let forget = () => {};
    const lost = new Promise<never>((_, reject) => {
      forget = this.onLost(() => reject(new Error('the connection was lost')));
    });
    const timeout = Math.max(1, deadline.leftMs);
    const answer = this.nats.request(subject, payload, { timeout, ...(headers && { headers }) });
    answer.catch(() => undefined);
    return Promise.race([answer, lost]).finally(forget);
  }

  #requestError(cause: unknown, deadline: Deadline): Error {
    if (cause instanceof errors.PermissionViolationError) {
      return new AccessDeniedError(`The credentials of the event log do not allow ${cause.subject}.`);
    }
    if (cause instanceof errors.InvalidArgumentError) {
      const most = this.nats.info?.max_payload;
      return new AppendTooLargeError(
        `The NATS server at ${this.where} takes messages of at most ${most} bytes: set max_payload: 4MB in its configuration.`,
      );
    }
    const what =
      cause instanceof errors.TimeoutError ? `did not answer within ${deadline.timeoutMs} ms` : 'broke off';
    return this.#unavailable(`The event log at ${this.where} ${what}`, true, cause);
  }

  #unavailable(message: string, inDoubt: boolean, cause?: unknown): EventStoreUnavailableError {
    return new EventStoreUnavailableError(`${message}.`, { inDoubt, cause });
  }

  async #checkVersion(): Promise<void> {
    const version = this.nats.info?.version ?? '0.0.0';
    const [major = 0, minor = 0] = version.split('.').map(Number);
    const { major: least, minor: leastMinor } = OLDEST_SERVER;
    if (major > least || (major === least && minor >= leastMinor)) return;
    await this.nats.close();
    throw new EventStoreUrlError(
      `The nats-server at ${this.where} is ${version}, which is too old for the event log: install ${least}.${leastMinor} or newer.`,
    );
  }

  async #watch(pace: Pace): Promise<void> {
    for await (const { type } of this.nats.status()) {
      if (type === 'disconnect') {
        this.#up = false;
        this.#tell(this.#lostListeners);
      } else if (type === 'reconnecting') {
        pace.slower();
      } else if (type === 'reconnect') {
        pace.reset();
        this.#up = true;
        this.#tell(this.#backListeners);
      }
    }
  }

  #tell(listeners: Set<() => void>): void {
    const all = [...listeners];
    listeners.clear();
    for (const listener of all) listener();
  }
}

/** The answer of the JetStream API. @throws JetStreamRefusal when it is an error. */
export function answerOf<Answer>(message: Msg): Answer {
  const answer = message.json<Answer & { error?: { err_code?: number; description?: string } }>();
  if (answer.error) {
    throw new JetStreamRefusal(answer.error.err_code ?? 0, answer.error.description ?? 'no reason given');
  }
  return answer;
}

/** How long to wait before the next dial: it grows with each one in vain. */
class Pace {
  waitMs = FIRST_RETRY_WAIT_MS;

  slower(): void {
    // The random part keeps many clients of a restarted server from coming back all at once.
    this.waitMs = Math.min(LONGEST_RETRY_WAIT_MS, this.waitMs * (1.5 + Math.random()));
  }

  reset(): void {
    this.waitMs = FIRST_RETRY_WAIT_MS;
  }
}

function dialling(deadline: Deadline, pace: Pace): ConnectionOptions {
  return {
    timeout: Math.max(1, deadline.leftMs),
    reconnect: true,
    maxReconnectAttempts: -1,
    // A server that restarts with its users not loaded yet must not end the connection for good.
    ignoreAuthErrorAbort: true,
    reconnectDelayHandler: redialDelay(() => pace.waitMs),
    pingInterval: PING_INTERVAL_MS,
    maxPingOut: 2,
    noAsyncTraces: true,
  };
}

function openingError(cause: unknown, where: string): Error {
  if (cause instanceof errors.AuthorizationError || cause instanceof errors.UserAuthenticationExpiredError) {
    return new AccessDeniedError(
      `The NATS server at ${where} refused the credentials for the event log: correct them.`,
    );
  }
  return new EventStoreUnavailableError(
    `No NATS server answers at ${where}: start one there, or set EVENT_STORE_URL to where the event log is.`,
    { inDoubt: false, cause },
  );
}
