/** A whole product under some load, each of its servers behind what can hold it up, and Prometheus over it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { openEventStore, type EventStore } from '@mcpstack/event-store';
import {
  freePort,
  LogFile,
  Relay,
  repositoryRoot,
  Service,
  startNats,
  startRedis,
  waitFor,
  type LocalServer,
} from '@mcpstack/local-servers';
// eslint-disable-next-line no-restricted-imports -- a witness of its own, as the checkpointer's specs have it
import { SmallWitness } from '../../../apps/checkpointer/test/small-witness.ts';
import { WHOLE, Product } from './product.ts';
import { faster, Prometheus } from './prometheus.ts';

/** So many times faster go the rules; the product's own times are its own. */
export const FACTOR = 30;
/** A scrape takes up to two seconds while a server hangs: the checks of health wait for so long. */
const SCRAPED_EVERY_MS = 2_500;
export const ALERTS = join(repositoryRoot(), 'deploy', 'monitoring', 'alerts.yaml');

/** So that what the rules allow a thirtieth of is done in time. */
const SETTINGS = {
  FINAL_TIMEOUT_MS: '6000',
  DOMAIN_POLL_MS: '2000',
  CHECKPOINT_INTERVAL_MS: '1000',
  WEBHOOK_ALLOW_PRIVATE: 'true',
  WEBHOOK_TIMEOUT_MS: '60000',
  WEBHOOK_RETRY_MS: '500',
  USAGE_MAX_KEYS: '20',
};
const ORIGIN = 'mcpstack-keys';

/** Takes webhooks; how it answers is changed by the spec. */
export class Receiver {
  #answer: (response: ServerResponse) => void = taken;
  readonly #server = createServer((request, response) => {
    request.resume();
    request.once('end', () => this.#answer(response));
  });
  readonly #held: ServerResponse[] = [];

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/in`;
  }
  answers(status: number): void {
    this.#answer = (response) => response.writeHead(status).end();
    for (const response of this.#held.splice(0)) this.#answer(response);
  }
  /** Answers nobody until it is told what to answer. */
  hold(): void {
    this.#answer = (response) => this.#held.push(response);
  }
  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
const taken = (response: ServerResponse): void => void response.writeHead(204).end();

export class AlertsWorld {
  readonly nats!: LocalServer;
  readonly logServer!: LocalServer;
  readonly redis!: LocalServer;
  /** In front of Redis for all; of NATS for the scheduler; of the log for the projection. */
  readonly relays!: Record<'redis' | 'scheduler' | 'projectionLog', Relay>;
  readonly witness!: SmallWitness;
  readonly store!: EventStore;
  readonly product!: Product;
  readonly prometheus!: Prometheus;
  /** Where a second projection is scraped, if one runs. */
  readonly sparePort!: number;
  readonly folder = mkdtempSync(join(tmpdir(), 'mcpstack-alerts-'));
  readonly #ends: (() => unknown)[] = [];
  #loading: Promise<unknown> | undefined;
  #ended = false;

  static async start(): Promise<AlertsWorld> {
    const world = new AlertsWorld();
    try {
      await world.#start();
      return world;
    } catch (error) {
      await world.stop();
      throw error;
    }
  }

  async #start(): Promise<void> {
    const [nats, logServer, redis] = await Promise.all([startNats(), startNats(), startRedis()]);
    this.#ends.push(() => Promise.all([nats, logServer, redis].map((server) => server.stop())));
    const relays = {
      redis: await Relay.start(redis.port),
      scheduler: await Relay.start(nats.port),
      projectionLog: await Relay.start(logServer.port),
    };
    this.#ends.push(() => Promise.all(Object.values(relays).map((relay) => relay.stop())));
    const store = await openEventStore(logServer.url);
    this.#ends.push(() => store.close());
    const vkeys: string[] = [];
    const witness = await SmallWitness.start(`${ORIGIN}/${await store.logId()}`, vkeys);
    this.#ends.push(() => witness.stop());
    const [metricsPort, sparePort] = [await freePort(), await freePort()];
    Object.assign(this, { nats, logServer, redis, relays, store, witness, sparePort });

    const witnessKeys = join(this.folder, 'witness-vkeys.txt');
    writeFileSync(witnessKeys, `${witness.vkey}\n`);
    const through = (relay: Relay, scheme = 'nats') => `${scheme}://127.0.0.1:${relay.port}`;
    const settingsOf: Record<string, Record<string, string>> = {
      scheduler: { NATS_URL: through(relays.scheduler) },
      projection: { EVENT_STORE_URL: through(relays.projectionLog) },
      gateway: { METRICS_PORT: `${metricsPort}` },
      checkpointer: { WITNESS_URLS: witness.url, WITNESS_VKEY_FILE: witnessKeys },
    };
    const product = await Product.start({
      natsUrl: nats.url,
      redisUrl: through(relays.redis, 'redis'),
      eventStoreUrl: logServer.url,
      instances: WHOLE,
      env: SETTINGS,
      envOf: (name) => settingsOf[name] ?? {},
    });
    this.#ends.push(() => product.stop());
    vkeys.push(
      ...readFileSync(join(product.stack.dataDir, 'checkpoint-vkeys.txt'), 'utf8').trim().split('\n'),
    );

    const parts = [...product.stack.services.values()].filter(
      ({ name }) => name !== 'gateway' && name !== 'identity-provider',
    );
    const targets = [
      ...parts.map(({ url }) => url.slice('http://'.length)),
      `127.0.0.1:${metricsPort}`,
      `127.0.0.1:${sparePort}`,
    ];
    const rules = faster(readFileSync(ALERTS, 'utf8'), FACTOR);
    const prometheus = await Prometheus.start({ rules, targets, intervalMs: SCRAPED_EVERY_MS });
    this.#ends.push(() => prometheus.stop());
    Object.assign(this, { product, prometheus });
    await waitFor(() => prometheus.isWatching(targets.length - 1), {
      timeoutMs: 120_000,
      what: 'every part to be scraped',
    });
  }

  /** Checks, reads and changes all the time, as callers make them, whatever comes of them. */
  load(): void {
    const { product } = this;
    const path = (rest: string) => `/api/v1/organizations/${product.organizationId}/${rest}`;
    const again = async (everyMs: number, once: () => Promise<unknown>): Promise<void> => {
      while (!this.#ended) {
        await Promise.race([once().catch(() => undefined), delay(5_000, undefined, { ref: false })]);
        await delay(everyMs, undefined, { ref: false });
      }
    };
    const start = async (): Promise<void> => {
      const { secret } = await product.create('checked');
      await Promise.all([
        ...[1, 2].map(() => again(50, () => product.verify({ key: secret }))),
        ...[1, 2].map(() => again(100, () => product.http('GET', path('servers?limit=1')))),
        again(300, () => product.http('POST', path('servers'), { body: { name: 'made' } })),
        again(3_000, async () => {
          const { body } = await product.http('POST', product.keysPath, {
            body: { name: 'x', role: 'viewer' },
          });
          await product.http('DELETE', `${product.keysPath}/${body['id'] as string}`);
        }),
      ]);
    };
    this.#loading = start().catch(() => undefined);
  }

  /** A second projection, whose lease is kept elsewhere: each believes that it is the only one. */
  async spareProjection(natsUrl: string): Promise<Service> {
    const log = new LogFile(join(this.folder, 'projection-2.log'));
    const env = { ...this.product.stack.env, NATS_URL: natsUrl };
    const options = { name: 'projection-2', app: 'projection', root: repositoryRoot() };
    return Service.start({ ...options, env, log, port: this.sparePort });
  }

  async webhook(receiver: Receiver, eventTypes?: string[]): Promise<string> {
    const url = await receiver.listen();
    this.#ends.push(() => receiver.close());
    const path = `/api/v1/organizations/${this.product.organizationId}/webhooks`;
    const body = { name: 'alerts', url, ...(eventTypes && { eventTypes }) };
    const answer = await this.product.insist('POST', path, { body });
    if (answer.status !== 201) throw new Error(`a webhook: ${answer.status} ${JSON.stringify(answer.body)}`);
    return `${path}/${answer.body['id'] as string}`;
  }

  async stop(): Promise<void> {
    this.#ended = true;
    for (const relay of Object.values(this.relays ?? {})) relay.release();
    for (const end of this.#ends.splice(0).reverse()) await end();
    await this.#loading;
    rmSync(this.folder, { recursive: true, force: true });
  }
}
