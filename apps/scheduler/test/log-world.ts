/** Schedulers in this process around a real log on a real NATS server. The read models are folds of the log. */
import { randomUUID } from 'node:crypto';
import { BUCKETS, newId, type Actor, type AgentDomain, type DomainIdInput } from '@mcpstack/contracts';
import { agent, agentCodec, key, keyCodec, nextDueAt, streamName, type KeyEvent } from '@mcpstack/domain';
import { loadStream, openEventStore, type EventStore } from '@mcpstack/event-store';
import { startNats, type LocalServer } from '@mcpstack/local-servers';
import type { Page, PageRequest, ReadModels, Reading, WatchedDomain } from '@mcpstack/read-models';
import { Log } from '@mcpstack/service-kit';
import { jetstream } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { SchedulerModule, type SchedulerParts } from '../src/scheduler.module.ts';
import { readSettings } from '../src/settings.ts';
import { challengeOf, LogIssuance } from './log-issuance.ts';

const USER: Actor = { type: 'user', id: newId('user') };
const AUTHORITY = { permissions: ['agents:write', 'domains:write'] } as const;

export class LogWorld {
  readonly organizationId = newId('organization');
  readonly issuance: LogIssuance;
  /** What readers are told. */
  isTrusted = true;
  /** Those that cannot be read just now. */
  readonly failing = new Set<keyof ReadModels>();
  log = '';
  readonly #keyIds: string[] = [];
  readonly #agents: { organizationId: string; agentId: string }[] = [];
  readonly #schedulers: { close(): Promise<void> }[] = [];

  private constructor(
    readonly natsServer: LocalServer,
    readonly nats: NatsConnection,
    readonly store: EventStore,
  ) {
    this.issuance = new LogIssuance(nats, store);
  }

  static async start(): Promise<LogWorld> {
    const natsServer = await startNats();
    const nats = await connect({ servers: natsServer.url, maxReconnectAttempts: -1 });
    return new LogWorld(natsServer, nats, await openEventStore(natsServer.url));
  }

  async stop(): Promise<void> {
    await this.stopSchedulers();
    await this.store.close();
    await this.nats.close();
    await this.natsServer.stop();
  }

  async startScheduler(
    env: Record<string, string> = {},
    parts: SchedulerParts = {},
  ): Promise<INestApplicationContext> {
    const settings = readSettings({
      NATS_URL: this.natsServer.url,
      REDIS_URL: 'redis://127.0.0.1:1',
      KEY_EXPIRY_POLL_MS: '40',
      DOMAIN_POLL_MS: '40',
      ...env,
    });
    const log = new Log('scheduler', 'debug', { write: (line: string) => void (this.log += line) });
    const module = await SchedulerModule.open(settings, log, { models: this.models(), ...parts });
    const app = await NestFactory.createApplicationContext(module, { logger: false, abortOnError: false });
    this.#schedulers.push(app);
    return app;
  }

  async stopSchedulers(): Promise<void> {
    await Promise.all(this.#schedulers.splice(0).map((app) => app.close()));
  }

  /** A service key as it stands in the log. */
  async addKey({ createdAt, expiresAt }: { createdAt: string; expiresAt: string }): Promise<string> {
    const keyId = newId('key');
    const { organizationId } = this;
    const credential = { digest: 'a'.repeat(64), pepperVersion: 1 };
    const data = {
      keyId,
      organizationId,
      kind: 'service',
      name: 'CI',
      role: 'viewer',
      credential,
      expiresAt,
    } as const;
    const event: KeyEvent = { type: 'KeyCreated', data, at: createdAt, actor: USER };
    const { type, data: stored, schemaVersion } = keyCodec.encode(event);
    const metadata = {
      $correlationId: 'r',
      $causationId: randomUUID(),
      actor: USER,
      at: createdAt,
      schemaVersion,
      requestDigest: 'd',
    };
    await this.store.append(streamName('key', keyId), 'no_stream', [
      { id: randomUUID(), type, data: stored, metadata },
    ]);
    this.#keyIds.push(keyId);
    return keyId;
  }

  /** Types of the key's events after the first, with their notice. */
  async keyEvents(keyId: string): Promise<string[]> {
    const events: string[] = [];
    for await (const event of this.store.readStream(streamName('key', keyId)))
      events.push(
        `${event.type}${event.data['daysBefore'] === undefined ? '' : ` ${event.data['daysBefore'] as number}`}`,
      );
    return events.slice(1);
  }

  /** An agent of an organization with one domain. */
  async addDomain(domain: string, more: { organizationId?: string; at?: string } = {}): Promise<AgentDomain> {
    const { organizationId = this.organizationId, at = new Date().toISOString() } = more;
    const [agentId, domainId] = [newId('agent'), newId('domain')];
    const ids = { organizationId, agentId, at, actor: USER, authority: AUTHORITY };
    await this.issuance.onAgent(agentId, { type: 'CreateAgent', ...ids, name: 'Agent' });
    const challenge = challengeOf();
    await this.issuance.onAgent(agentId, { type: 'AddDomain', ...ids, domainId, domain, challenge });
    this.#agents.push({ organizationId, agentId });
    return this.domain({ organizationId, agentId, domainId });
  }

  /** As if a proof had been found, or not been found, at that time. */
  async record(
    domain: AgentDomain,
    result: 'found' | 'missing',
    at = new Date().toISOString(),
  ): Promise<AgentDomain> {
    const { organizationId, agentId, id: domainId, challenge } = domain;
    const actor: Actor = { type: 'system', id: 'spec' };
    const ids = { organizationId, agentId, domainId, challenge, at, actor };
    await this.issuance.onAgent(agentId, {
      type: 'RecordDomainCheck',
      ...ids,
      result,
      ...(result === 'found' && { method: 'dns' }),
    });
    return this.domain({ organizationId, agentId, domainId });
  }

  async removeAgent({ organizationId, agentId }: AgentDomain): Promise<void> {
    const at = new Date().toISOString();
    await this.issuance.onAgent(agentId, {
      type: 'RemoveAgent',
      organizationId,
      agentId,
      at,
      actor: USER,
      authority: AUTHORITY,
    });
  }

  async domain({ organizationId, agentId, domainId }: DomainIdInput): Promise<AgentDomain> {
    const { domains } = await this.#agent(organizationId, agentId);
    return domains.find(({ id }) => id === domainId)!;
  }

  /** Types of the domain's events, the adding aside. */
  async domainEvents({ agentId }: AgentDomain): Promise<string[]> {
    const types: string[] = [];
    for await (const event of this.store.readStream(streamName('agent', agentId))) types.push(event.type);
    return types.filter((type) => type !== 'AgentCreated' && type !== 'AgentDomainAdded');
  }

  /** Takes away when each domain was last looked at. */
  async forgetLooks(): Promise<void> {
    const bucket = await new Kvm(jetstream(this.nats)).open(BUCKETS.domainChecks);
    await bucket.destroy();
  }

  /** The part of the read models that the scheduler asks. */
  models(): ReadModels {
    const reading = async <Value>(
      name: keyof ReadModels,
      read: () => Promise<Value>,
    ): Promise<Reading<Value>> => {
      if (this.failing.has(name)) throw new Error(`${name} cannot be read`);
      const value = await read();
      const times = { beganAtMs: 0, position: '7', freshUntilMs: Infinity, freshForMs: () => 0 };
      return {
        value,
        trusted: this.isTrusted,
        ...times,
        ...(!this.isTrusted && { reason: 'a spec says so' }),
      };
    };
    const part: Partial<ReadModels> = {
      listDueKeys: (untilMs, limit) =>
        reading('listDueKeys', async () => (await this.#dueKeys(untilMs)).slice(0, limit)),
      listDomains: (page?: PageRequest) => reading('listDomains', () => this.#page(page)),
      listHoldersOf: (domain) =>
        reading('listHoldersOf', async () =>
          (await this.#domains()).filter(
            (one) => one.domain === domain && ['verified', 'stale'].includes(one.state),
          ),
        ),
      getAgent: (organizationId, agentId) =>
        reading('getAgent', async () => {
          const found = await this.#agent(organizationId, agentId).catch(() => undefined);
          return (
            found && {
              id: agentId,
              organizationId,
              name: 'Agent',
              createdAt: '',
              createdBy: USER,
              revision: '0',
              ...found,
            }
          );
        }),
      state: () => ({ connected: true, trusted: this.isTrusted }),
      close: () => Promise.resolve(),
    };
    return part as ReadModels;
  }

  async #dueKeys(untilMs: number): Promise<{ organizationId: string; keyId: string }[]> {
    const due: { organizationId: string; keyId: string }[] = [];
    for (const keyId of this.#keyIds) {
      const { state } = await loadStream({
        store: this.store,
        stream: streamName('key', keyId),
        codec: keyCodec,
        decider: key,
      });
      const dueAt = state.status === 'none' ? undefined : nextDueAt(state);
      if (dueAt !== undefined && Date.parse(dueAt) <= untilMs)
        due.push({ organizationId: this.organizationId, keyId });
    }
    return due;
  }

  /** Pages of two, so that every round has several. */
  async #page({ cursor = '0' }: PageRequest = {}): Promise<Page<WatchedDomain>> {
    const from = Number(cursor);
    const all = await this.#domains();
    return { items: all.slice(from, from + 2), ...(from + 2 < all.length && { nextCursor: `${from + 2}` }) };
  }

  async #domains(): Promise<WatchedDomain[]> {
    const agents = await Promise.all(this.#agents.map((one) => this.#agent(one.organizationId, one.agentId)));
    return agents.flatMap(({ state, domains }) =>
      domains.map((domain) => ({ ...domain, agentState: state })),
    );
  }

  async #agent(organizationId: string, agentId: string) {
    const { state } = await loadStream({
      store: this.store,
      stream: streamName('agent', agentId),
      codec: agentCodec,
      decider: agent,
    });
    if (state.status === 'none' || state.organizationId !== organizationId) throw new Error('no such agent');
    const domains = Object.values(state.domains).map((domain): AgentDomain => ({
      ...domain,
      organizationId,
      agentId,
    }));
    return { state: state.status, domains };
  }
}
