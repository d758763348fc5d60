/** The product as its users reach it: HTTP at the gateway, verify over NATS; and the log, as an auditor reads it. */
import { randomUUID } from 'node:crypto';
import { VERIFY_SUBJECT, type ApiKey, type VerifyReply, type VerifyRequest } from '@mcpstack/contracts';
import { eventsUpTo, openEventStore, type RecordedEvent } from '@mcpstack/event-store';
import { signIn, startStack, waitFor, type Stack, type StackOptions } from '@mcpstack/testing';
import { connect, type ConnectionOptions, type NatsConnection } from '@nats-io/transport-node';

export const OWNER = { email: 'owner@localhost', password: 'correct horse battery', organization: 'Acme' };

/**
 * Those that change and check keys, and let people in. A spec that is about one of the others asks for it:
 * each process costs more than a second of the processor to start.
 */
const FEWEST = { scheduler: 0, checkpointer: 0, webhooks: 0 };

/** All that the product consists of, once. */
export const WHOLE = { scheduler: 1, checkpointer: 1, webhooks: 1 };

/** Short settings, so that a session is soon old enough for finality; as long as a busy machine needs to write stamps. */
export const FAST = { FRESH_DELTA_MS: '250', STAMP_LIFE_MS: '2500', LEASE_LIFE_MS: '1500' };

/**
 * For specs in which no check may fail: a machine that stands still for longer than Δ makes a check UNAVAILABLE, which is
 * right and says nothing of what the spec is about. The lease ends soon all the same.
 */
export const STEADY = { ...FAST, FRESH_DELTA_MS: '1000', STAMP_LIFE_MS: '5000' };

export interface Answer {
  status: number;
  body: Record<string, unknown>;
  headers: Headers;
}

export class Product {
  private constructor(
    readonly stack: Stack,
    readonly organizationId: string,
    readonly nats: NatsConnection,
  ) {}

  token = '';

  /** @param options `nats`: how this asks for checks, where not everybody may. */
  static async start(options: StackOptions & { nats?: ConnectionOptions } = {}): Promise<Product> {
    const { nats: login, ...stackOptions } = options;
    const instances = { ...FEWEST, ...options.instances };
    const stack = await startStack({ env: FAST, ...stackOptions, instances });
    const { organizationId } = await stack.setUp(OWNER);
    const nats = await connect({
      servers: stack.natsUrl,
      maxReconnectAttempts: -1,
      reconnectTimeWait: 50,
      ...login,
    });
    const product = new Product(stack, organizationId, nats);
    await product.logIn();
    return product;
  }

  async logIn(): Promise<void> {
    const login = await waitFor(() => signIn(this.stack.gatewayUrl, OWNER), { what: 'the owner to log in' });
    this.token = login.accessToken;
  }

  async stop(): Promise<void> {
    await this.nats.close();
    await this.stack.stop();
  }

  get keysPath(): string {
    return `/api/v1/organizations/${this.organizationId}/api-keys`;
  }

  /** One request, one answer; rejects only when there is no HTTP answer at all. */
  async http(
    method: string,
    path: string,
    { body, token = this.token, idempotencyKey, headers = {} }: HttpOptions = {},
  ): Promise<Answer> {
    const response = await fetch(this.stack.gatewayUrl + path, {
      method,
      headers: {
        ...(token && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(idempotencyKey && { 'idempotency-key': idempotencyKey }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(60_000),
    });
    const text = await response.text();
    return {
      status: response.status,
      body: text ? (JSON.parse(text) as Record<string, unknown>) : {},
      headers: response.headers,
    };
  }

  /** Repeats the very same request until it gets a final answer (not a 5xx, not a broken connection). */
  async insist(method: string, path: string, options: HttpOptions = {}): Promise<Answer & { tries: number }> {
    const same = { ...options, idempotencyKey: options.idempotencyKey ?? randomUUID() };
    let tries = 0;
    const answer = await waitFor(
      async () => {
        tries += 1;
        const given = await this.http(method, path, same);
        return given.status < 500 ? given : undefined;
      },
      { timeoutMs: 240_000, intervalMs: 50, what: `${method} ${path} to be answered` },
    );
    return { ...answer, tries };
  }

  async create(name: string, role = 'developer'): Promise<ApiKey & { secret: string }> {
    const answer = await this.insist('POST', this.keysPath, { body: { name, role } });
    if (answer.status !== 201)
      throw new Error(`create answered ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body as unknown as ApiKey & { secret: string };
  }

  async verify(request: VerifyRequest): Promise<VerifyReply> {
    const reply = await this.nats.request(VERIFY_SUBJECT, JSON.stringify(request), { timeout: 20_000 });
    return reply.json<VerifyReply>();
  }

  /** Everything in the log up to now, in order. @param login as whom, where not everybody may read it. */
  async log(login: Parameters<typeof openEventStore>[1] = {}): Promise<RecordedEvent[]> {
    const store = await openEventStore(this.stack.eventStoreUrl, login);
    try {
      const events: RecordedEvent[] = [];
      for await (const event of eventsUpTo(store, await store.head())) events.push(event);
      return events;
    } finally {
      await store.close();
    }
  }
}

export interface HttpOptions {
  body?: unknown;
  token?: string;
  idempotencyKey?: string;
  headers?: Record<string, string>;
}
