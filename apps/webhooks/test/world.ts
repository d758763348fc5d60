/** Real NATS, Redis and log with a projection, and a stand-in for issuance that records what it is asked to disable. */
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  COMMAND_SUBJECTS,
  newId,
  WEBHOOK_SUBJECTS,
  type Actor,
  type CommandEnvelope,
  type DisableWebhookInput,
} from '@mcpstack/contracts';
import { codecFor, streamName, type Category } from '@mcpstack/domain';
import { openEventStore, type EventStore } from '@mcpstack/event-store';
import { startNats, waitFor, type LocalServer } from '@mcpstack/local-servers';
import { Log, readWebhookKeys, type WebhookKeys } from '@mcpstack/service-kit';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { NestFactory } from '@nestjs/core';
import { Projector } from '../../scheduler/test/projector.ts';
import { readSettings } from '../src/settings.ts';
import { WebhooksModule } from '../src/webhooks.module.ts';
import { Receiver } from './receiver.ts';

const USER: Actor = { type: 'user', id: newId('user') };

export interface MadeWebhook {
  id: string;
  organizationId: string;
  /** Position of its first event. */
  position: bigint;
}

export class World {
  readonly organizationId = newId('organization');
  readonly folder = mkdtempSync(join(tmpdir(), 'webhooks-'));
  /** What issuance was asked to disable. */
  readonly disabled: DisableWebhookInput[] = [];
  /** All that services in this process logged. */
  logged = '';
  readonly #apps: { close(): Promise<void> }[] = [];
  readonly #receivers: Receiver[] = [];
  readonly #revisions = new Map<string, bigint>();

  private constructor(
    readonly natsServer: LocalServer,
    readonly nats: NatsConnection,
    readonly store: EventStore,
    readonly projector: Projector,
  ) {
    writeFileSync(
      this.keyFile,
      JSON.stringify({ current: 1, keys: { 1: randomBytes(32).toString('base64') } }),
    );
    nats.subscribe(COMMAND_SUBJECTS.disableWebhook, {
      callback: (_error, message) => {
        const { id, data } = message.json<{ id: string; data: CommandEnvelope<DisableWebhookInput> }>();
        this.disabled.push(data.input);
        const { webhookId, reason, since } = data.input;
        void this.write('webhook', webhookId, 'WebhookDisabled', { reason, since: since! }).then(() =>
          message.respond(JSON.stringify({ id, response: {}, isDisposed: true })),
        );
      },
    });
  }

  static async start(): Promise<World> {
    const natsServer = await startNats();
    const nats = await connect({ servers: natsServer.url, maxReconnectAttempts: -1 });
    const store = await openEventStore(natsServer.url);
    return new World(natsServer, nats, store, await Projector.start(store));
  }

  async stop(): Promise<void> {
    await this.stopServices();
    await Promise.all(this.#receivers.map((receiver) => receiver.stop()));
    await this.projector.stop();
    await this.store.close();
    await this.nats.close();
    await this.natsServer.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  get keyFile(): string {
    return join(this.folder, 'webhook-keys.json');
  }

  get keys(): WebhookKeys {
    return readWebhookKeys(this.keyFile);
  }

  get env(): Record<string, string> {
    return {
      NATS_URL: this.natsServer.url,
      REDIS_URL: this.projector.redis.url,
      WEBHOOK_KEY_FILE: this.keyFile,
      WEBHOOK_ALLOW_PRIVATE: 'true',
      WEBHOOK_TIMEOUT_MS: '400',
      WEBHOOK_RETRY_MS: '20',
      WEBHOOK_POLL_MS: '30',
      STAMP_LIFE_MS: '1000',
      LEASE_LIFE_MS: '600',
      FRESH_DELTA_MS: '250',
      LOG_LEVEL: 'debug',
    };
  }

  /** A service in this process. */
  async startService(env: Record<string, string> = {}): Promise<{ close(): Promise<void> }> {
    const log = new Log('webhooks', 'debug', { write: (line: string) => void (this.logged += line) });
    const module = await WebhooksModule.open(readSettings({ ...this.env, ...env }), log);
    const app = await NestFactory.createApplicationContext(module, { logger: false, abortOnError: false });
    this.#apps.push(app);
    return app;
  }

  async stopServices(): Promise<void> {
    await Promise.all(this.#apps.splice(0).map((app) => app.close()));
  }

  /** A webhook, and who receives there. */
  async addWebhook(more: Record<string, unknown> = {}): Promise<MadeWebhook & { receiver: Receiver }> {
    const id = newId('webhook');
    const receiver = await Receiver.start([this.secret(id)]);
    this.#receivers.push(receiver);
    const { organizationId } = this;
    const data = { webhookId: id, organizationId, url: receiver.url, secret: { version: 1, keyVersion: 1 } };
    const position = await this.write('webhook', id, 'WebhookCreated', { ...data, ...more });
    return { id, organizationId, position, receiver };
  }

  secret(webhookId: string, version = 1): string {
    return this.keys.secret({ webhookId, version, keyVersion: 1 });
  }

  /** So many events about each of so many servers, in turn; their ids, in the order of the log. */
  async addEvents(servers: number, each: number): Promise<{ id: string; subject: string }[]> {
    const ids = Array.from({ length: servers }, () => newId('server'));
    const written: { id: string; subject: string }[] = [];
    const { organizationId } = this;
    for (let round = 0; round < each; round += 1)
      for (const subject of ids) {
        const id = randomUUID();
        if (round === 0)
          await this.write(
            'server',
            subject,
            'ServerCreated',
            { serverId: subject, organizationId, name: 'a' },
            id,
          );
        else await this.write('server', subject, 'ServerRenamed', { name: `name ${round}` }, id);
        written.push({ id, subject });
      }
    return written;
  }

  /** Appends one event past every decision; its position. */
  async write(
    category: Category,
    id: string,
    type: string,
    data: Record<string, unknown>,
    eventId: string = randomUUID(),
  ): Promise<bigint> {
    const stream = streamName(category, id);
    const last = this.#revisions.get(stream) ?? (await this.#lastOf(stream));
    const at = new Date().toISOString();
    const { schemaVersion } = codecFor(category).encode({ type, data, at, actor: USER });
    const metadata = { at, actor: USER, schemaVersion, $correlationId: 'r-1', $causationId: randomUUID() };
    const { position } = await this.store.append(stream, last < 0n ? 'no_stream' : last, [
      { id: eventId, type, data, metadata },
    ]);
    this.#revisions.set(stream, last + 1n);
    return position;
  }

  /** Asks the active service. */
  async ask<Reply>(name: keyof typeof WEBHOOK_SUBJECTS, request: object): Promise<Reply> {
    const asked = JSON.stringify({ requestId: 'r-1', ...request });
    const reply = await waitFor(() => this.nats.request(WEBHOOK_SUBJECTS[name], asked, { timeout: 3_000 }));
    return reply.json<Reply>();
  }

  async #lastOf(stream: string): Promise<bigint> {
    let last = -1n;
    const options = { direction: 'backwards', maxCount: 1 } as const;
    for await (const { revision } of this.store.readStream(stream, options)) last = revision;
    return last;
  }
}

/** Whether what came first of each subject came in the order of the log. */
export function isInOrder(
  firsts: readonly string[],
  written: readonly { id: string; subject: string }[],
): boolean {
  const place = new Map(firsts.map((id, at) => [id, at]));
  const bySubject = new Map<string, number[]>();
  for (const { id, subject } of written) {
    const places = bySubject.get(subject) ?? [];
    bySubject.set(subject, [...places, ...(place.has(id) ? [place.get(id)!] : [])]);
  }
  return [...bySubject.values()].every((places) => places.every((at, n) => n === 0 || at > places[n - 1]!));
}
