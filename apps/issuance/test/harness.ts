/** Issuance on a real NATS server and a real log, with a stand-in for the projection that confirms. */
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CONFIRM_SUBJECT,
  KEYS_OF_MAKER_SUBJECT,
  newId,
  QUEUE_GROUPS,
  type Actor,
  type CommandContracts,
  type CommandEnvelope,
  type CommandName,
  type ConfirmReply,
  type ConfirmRequest,
  type CreateKeyOutput,
  type KeysOfMakerReply,
  type KeysOfMakerRequest,
  type Positioned,
  type ProblemError,
  type Role,
} from '@mcpstack/contracts';
import {
  chained,
  chainEnd,
  newSalt,
  openEventStore,
  type ChainEnd,
  type EventStore,
  type RecordedEvent,
} from '@mcpstack/event-store';
import { codecFor, streamName, type Category, type KeyState } from '@mcpstack/domain';
import { startNats, waitFor, type LocalServer } from '@mcpstack/local-servers';
import { CommandClient, connectNats, DrainingNatsServer, Log } from '@mcpstack/service-kit';
import type { NatsConnection } from '@nats-io/transport-node';
import type { INestMicroservice } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { createHash } from 'node:crypto';
import { Decisions } from '../src/decisions.ts';
import { IssuanceModule, readSettings } from '../src/issuance.module.ts';

export const DELTA_MS = 50;

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** A strong Idempotency-Key. */
export const strongKey = (): string => randomBytes(24).toString('base64url');

/** Which keys were made by whom, as the projection would answer it: kept up with the log. */
class MakerIndex {
  private readonly made = new Map<string, { maker: string; organizationId: string; ended: boolean }>();
  private readonly makers = new Set<string>();
  private readonly ending = new AbortController();
  private following: Promise<void> | undefined;
  private position = -1n;

  constructor(private readonly store: EventStore) {}

  async keysOf({ organizationId, maker, position }: KeysOfMakerRequest): Promise<KeysOfMakerReply> {
    this.following ??= this.follow();
    await waitFor(() => this.position >= BigInt(position), { what: 'the position' });
    const name = `${maker.type}:${maker.id}`;
    const keyIds = [...this.made].flatMap(([id, one]) =>
      one.maker === name &&
      one.organizationId === organizationId &&
      (!one.ended || this.makers.has(`key:${id}`))
        ? [id]
        : [],
    );
    return { keyIds };
  }

  async stop(): Promise<void> {
    this.ending.abort();
    await this.following;
  }

  private async follow(): Promise<void> {
    for await (const event of this.store.subscribe({ signal: this.ending.signal })) {
      const keyId = event.stream.slice('key-'.length);
      if (event.type === 'KeyCreated') {
        const { actor } = event.metadata as unknown as { actor: Actor };
        const maker = `${actor.type}:${actor.id}`;
        this.made.set(keyId, { maker, organizationId: String(event.data.organizationId), ended: false });
        this.makers.add(maker);
      }
      const known = this.made.get(keyId);
      if (known && ['KeyRevoked', 'KeyExpired'].includes(event.type)) known.ended = true;
      this.position = event.position;
    }
  }
}

export class Harness {
  readonly owner: Actor = { type: 'user', id: newId('user') };
  readonly asked: ConfirmRequest[] = [];
  /** What the stand-in projection answers; `undefined` is silence. */
  confirm: (request: ConfirmRequest) => ConfirmReply | undefined = () => ({ confirmed: true });
  /** What the stand-in answers to "which keys did they make?"; by default what the log says. */
  keysOf: (request: KeysOfMakerRequest) => Promise<KeysOfMakerReply | undefined> = (request) =>
    this.makers.keysOf(request);
  /** All that the instances logged, at every level. */
  logged = '';
  readonly instances: INestMicroservice[] = [];
  readonly folder = mkdtempSync(join(tmpdir(), 'issuance-'));
  organizationId = '';
  private readonly makers: MakerIndex;

  private constructor(
    readonly server: LocalServer,
    readonly nats: NatsConnection,
    readonly store: EventStore,
    readonly client: CommandClient,
  ) {
    this.makers = new MakerIndex(store);
  }

  /** Starts everything and makes an organization that `owner` owns. */
  static async start(): Promise<Harness> {
    const server = await startNats();
    const nats = await connectNats(server.url, 'spec');
    const client = new CommandClient(server.url, 'spec-gateway');
    await client.connect();
    const harness = new Harness(server, nats, await openEventStore(server.url), client);
    writeFileSync(harness.pepperFile, pepperFile());
    writeFileSync(harness.webhookKeyFile, webhookKeyFile());
    nats.subscribe(CONFIRM_SUBJECT, {
      callback: (_error, message) => {
        const request = message.json<ConfirmRequest>();
        harness.asked.push(request);
        const reply = harness.confirm(request);
        if (reply) message.respond(JSON.stringify(reply));
      },
    });
    nats.subscribe(KEYS_OF_MAKER_SUBJECT, {
      callback: (_error, message) =>
        void harness
          .keysOf(message.json<KeysOfMakerRequest>())
          .then((reply) => reply && message.respond(JSON.stringify(reply))),
    });
    await harness.addInstance();
    harness.organizationId = await harness.createOrganization('Acme', harness.owner.id);
    return harness;
  }

  get pepperFile(): string {
    return join(this.folder, 'peppers.json');
  }

  get webhookKeyFile(): string {
    return join(this.folder, 'webhook-keys.json');
  }

  get env(): Record<string, string> {
    return {
      NATS_URL: this.server.url,
      EVENT_STORE_URL: this.server.url,
      PEPPER_FILE: this.pepperFile,
      WEBHOOK_KEY_FILE: this.webhookKeyFile,
      LOG_LEVEL: 'trace',
      FRESH_DELTA_MS: String(DELTA_MS),
      STAMP_LIFE_MS: '200',
      FINAL_TIMEOUT_MS: '700',
    };
  }

  async addInstance(): Promise<INestMicroservice> {
    const log = new Log('issuance', 'trace', { write: (line: string) => void (this.logged += line) });
    const module = await IssuanceModule.open(readSettings(this.env), log);
    const strategy = new DrainingNatsServer(this.server.url, 'spec-issuance', QUEUE_GROUPS.issuance);
    const instance = await NestFactory.createMicroservice(module, {
      strategy,
      logger: log,
      abortOnError: false,
    });
    await instance.listen();
    this.instances.push(instance);
    return instance;
  }

  async stop(): Promise<void> {
    await this.makers.stop();
    await Promise.all(this.instances.map((instance) => instance.close()));
    await this.client.close();
    await this.store.close();
    await this.nats.close();
    await this.server.stop();
    rmSync(this.folder, { recursive: true });
  }

  /** An envelope in the name of the owner; `changes` may be anything, also what is not allowed. */
  envelope<Input>(input: Input, changes: object = {}): CommandEnvelope<Input> {
    return {
      commandId: randomUUID(),
      requestId: `req-${randomUUID()}`,
      actor: this.owner,
      requestDigest: sha256(JSON.stringify(input)),
      input,
      ...changes,
    };
  }

  send<Name extends CommandName>(
    name: Name,
    input: CommandContracts[Name]['input'],
    changes: object = {},
  ): Promise<CommandContracts[Name]['output']> {
    return this.client.send(name, this.envelope(input, changes));
  }

  async createOrganization(name: string, ownerId: string): Promise<string> {
    const actor: Actor = { type: 'system', id: 'setup' };
    return (await this.send('createOrganization', { name, ownerId }, { actor })).organization.id;
  }

  createKey(changes: object = {}, input: object = {}): Promise<CreateKeyOutput> {
    const { organizationId } = this;
    return this.send('createKey', { organizationId, name: 'bot', role: 'developer', ...input }, changes);
  }

  revokeKey(keyId: string, changes: object = {}): Promise<Positioned> {
    const { organizationId } = this;
    return this.send('revokeKey', { organizationId, keyId, kind: 'service' }, changes);
  }

  /** Somebody of this role in the organization, as if they had accepted an invitation. */
  async addMember(role: Role, organizationId = this.organizationId): Promise<Actor> {
    const userId = newId('user');
    await this.write('organization', organizationId, {
      type: 'InvitationAccepted',
      data: { invitationId: newId('invitation'), userId, role },
    });
    return { type: 'user', id: userId };
  }

  /** An organization with this policy, and a member of this role besides the owner; past every decision. */
  async addOrganization(onMakerLoss: 'list' | 'revoke', role: Role) {
    const [organizationId, userId] = [newId('organization'), newId('user')];
    await this.write(
      'organization',
      organizationId,
      { type: 'OrganizationCreated', data: { organizationId, name: 'Acme', ownerId: this.owner.id } },
      { type: 'OrganizationPolicyChanged', data: { policy: { onMakerLoss } } },
      { type: 'InvitationAccepted', data: { invitationId: newId('invitation'), userId, role } },
    );
    return { organizationId, member: { type: 'user', id: userId } satisfies Actor as Actor };
  }

  /** An agent with these domains, all of them verified. */
  async addAgent(domains: readonly string[] = [], organizationId = this.organizationId): Promise<string> {
    const agentId = newId('agent');
    await this.write('agent', agentId, {
      type: 'AgentCreated',
      data: { agentId, organizationId, name: 'agent' },
    });
    for (const domain of domains) {
      const domainId = newId('domain');
      await this.write(
        'agent',
        agentId,
        { type: 'AgentDomainAdded', data: { domainId, domain, challenge: 'mcpstack-verify=x' } },
        { type: 'AgentDomainVerified', data: { domainId, method: 'dns' } },
      );
    }
    return agentId;
  }

  async addServer(organizationId = this.organizationId): Promise<string> {
    const serverId = newId('server');
    await this.write('server', serverId, {
      type: 'ServerCreated',
      data: { serverId, organizationId, name: 'server' },
    });
    return serverId;
  }

  /** Appends events past every decision. */
  async write(
    category: Category,
    id: string,
    ...events: { type: string; data: Record<string, unknown>; at?: string }[]
  ): Promise<void> {
    const stream = streamName(category, id);
    let end: ChainEnd | undefined;
    for await (const last of this.store.readStream(stream, { direction: 'backwards', maxCount: 1 }))
      end = chainEnd(last);
    const stored = events.map(({ type, data, at = new Date().toISOString() }) => {
      const { schemaVersion } = codecFor(category).encode({ type, data, at, actor: this.owner });
      const cause = { $causationId: randomUUID(), ...newSalt(stream) };
      const metadata = { at, actor: this.owner, schemaVersion, ...cause };
      return { id: randomUUID(), type, data, metadata };
    });
    await this.store.append(stream, end?.revision ?? 'no_stream', chained(stream, end, stored));
  }

  /** The fold of a key's stream. */
  async key(keyId: string): Promise<KeyState> {
    return (await new Decisions(this.store).load('key', keyId)).state;
  }

  async events(stream: string): Promise<RecordedEvent[]> {
    const all: RecordedEvent[] = [];
    for await (const event of this.store.readStream(stream)) all.push(event);
    return all;
  }

  /** The streams of keys, from the whole log. */
  async keyEvents(keyId: string): Promise<string[]> {
    return (await this.events(`key-${keyId}`)).map((event) => event.type);
  }

  head(): Promise<bigint> {
    return this.store.head();
  }
}

export function pepperFile(): string {
  return JSON.stringify({ current: 1, peppers: { 1: randomBytes(32).toString('base64') } });
}

export function webhookKeyFile(): string {
  return JSON.stringify({ current: 1, keys: { 1: randomBytes(32).toString('base64') } });
}

/** The problem that a command ended with. */
export function problemOf(sent: Promise<unknown>): Promise<ProblemError> {
  return sent.then(
    () => {
      throw new Error('the command was accepted');
    },
    (error: ProblemError) => error,
  );
}
