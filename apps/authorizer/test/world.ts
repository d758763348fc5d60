/** An authorizer process on real NATS and Redis, with read models written by the fenced writer itself. */
import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { makeToken, newId, tokenDigest, VERIFY_SUBJECT, type VerifyReply } from '@mcpstack/contracts';
import type { RecordedEvent } from '@mcpstack/event-store';
import { freePort, ManagedProcess, startNats, startRedis, type LocalServer } from '@mcpstack/local-servers';
import { applyEvents, ReadModelWriter, type Generation, type WriteSession } from '@mcpstack/read-models';
import { connect, type NatsConnection } from '@nats-io/transport-node';

/** As it starts in production. `npm test` and `npm run build` make it. */
const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));

export const STAMP_LIFE_MS = 2_500;
export const PEPPERS = { 1: randomBytes(32), 2: randomBytes(32) } as const;

export interface TestKey {
  id: string;
  token: string;
  stream: string;
  organizationId: string;
}

export class World {
  readonly folder = mkdtempSync(join(tmpdir(), 'mcpstack-authorizer-'));
  readonly #events: RecordedEvent[] = [];
  #session: WriteSession | undefined;
  #generation: Generation | undefined;
  #stamping: Promise<void> | undefined;

  private constructor(
    readonly natsServer: LocalServer,
    readonly redis: LocalServer,
    readonly nats: NatsConnection,
  ) {
    const peppers = Object.entries(PEPPERS).map(([version, bytes]) => [version, bytes.toString('base64')]);
    const file = { current: 2, peppers: Object.fromEntries(peppers) as Record<string, string> };
    writeFileSync(join(this.folder, 'peppers.json'), JSON.stringify(file));
  }

  static async start(): Promise<World> {
    const [natsServer, redis] = await Promise.all([startNats({ jetstream: false }), startRedis()]);
    const nats = await connect({ servers: natsServer.url, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
    return new World(natsServer, redis, nats);
  }

  async stop(): Promise<void> {
    this.#session?.end();
    await this.#stamping;
    await this.nats.close();
    await Promise.all([this.natsServer.stop(), this.redis.stop()]);
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Takes the data set, writes all events, puts them in force, and stamps from then on. */
  async project(): Promise<void> {
    this.#session?.end();
    await this.#stamping;
    const session = await until('a session', () =>
      new ReadModelWriter({ url: this.redis.url }).begin().catch(() => undefined),
    );
    const generation = await session.build('log-1');
    await applyEvents(session, generation, this.#events, () => this.#nothing());
    await session.switchTo(generation);
    const stamping = async (): Promise<void> => {
      for (;;) {
        await session.stamp();
        await sleep(STAMP_LIFE_MS / 5);
      }
    };
    this.#session = session;
    this.#generation = generation;
    this.#stamping = stamping().catch(() => undefined);
  }

  /** No more stamps, as when every projection is gone. */
  async stopStamping(): Promise<void> {
    this.#session?.end();
    await this.#stamping;
  }

  async #append(
    stream: string,
    type: string,
    data: Record<string, unknown>,
    schemaVersion = 1,
  ): Promise<void> {
    const metadata = {
      $correlationId: 'request-1',
      actor: { type: 'user', id: 'user_1' },
      at: new Date().toISOString(),
      schemaVersion,
    };
    const revision = BigInt(this.#events.filter((event) => event.stream === stream).length);
    const position = BigInt(this.#events.length + 1);
    const event = { id: randomUUID(), type, data, metadata, stream, revision, position };
    this.#events.push(event);
    if (this.#session && this.#generation)
      await applyEvents(this.#session, this.#generation, [event], () => this.#nothing());
  }

  async *#nothing(): AsyncIterable<RecordedEvent> {}

  async createKey(
    more: { role?: string; permissions?: string[]; pepperVersion?: 1 | 2; terms?: object } = {},
  ): Promise<TestKey> {
    const { role = 'developer', pepperVersion = 2, permissions, terms } = more;
    const organizationId = newId('organization');
    const ownerId = newId('user');
    const organization = { organizationId, name: 'Acme', ownerId };
    await this.#append(`organization-${organizationId}`, 'OrganizationCreated', organization);
    const [keyId, token] = [newId('key'), makeToken('service')];
    const digest = createHmac('sha256', PEPPERS[pepperVersion]).update(tokenDigest(token)).digest('hex');
    const stream = `key-${keyId}`;
    const created = {
      keyId,
      organizationId,
      kind: 'service',
      name: 'CI',
      role,
      credential: { digest, pepperVersion },
      ...(permissions && { permissions }),
      ...terms,
    };
    await this.#append(stream, 'KeyCreated', created, terms ? 2 : 1);
    return { id: keyId, token, stream, organizationId };
  }

  /** An agent with a verified domain, and a publishable key of it for `https://app.example.com`. */
  async createPublicKey(): Promise<TestKey & { agentId: string }> {
    const organizationId = newId('organization');
    await this.#append(`organization-${organizationId}`, 'OrganizationCreated', {
      organizationId,
      name: 'Acme',
      ownerId: newId('user'),
    });
    const [agentId, domainId, keyId] = [newId('agent'), newId('domain'), newId('key')];
    const token = makeToken('publishable');
    await this.#append(`agent-${agentId}`, 'AgentCreated', { agentId, organizationId, name: 'Helper' });
    const domain = { domainId, domain: 'example.com', challenge: 'mcpstack-verify=x' };
    await this.#append(`agent-${agentId}`, 'AgentDomainAdded', domain);
    await this.#append(`agent-${agentId}`, 'AgentDomainVerified', { domainId, method: 'dns' });
    const digest = createHmac('sha256', PEPPERS[2]).update(tokenDigest(token)).digest('hex');
    await this.#append(`key-${keyId}`, 'PublicKeyCreated', {
      keyId,
      organizationId,
      agentId,
      name: 'Shop',
      value: token,
      credential: { digest, pepperVersion: 2 },
      origins: [{ origin: 'https://app.example.com' }],
      development: false,
    });
    return { id: keyId, token, stream: `key-${keyId}`, organizationId, agentId };
  }

  removeAgent(agentId: string): Promise<void> {
    return this.#append(`agent-${agentId}`, 'AgentRemoved', {});
  }

  /** Gives the key another secret; the one before works for `validForMs` more. */
  async rotate(key: TestKey, validForMs: number): Promise<string> {
    const token = makeToken('service');
    const digest = createHmac('sha256', PEPPERS[2]).update(tokenDigest(token)).digest('hex');
    await this.#append(key.stream, 'KeyRotated', {
      version: 2,
      credential: { digest, pepperVersion: 2 },
      previous: { validUntil: new Date(Date.now() + validForMs).toISOString() },
    });
    return token;
  }

  revoke(key: TestKey): Promise<void> {
    return this.#append(key.stream, 'KeyRevoked', { reason: 'requested' });
  }

  get position(): string {
    return `${this.#events.length}`;
  }

  async verify(request: unknown, timeoutMs = 20_000): Promise<VerifyReply> {
    const payload = typeof request === 'string' ? request : JSON.stringify(request);
    return (await this.nats.request(VERIFY_SUBJECT, payload, { timeout: timeoutMs })).json<VerifyReply>();
  }

  async startAuthorizer(more: Record<string, string> = {}): Promise<Authorizer> {
    if (!existsSync(MAIN)) throw new Error('build first: npm run build');
    const port = await freePort();
    const child = await ManagedProcess.start({
      name: 'authorizer',
      command: process.execPath,
      args: [MAIN],
      env: {
        ...process.env,
        NATS_URL: this.natsServer.url,
        REDIS_URL: this.redis.url,
        PEPPER_FILE: join(this.folder, 'peppers.json'),
        HEALTH_PORT: `${port}`,
        STAMP_LIFE_MS: `${STAMP_LIFE_MS}`,
        LEASE_LIFE_MS: '500',
        ...more,
      },
    });
    const ready = async (): Promise<{ status: number; body: string }> => {
      const response = await fetch(`http://127.0.0.1:${port}/health/ready`);
      return { status: response.status, body: await response.text() };
    };
    await until('health', () => ready().catch(() => undefined), 20_000);
    return { child, ready };
  }
}

export interface Authorizer {
  child: ManagedProcess;
  ready: () => Promise<{ status: number; body: string }>;
}

/** Polls until the condition holds. */
export async function until<Value>(
  what: string,
  probe: () => Promise<Value | undefined | false>,
  timeoutMs = 60_000,
): Promise<Value> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const value = await probe();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > deadline) throw new Error(`not in time: ${what}`);
    await sleep(10);
  }
}
