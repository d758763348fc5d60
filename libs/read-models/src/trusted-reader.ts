/**
 * Reads with proof: each read is one script that shows whose data it is, and the connection's trust is
 * told of every reply. Connects again by itself, for ever; nothing is queued while there is no connection.
 */
import {
  ConnectionTrust,
  decidableUntilMs,
  reusableForMs,
  type FreshnessSettings,
  type RedisPlace,
} from '@mcpstack/contracts';
import type { Connection, Reply } from './connection.ts';
import { Connector } from './connector.ts';
import { ReadModelsUnavailableError } from './errors.ts';
import { LIMIT_SCRIPTS } from './limit-scripts.ts';
import type { ReaderState, Reading } from './reading.ts';
import { READ_SCRIPTS } from './read-scripts.ts';
import type { Script } from './script.ts';

const RECONNECT_MIN_MS = 20;
const RECONNECT_MAX_MS = 1_000;

export interface TrustedReaderOptions extends RedisPlace {
  freshness: FreshnessSettings;
  timeoutMs: number;
  name: string;
  onState?: ((state: ReaderState) => void) | undefined;
}

/** `head` of a read script's reply, see read-scripts.ts. */
type Head = [role: string, identity: string, ...stamp: (string | null)[]];

interface Current {
  connection: Connection;
  trust: ConnectionTrust;
  lastReadAtMs: number;
  /** As the last read showed it. */
  identity?: string;
}

export class TrustedReader {
  readonly #options: TrustedReaderOptions;
  readonly #connector: Connector;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  #current: Current | undefined;
  #lastFailure = 'not connected yet';
  #told: ReaderState | undefined;

  constructor(options: TrustedReaderOptions) {
    this.#options = options;
    const { url, login, ca, sentinel, timeoutMs, name } = options;
    const scripts = [...Object.values(READ_SCRIPTS), ...Object.values(LIMIT_SCRIPTS)];
    this.#connector = new Connector({ url, login, ca, sentinel, timeoutMs, name, scripts });
    this.#running = this.#keepConnected();
  }

  /**
   * Runs a read script in one atomic step.
   * @throws ReadModelsUnavailableError when there is no connection, no answer in time, no primary, or no
   *   generation in force.
   */
  async read<Value>(
    script: Script,
    args: readonly string[],
    parse: (reply: Reply | undefined) => Value,
  ): Promise<Reading<Value>> {
    const current = this.#connected();
    const beganAtMs = performance.now();
    current.lastReadAtMs = beganAtMs;
    const [head, body] = await answerOf(current.connection, script, args);
    const [, identity, session, boundTo, counter, active, position] = head;
    current.identity = identity;
    const isStamped = session && counter && boundTo;
    current.trust.observe({
      beganAtMs,
      identity,
      stamp: isStamped ? { session, counter: Number(counter), identity: boundTo } : undefined,
    });
    this.#tell();
    if (!active || !position)
      throw new ReadModelsUnavailableError('not-built', 'no read models are in force');
    return this.#reading(beganAtMs, current.trust, position, parse(body));
  }

  /**
   * Runs a script that is no read, in one atomic step on the primary that the last read saw.
   * @throws ReadModelsUnavailableError; then it may have been run, here or on a server that is another by now.
   */
  async run(script: Script, args: readonly string[]): Promise<{ identity: string; body: Reply | undefined }> {
    const current = this.#connected();
    const [[, identity], body] = await answerOf(current.connection, script, args);
    if (identity !== (current.identity ?? identity))
      throw new ReadModelsUnavailableError('not-primary', 'the Redis server has become another');
    return { identity, body };
  }

  state(): ReaderState {
    if (!this.#current) return { connected: false, trusted: false, reason: this.#lastFailure };
    const reason = this.#current.trust.whyNot(performance.now());
    return { connected: true, trusted: reason === undefined, ...(reason && { reason }) };
  }

  async close(): Promise<void> {
    this.#stop.abort();
    this.#current?.connection.drop(new ReadModelsUnavailableError('closed', 'the reader was closed'));
    await this.#running;
  }

  #connected(): Current {
    if (!this.#current) throw new ReadModelsUnavailableError('disconnected', this.#lastFailure);
    return this.#current;
  }

  #reading<Value>(beganAtMs: number, trust: ConnectionTrust, position: string, value: Value): Reading<Value> {
    const { trustedUntilMs } = trust;
    const reason = trust.whyNot(performance.now());
    const { freshness } = this.#options;
    return {
      value,
      beganAtMs,
      position,
      trusted: reason === undefined,
      freshUntilMs: decidableUntilMs(beganAtMs, trustedUntilMs, freshness),
      freshForMs: (nowMs) => reusableForMs(beganAtMs, trustedUntilMs, nowMs, freshness),
      ...(reason && { reason }),
    };
  }

  async #keepConnected(): Promise<void> {
    let delayMs = RECONNECT_MIN_MS;
    while (!this.#stop.signal.aborted) {
      try {
        const connection = await this.#connector.connect();
        delayMs = RECONNECT_MIN_MS;
        await this.#serve(connection);
      } catch (error) {
        this.#lastFailure = (error as Error).message;
      }
      this.#tell();
      await this.#pause(delayMs * (0.5 + Math.random()));
      delayMs = Math.min(delayMs * 2, RECONNECT_MAX_MS);
    }
  }

  /** Keeps the anchors of trust fresh by reading when nobody else does, until the connection ends. */
  async #serve(connection: Connection): Promise<void> {
    const trust = new ConnectionTrust(this.#options.freshness);
    const current: Current = { connection, trust, lastReadAtMs: Number.NEGATIVE_INFINITY };
    this.#current = current;
    let ended = this.#stop.signal.aborted;
    const end = connection.ended.then((cause) => {
      ended = true;
      this.#lastFailure = cause.message;
    });
    if (ended) connection.drop(new ReadModelsUnavailableError('closed', 'the reader was closed'));
    while (!ended) {
      const everyMs = (this.#options.freshness.stampLifeMs / 25) * (0.8 + 0.4 * Math.random());
      const idleForMs = performance.now() - current.lastReadAtMs;
      if (idleForMs >= everyMs) {
        // A failed read shows in the connection's end or in the state; here it only means: go on.
        await this.read(READ_SCRIPTS.position, [], () => undefined).catch(() => undefined);
      }
      await Promise.race([end, this.#pause(Math.max(1, Math.min(everyMs, everyMs - idleForMs)))]);
      this.#tell();
    }
    await end;
    this.#current = undefined;
  }

  #tell(): void {
    const state = this.state();
    const before = this.#told;
    if (
      before?.connected === state.connected &&
      before.trusted === state.trusted &&
      before.reason === state.reason
    )
      return;
    this.#told = state;
    this.#options.onState?.(state);
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.#stop.signal.aborted) return resolve();
      const done = (): void => {
        clearTimeout(timer);
        this.#stop.signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.#stop.signal.addEventListener('abort', done);
    });
  }
}

/** What a primary answered; the connection to a server of another role is over. */
async function answerOf(
  connection: Connection,
  script: Script,
  args: readonly string[],
): Promise<[Head, Reply | undefined]> {
  const [head, body] = (await connection.run(script, args)) as [Head, Reply | undefined];
  if (head[0] === 'master') return [head, body];
  const error = new ReadModelsUnavailableError('not-primary', `the Redis server is a ${head[0]}`);
  connection.drop(error);
  throw error;
}
