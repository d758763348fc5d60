/** The product under load: started whole, with as many keys and authorizers as a row wants. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { base62, uuidFrom } from '@mcpstack/contracts';
import { openEventStore, type EventStore, type NewEvent } from '@mcpstack/event-store';
import { signIn, startStack, waitFor, type Stack } from '@mcpstack/local-servers';
import { readPeppers, type Peppers } from '@mcpstack/service-kit';
import { createVerifier } from '@mcpstack/verify';

const OWNER = { email: 'owner@localhost', password: 'correct horse battery', organization: 'Bench' };
/** How many appends are under way while keys are made. */
const CONCURRENCY = 256;
/** Authorizers tell what was used every 10 seconds. */
const USES_TOLD_EVERY_MS = 11_000;
/** Made at once per key, as `KeyCreated` alone: as a real key that was never changed. */
const MADE_AT = '2026-01-01T00:00:00.000Z';

export class Fleet {
  keys = 0;
  token = '';

  private constructor(
    readonly stack: Stack,
    readonly organizationId: string,
    readonly store: EventStore,
    private readonly peppers: Peppers,
    private readonly ownerId: string,
  ) {}

  static async start(env: Record<string, string> = {}): Promise<Fleet> {
    const stack = await startStack({
      // A day: the rows together take longer than an access token is good.
      env: { LOG_LEVEL: 'warn', ACCESS_TOKEN_LIFE_MS: '86400000', ...env },
      instances: { authorizer: 3 },
    });
    const { organizationId, ownerId } = await stack.setUp(OWNER);
    const store = await openEventStore(stack.eventStoreUrl);
    const peppers = readPeppers(join(stack.dataDir, 'peppers.json'));
    const fleet = new Fleet(stack, organizationId, store, peppers, ownerId);
    await fleet.logIn();
    await fleet.runAuthorizers(1);
    return fleet;
  }

  get keysPath(): string {
    return `${this.stack.gatewayUrl}/api/v1/organizations/${this.organizationId}/api-keys`;
  }

  /** Waits until the checkpoints have caught up with the keys: of a log that they have not, verify says that it does not fit. */
  async signed(): Promise<void> {
    const head = await this.store.head({ categories: ['key'] });
    const isSigned = async () => {
      const answer = await fetch(`${this.stack.service('checkpointer').url}/health/checkpoints`);
      return BigInt(((await answer.json()) as { position: string }).position) >= head;
    };
    await waitFor(isSigned, { timeoutMs: 600_000, intervalMs: 250, what: 'the log to be signed' });
  }

  async stop(): Promise<void> {
    await this.store.close();
    await this.stack.stop();
  }

  /** Lets only this many authorizers run. */
  async runAuthorizers(count: number): Promise<void> {
    for (const [index, name] of ['authorizer', 'authorizer-2', 'authorizer-3'].entries()) {
      const service = this.stack.service(name);
      if (index < count && !service.running) await service.restart();
      if (index >= count && service.running) await service.stop();
    }
  }

  /** SHA-256 of the key with this number, as a caller sends it. */
  digest(number: number): string {
    return createHash('sha256').update(`bench key ${number}`).digest('hex');
  }

  /** Makes keys until there are so many: by appending their events, as issuance would. */
  async growTo(count: number, onProgress: (made: number) => void = () => undefined): Promise<void> {
    let next = this.keys;
    let position = -1n;
    const worker = async (): Promise<void> => {
      for (let number = next++; number < count; number = next++) {
        const event = this.keyCreated(number);
        const stream = `key-${event.data['keyId'] as string}`;
        const appended = await this.store.append(stream, 'no_stream', [event], { timeoutMs: 30_000 });
        if (appended.position > position) position = appended.position;
        if (number % 50_000 === 0) onProgress(number);
      }
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, worker));
    this.keys = count;
    await this.#caughtUp(position);
  }

  /** The event of the key with this number. */
  keyCreated(number: number): NewEvent {
    const keyId = `key_${base62(createHash('sha256').update(`bench id ${number}`).digest(), 43).slice(0, 22)}`;
    const commandId = uuidFrom(`bench:${number}`);
    return {
      id: uuidFrom(`bench event:${number}`),
      type: 'KeyCreated',
      data: {
        keyId,
        organizationId: this.organizationId,
        kind: 'service',
        name: `pipeline ${number}`,
        role: 'developer',
        credential: this.peppers.credential(this.digest(number)),
        tags: [],
      },
      metadata: {
        $correlationId: commandId,
        $causationId: commandId,
        actor: { type: 'user', id: this.ownerId },
        at: MADE_AT,
        schemaVersion: 2,
        requestDigest: '0'.repeat(64),
      },
    };
  }

  /** A key made over HTTP. */
  async create(): Promise<{ id: string; secret: string }> {
    const response = await this.#http(
      'POST',
      this.keysPath,
      JSON.stringify({ name: 'bench', role: 'developer' }),
    );
    return (await response.json()) as { id: string; secret: string };
  }

  async revoke(keyId: string): Promise<void> {
    await this.#http('DELETE', `${this.keysPath}/${keyId}`);
  }

  async #http(method: string, url: string, body?: string): Promise<Response> {
    const headers = { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' };
    const response = await fetch(url, {
      method,
      headers: body === undefined ? { authorization: headers.authorization } : headers,
      ...(body !== undefined && { body }),
    });
    if (!response.ok) throw new Error(`${method} answered ${response.status}`);
    return response;
  }

  /** Waits until nothing is appended any more. What the checks of other rows have used is recorded for a while yet. */
  async settled(): Promise<void> {
    let before: bigint | undefined;
    const standsStill = async (): Promise<true | undefined> => {
      const head = await this.store.head();
      const isSame = head === before;
      before = head;
      return isSame || undefined;
    };
    await waitFor(standsStill, { timeoutMs: 600_000, intervalMs: USES_TOLD_EVERY_MS, what: 'all uses' });
  }

  /** Waits until the read models hold everything up to the position. */
  async #caughtUp(position: bigint): Promise<void> {
    if (position < 0n) return;
    const verifier = await createVerifier({ nats: { servers: this.stack.natsUrl }, maxReused: 0 });
    try {
      await waitFor(
        async () => {
          const reply = await verifier.verify({
            digest: this.digest(this.keys - 1),
            position: `${position}`,
          });
          return reply.valid || undefined;
        },
        { timeoutMs: 600_000, intervalMs: 250, what: 'the read models to hold every key' },
      );
    } finally {
      await verifier.close();
    }
  }

  private async logIn(): Promise<void> {
    this.token = (await signIn(this.stack.gatewayUrl, OWNER)).accessToken;
  }
}

/** Memory that a process holds now, in MiB. Linux. */
export function residentMiB(pid: number): number {
  const line = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return line ? Number(line[1]) / 1_024 : Number.NaN;
}
