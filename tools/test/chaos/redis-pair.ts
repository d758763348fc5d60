/** A Redis primary and its replica behind one relay: what can become of them, and of what they hold. */
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { askRedis, Relay, startRedis, waitFor, type LocalServer } from '@mcpstack/local-servers';

const AOF = 'appendonlydir';
/** A replica is of use at once, and a full copy is made without a wait. */
const CONFIG = 'repl-diskless-sync-delay 0\nrepl-ping-replica-period 1\nsave ""';

export class RedisPair {
  readonly #servers: LocalServer[];
  #primary = 0;
  #snapshots = 0;

  private constructor(
    servers: LocalServer[],
    readonly relay: Relay,
  ) {
    this.#servers = servers;
  }

  static async start(): Promise<RedisPair> {
    const first = await startRedis({ config: CONFIG });
    const second = await startRedis({ config: CONFIG });
    const pair = new RedisPair([first, second], await Relay.start(first.port));
    await pair.#follow();
    return pair;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.relay.port}`;
  }
  /** Where new connections go. */
  get primary(): LocalServer {
    return this.#servers[this.#primary]!;
  }
  get replica(): LocalServer {
    return this.#servers[1 - this.#primary]!;
  }

  /** The replica becomes a primary, and new connections go there. The old one goes on answering those that it has. */
  async promote(): Promise<void> {
    await askRedis(this.replica.port, 'REPLICAOF', 'NO', 'ONE');
    this.#primary = 1 - this.#primary;
    this.relay.targetPort = this.primary.port;
  }

  /** The server that is not in charge copies the one that is; its own data is gone. */
  async demoteOld(): Promise<void> {
    await this.#follow();
  }

  flush(): Promise<string> {
    return askRedis(this.primary.port, 'FLUSHALL');
  }

  /** Kept for `restart('snapshot')`. The append-only file is good up to any byte of it. */
  snapshot(): void {
    const { dataDir } = this.primary;
    this.#snapshots += 1;
    rmSync(join(dataDir, '..', `${this.#name()}`), { recursive: true, force: true });
    cpSync(join(dataDir, AOF), join(dataDir, '..', this.#name()), { recursive: true });
  }

  get hasSnapshot(): boolean {
    return this.#snapshots > 0;
  }

  /** The primary is killed and comes back: with its data, with none, or with what the last snapshot holds. */
  async restart(data: 'kept' | 'empty' | 'snapshot'): Promise<void> {
    const { primary } = this;
    await primary.kill();
    const folder = join(primary.dataDir, AOF);
    if (data !== 'kept') rmSync(folder, { recursive: true, force: true });
    if (data === 'snapshot') cpSync(join(primary.dataDir, '..', this.#name()), folder, { recursive: true });
    await primary.restart();
  }

  async stop(): Promise<void> {
    await this.relay.stop();
    await Promise.allSettled(this.#servers.map((server) => server.stop({ graceMs: 1_000 })));
    rmSync(join(this.#servers[0]!.dataDir, '..', this.#name()), { recursive: true, force: true });
  }

  #name(): string {
    return `mcpstack-chaos-snapshot-${this.#servers[0]!.port}`;
  }

  async #follow(): Promise<void> {
    const { primary, replica } = this;
    await askRedis(replica.port, 'REPLICAOF', '127.0.0.1', `${primary.port}`);
    const link = "return {ok=redis.call('INFO','replication'):match('master_link_status:(%a+)') or 'none'}";
    const isLinked = async (): Promise<boolean> =>
      (await askRedis(replica.port, 'EVAL', link, '0')) === '+up';
    await waitFor(isLinked, { timeoutMs: 5_000, what: 'the replica to follow' }).catch(() => undefined);
  }
}
