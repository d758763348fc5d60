/** Where the next connection goes: to the configured address, or to where a Redis Cluster pointed us. */
import { Connection, type ConnectOptions } from './connection.ts';
import { ReadModelsUnavailableError } from './errors.ts';

export class Connector {
  readonly #options: ConnectOptions;
  #url: string;

  constructor(options: ConnectOptions) {
    this.#options = options;
    this.#url = options.url;
  }

  /** Connects once. @throws ReadModelsUnavailableError */
  async connect(): Promise<Connection> {
    try {
      const connection = await Connection.make({ ...this.#options, url: this.#url });
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
