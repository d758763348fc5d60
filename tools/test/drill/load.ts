/**
 * What users do while operators work: checks over NATS without a pause, by three kinds of callers, and commands through
 * every gateway, repeated with the same Idempotency-Key as docs/api.md says. Nothing is forgiven: a check that does not
 * answer VALID for a key in force is a failed one, and no check is asked twice.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { VERIFY_SUBJECT, type VerifyReply } from '@mcpstack/contracts';
import { waitFor } from '@mcpstack/testing';
import { createVerifier, type Verifier } from '@mcpstack/verify';
import { connect, type NatsConnection, type NodeConnectionOptions } from '@nats-io/transport-node';
import type { Product } from '../e2e/product.ts';

/** Longer than any machine is busy: what counts is whether an answer comes, not how soon. */
const TIMEOUT_MS = 10_000;
/** As `createVerifier` has it. */
const SDK_TIMEOUT_MS = 2_000;
const PAUSE_MS = 15;
const CHECKERS = 2;
const COMMANDERS = 2;
const STANDING_KEYS = 5;

export interface MadeKey {
  id: string;
  name: string;
  secret: string;
  isRevoked: boolean;
}

export interface LoadCounts {
  checks: number;
  failed: number;
  /** Checks that took longer than the SDK waits by default: to its callers, they would have failed. */
  slow: number;
  commands: number;
  /** Commands that were sent more than once. */
  repeated: number;
  /** Checks of a revoked key that began after its DELETE had answered, and said VALID. */
  revived: number;
}

export interface LoadOptions {
  /** How callers log in at NATS. */
  nats?: NodeConnectionOptions;
  commanders?: number;
}

type Check = (secret: string) => Promise<string>;

export class Load {
  readonly counts: LoadCounts = { checks: 0, failed: 0, slow: 0, commands: 0, repeated: 0, revived: 0 };
  /** What failed checks were answered, by caller: how often. */
  readonly failures: Record<string, number> = {};
  /** Every key that was acknowledged. */
  readonly made: MadeKey[] = [];
  /** Of the names of keys, so that no two loads share one. */
  readonly #run = randomUUID().slice(0, 8);
  readonly #product: Product;
  readonly #callers: Record<string, Check>;
  readonly #closing: (Verifier | NatsConnection)[];
  #working: Promise<unknown> = Promise.resolve();
  #isOver = false;

  private constructor(
    product: Product,
    callers: Record<string, Check>,
    closing: (Verifier | NatsConnection)[],
  ) {
    this.#product = product;
    this.#callers = callers;
    this.#closing = closing;
  }

  /** Makes keys, and begins. The product's token must be good for as long as the load lasts. */
  static async start(product: Product, options: LoadOptions = {}): Promise<Load> {
    const nats = { servers: product.stack.natsUrl, maxReconnectAttempts: -1, ...options.nats };
    const asking = await createVerifier({ nats, timeoutMs: TIMEOUT_MS, maxReused: 0 });
    const reusing = await createVerifier({ nats, timeoutMs: TIMEOUT_MS });
    const plain = await connect(nats);
    const callers: Record<string, Check> = {
      'SDK, every check asked': async (key) => spoken(await asking.verify({ key })),
      'SDK that reuses answers': async (key) => spoken(await reusing.verify({ key })),
      'plain request': async (key) => {
        const reply = await plain.request(VERIFY_SUBJECT, JSON.stringify({ key }), { timeout: TIMEOUT_MS });
        return reply.json<VerifyReply>().code;
      },
    };
    const load = new Load(product, callers, [asking, reusing, plain]);
    const standing = await Promise.all(
      Array.from({ length: STANDING_KEYS }, (_, number) => load.#create(`standing ${number}`)),
    );
    for (const { secret } of standing) await load.#works(secret);
    const checking = Object.keys(callers).flatMap((caller) =>
      Array.from({ length: CHECKERS }, (_, number) => load.#check(caller, standing, number)),
    );
    const { commanders = COMMANDERS } = options;
    const commanding = Array.from({ length: commanders }, (_, number) => load.#command(number));
    load.#working = Promise.all([...checking, ...commanding]);
    // Looked at in `stop`; until then it is nobody's rejection.
    load.#working.catch(() => undefined);
    return load;
  }

  /** Goes on until so many more checks by each caller and commands have been answered. */
  async goOn({ checks = 100, commands = 0 } = {}): Promise<void> {
    const wanted = { checks: this.counts.checks + checks, commands: this.counts.commands + commands };
    await waitFor(() => this.counts.checks >= wanted.checks && this.counts.commands >= wanted.commands, {
      timeoutMs: 240_000,
      what: `${checks} checks and ${commands} commands`,
    });
  }

  /** Ends, once every command is answered. @throws what a command was refused for. */
  async stop(): Promise<void> {
    this.#isOver = true;
    try {
      await this.#working;
    } finally {
      for (const one of this.#closing) await one.close();
    }
  }

  async #check(caller: string, keys: readonly MadeKey[], number: number): Promise<void> {
    for (let next = number; !this.#isOver; next += 1) {
      const beganAtMs = performance.now();
      const code = await this.#ask(caller, keys[next % keys.length]!.secret);
      if (performance.now() - beganAtMs > SDK_TIMEOUT_MS) this.counts.slow += 1;
      this.counts.checks += 1;
      if (code !== 'VALID') {
        this.counts.failed += 1;
        const what = `${caller}: ${code}`;
        this.failures[what] = (this.failures[what] ?? 0) + 1;
      }
      await delay(PAUSE_MS);
    }
  }

  /** A create, and for every other key its revocation; then the key is asked about at once, by every caller. */
  async #command(number: number): Promise<void> {
    for (let next = 0; !this.#isOver; next += 1) {
      const key = await this.#create(`key ${number}.${next}`);
      if (next % 2 === 1) continue;
      await this.#works(key.secret);
      await this.#insist('DELETE', `${this.#product.keysPath}/${key.id}`);
      key.isRevoked = true;
      const codes = await Promise.all(
        Object.keys(this.#callers).map((caller) => this.#ask(caller, key.secret)),
      );
      this.counts.revived += codes.filter((code) => code === 'VALID').length;
    }
  }

  async #create(what: string): Promise<MadeKey> {
    const name = `${what} of ${this.#run}`;
    const body = await this.#insist('POST', this.#product.keysPath, { name, role: 'viewer' });
    const key = { id: body['id'] as string, name, secret: body['secret'] as string, isRevoked: false };
    this.made.push(key);
    return key;
  }

  /** A new key may need a moment, which its position would tell; this is no check of the load. */
  async #works(secret: string): Promise<void> {
    const [caller] = Object.keys(this.#callers);
    await waitFor(async () => (await this.#ask(caller!, secret)) === 'VALID', {
      timeoutMs: 120_000,
      intervalMs: 50,
      what: 'a new key to work',
    });
  }

  #ask(caller: string, secret: string): Promise<string> {
    return this.#callers[caller]!(secret).catch((error: Error) => error.name);
  }

  /** The same request, at one gateway after the other, until it has an answer that is final. */
  async #insist(method: string, path: string, body?: object): Promise<Record<string, unknown>> {
    const idempotencyKey = randomUUID();
    const gateways = [...this.#product.stack.services.values()].filter(({ name }) => /^gateway/.test(name));
    for (let tries = 0; tries < 1_000; tries += 1) {
      const at = gateways[(this.counts.commands + tries) % gateways.length]!.url;
      const answer = await this.#send(at + path, { method, body, idempotencyKey });
      if (answer === undefined || answer.status >= 500) {
        await delay(100);
        continue;
      }
      if (answer.status >= 300) throw new Error(`${method} ${path} answered ${answer.status} ${answer.text}`);
      this.counts.commands += 1;
      if (tries > 0) this.counts.repeated += 1;
      return answer.text === '' ? {} : (JSON.parse(answer.text) as Record<string, unknown>);
    }
    throw new Error(`${method} ${path} got no final answer`);
  }

  async #send(
    url: string,
    { method, body, idempotencyKey }: { method: string; body: object | undefined; idempotencyKey: string },
  ): Promise<{ status: number; text: string } | undefined> {
    try {
      const response = await fetch(url, {
        method,
        headers: {
          authorization: `Bearer ${this.#product.token}`,
          'idempotency-key': idempotencyKey,
          ...(body && { 'content-type': 'application/json' }),
        },
        ...(body && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(60_000),
      });
      return { status: response.status, text: await response.text() };
    } catch {
      // No connection, or one that broke: what became of it nobody knows, so the same again.
      return undefined;
    }
  }
}

function spoken({ code, message }: VerifyReply & { message?: string }): string {
  return message === undefined ? code : `${code} (${message})`;
}
