/**
 * One connection to one Redis server, for scripts. It never reconnects by itself: trust and sessions belong
 * to a connection, so whoever needs another one makes it (connector.ts). Every call settles within its
 * deadline; a server that misses one is hung or half-open, and the connection is dropped.
 */
import type { RedisPlace } from '@mcpstack/contracts';
import { RedisClient } from '@redis/client';
import { ReadModelsUnavailableError, type UnavailableReason } from './errors.ts';
import { ROUTING_KEY, type Script } from './script.ts';

/** More calls than this at once are refused: a queue that long cannot be answered in time. */
const MAX_IN_FLIGHT = 4_096;

/**
 * The client's own createClient makes a class with all its commands for each other address: a tenth of a second of
 * the processor, which everybody pays at once at a fail-over. One class does for all.
 */
const makeClient = RedisClient.factory({});

/** What scripts answer: RESP values as they stand. */
export type Reply = string | number | null | Reply[];

export interface ConnectOptions extends Omit<RedisPlace, 'sentinel'> {
  /** Loaded into the server before the connection is handed out. */
  scripts: readonly Script[];
  /** Of the connection's making and of every call. Milliseconds. */
  timeoutMs: number;
  name: string;
}

export class Connection {
  /** Settles with the cause when the connection is over; never rejects. */
  readonly ended: Promise<Error>;
  readonly #client: ReturnType<typeof makeClient>;
  readonly #options: ConnectOptions;
  #inFlight = 0;
  #end!: (cause: Error) => void;
  #cause: Error | undefined;

  private constructor(options: ConnectOptions) {
    this.#options = options;
    this.ended = new Promise((resolve) => (this.#end = resolve));
    const { url, name, login, ca, timeoutMs } = options;
    this.#client = makeClient({
      url,
      name,
      ...(login && {
        credentialsProvider: {
          type: 'async-credentials-provider',
          credentials: () => Promise.resolve(login()),
        },
      }),
      disableOfflineQueue: true,
      disableClientInfo: true,
      maintNotifications: 'disabled',
      socket: {
        connectTimeout: timeoutMs,
        reconnectStrategy: false,
        ...(ca && url.startsWith('rediss:') && { tls: true, ca: ca() }),
      },
    });
    // The client tells of a broken connection here only; without a listener Node would end the process.
    this.#client.on('error', (cause: Error) =>
      this.drop(unavailable('disconnected', 'Redis went away', cause)),
    );
  }

  /** @throws ReadModelsUnavailableError within the deadline. */
  static async make(options: ConnectOptions): Promise<Connection> {
    const connection = new Connection(options);
    try {
      await connection.#within(connection.#client.connect());
      await Promise.all(options.scripts.map((script) => connection.command(['SCRIPT', 'LOAD', script.text])));
      return connection;
    } catch (error) {
      connection.drop(error as Error);
      throw error;
    }
  }

  /**
   * Runs a script. Not repeated when the server has lost it: that would change the order of reads.
   * @throws ReadModelsUnavailableError
   */
  run(script: Script, args: readonly string[]): Promise<Reply> {
    return this.command(['EVALSHA', script.sha1, '1', ROUTING_KEY, ...args]);
  }

  /** Sends one command. @throws ReadModelsUnavailableError */
  async command(words: string[]): Promise<Reply> {
    if (this.#cause) throw this.#cause;
    if (this.#inFlight >= MAX_IN_FLIGHT) throw unavailable('overloaded', 'too many calls wait for Redis');
    this.#inFlight += 1;
    try {
      return await this.#within(this.#client.sendCommand<Reply>(words));
    } finally {
      this.#inFlight -= 1;
    }
  }

  /** Ends the connection at once. Calls under way reject. */
  drop(cause: Error): void {
    if (this.#cause) return;
    this.#cause = cause;
    if (this.#client.isOpen) this.#client.destroy();
    this.#end(cause);
  }

  async #within<Value>(work: Promise<Value>): Promise<Value> {
    const { timeoutMs } = this.#options;
    let timer: NodeJS.Timeout | undefined;
    let look: NodeJS.Immediate | undefined;
    const late = new Promise<never>((_, reject) => {
      const giveUp = (): void => {
        const error = unavailable('timed-out', `Redis did not answer within ${timeoutMs} ms`);
        reject(error);
        this.drop(error);
      };
      // Where it was this process that stood still, the answer is there, and is read before the next immediate.
      timer = setTimeout(() => (look = setImmediate(giveUp)), timeoutMs);
    });
    try {
      return await Promise.race([work, late]);
    } catch (error) {
      throw this.#translate(error as Error);
    } finally {
      clearTimeout(timer);
      clearImmediate(look);
    }
  }

  #translate(error: Error): Error {
    if (error instanceof ReadModelsUnavailableError) return error;
    // A reply that begins with an error code came from the server; all else is a broken connection.
    const isReply = /^[A-Z]{2,} /.test(error.message);
    const translated = isReply
      ? unavailable('server-error', `Redis answered: ${error.message.slice(0, 200)}`, error)
      : (this.#cause ?? unavailable('disconnected', 'Redis is not connected', error));
    // Whatever the server's error is (script lost, loading, moved), a new connection starts from a known state.
    this.drop(translated);
    return translated;
  }
}

function unavailable(
  reason: UnavailableReason,
  message: string,
  cause?: unknown,
): ReadModelsUnavailableError {
  return new ReadModelsUnavailableError(reason, message, { cause });
}
