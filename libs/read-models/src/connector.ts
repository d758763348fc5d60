/** Where the next connection goes: to the configured address, where a Redis Cluster pointed us, or where sentinels say. */
import type { RedisPlace } from '@mcpstack/contracts';
import { Connection, type ConnectOptions } from './connection.ts';
import { ReadModelsUnavailableError } from './errors.ts';
import { askSentinels } from './sentinels.ts';

export type ConnectorOptions = ConnectOptions & RedisPlace;

export class Connector {
  readonly #options: ConnectorOptions;
  #url: string;

  constructor(options: ConnectorOptions) {
    this.#options = options;
    this.#url = options.url;
  }

  /** Connects once. @throws ReadModelsUnavailableError */
  async connect(): Promise<Connection> {
    try {
      const { sentinel, ...options } = this.#options;
      const url = sentinel ? await askSentinels(sentinel, options) : this.#url;
      const connection = await Connection.make({ ...options, url });
      void connection.ended.then((cause) => this.#learn(cause));
      return connection;
    } catch (error) {
      this.#url = this.#options.url;
      throw error;
    }
  }

  /** A cluster node that does not own our slot names the one that does; anything else sends us home. */
  #learn(cause: Error): void {
    const moved = /\bMOVED \d+ ([^\s:]*):(\d+)/.exec(cause.message);
    const url = new URL(this.#options.url);
    if (moved && cause instanceof ReadModelsUnavailableError && cause.reason === 'server-error') {
      if (moved[1]) url.hostname = moved[1];
      url.port = moved[2]!;
    }
    this.#url = url.href;
  }
}
