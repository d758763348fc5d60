/** The rounds: keys and people who gain and lose rights, over HTTP, as impatient and as stubborn as clients are. */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Person } from '../e2e/people.ts';
import type { Answer, HttpOptions } from '../e2e/product.ts';
import type { Violation } from './probers.ts';
import type { Random } from './random.ts';
import type { World } from './world.ts';

export type Restriction = 'revoke' | 'suspend' | 'narrow' | 'demote' | 'suspend-organization';

export interface RoundsOptions {
  rounds: number;
  random: Random;
  /** Keys under way at once. */
  workers: number;
  onViolation: (violation: Violation) => void;
  signal: AbortSignal;
}

export interface RoundsCounts {
  returned: Record<Restriction, number>;
  /** Answers `not-final` that were repeated. */
  notFinal: number;
  /** Other answers and silences that were repeated. */
  repeated: number;
  /** Checks at the gateway: of rights that were held, and of rights that were lost. */
  gatewayValid: number;
  gatewayProbes: number;
  /** The longest that a restriction took, with all of its tries. */
  slowestMs: number;
}

/** A request is given up as lost after this long, and made again. */
const LOST_AFTER_MS = 18_000;
const INSIST_FOR_MS = 60_000;
const LATER = new Set([403, 404, 409]);
/** How long a gain may take to be seen where it is not waited for. */
const GAIN_TIMEOUT_MS = 5_000;

export class Rounds {
  readonly counts: RoundsCounts = {
    returned: { revoke: 0, suspend: 0, narrow: 0, demote: 0, 'suspend-organization': 0 },
    notFinal: 0,
    repeated: 0,
    gatewayValid: 0,
    gatewayProbes: 0,
    slowestMs: 0,
  };
  readonly #world: World;
  readonly #options: RoundsOptions;

  constructor(world: World, options: RoundsOptions) {
    this.#world = world;
    this.#options = options;
  }

  get done(): number {
    return Object.values(this.counts.returned).reduce((sum, count) => sum + count, 0);
  }

  /** Resolves when that many restrictions have returned, or the signal aborts. */
  async run(): Promise<void> {
    const { workers } = this.#options;
    const { people } = this.#world;
    await Promise.all([
      ...Array.from({ length: workers }, () => this.#repeat(() => this.#key())),
      ...people.map((person) => this.#repeat(() => this.#member(person))),
      ...people.map((person) => this.#repeat(() => this.#organization(person))),
    ]);
  }

  get #isOver(): boolean {
    return this.#options.signal.aborted || this.done >= this.#options.rounds;
  }

  async #repeat(round: () => Promise<void>): Promise<void> {
    while (!this.#isOver) {
      try {
        await round();
      } catch (error) {
        if (!this.#isOver) throw error;
      }
    }
  }

  /** A key loses a permission, then is stopped for a while perhaps, then ends. */
  async #key(): Promise<void> {
    const { random } = this.#options;
    const { probers, product } = this.#world;
    const key = await this.#create(product.keysPath);
    const path = `${product.keysPath}/${key.id}`;
    await this.#use(key);
    if (random.chance(0.4)) {
      await this.#restrict('narrow', 'PATCH', path, { body: { role: 'viewer' } });
      probers.forbid(key.id, 'servers:write', 'narrow');
      await delay(random.between(0, 150));
    }
    if (random.chance(0.4)) {
      await this.#restrict('suspend', 'POST', `${path}/suspend`);
      probers.forbid(key.id, 'all', 'suspend');
      await delay(random.between(100, 1_500));
      if (random.chance(0.5)) {
        await probers.allow(key.id);
        await this.#insist('POST', `${path}/resume`);
        await this.#use(key);
      }
    }
    await this.#restrict('revoke', 'DELETE', path);
    probers.forbid(key.id, 'all', 'revoke');
    probers.end(key.id);
  }

  /** A member is demoted: their session permits less, and the keys that they made end with it. */
  async #member(person: Person): Promise<void> {
    const { random } = this.#options;
    const { probers, product } = this.#world;
    const { token } = person;
    const path = `/api/v1/organizations/${product.organizationId}/members/${person.userId}`;
    await this.#insist('PATCH', path, { body: { role: 'admin' } });
    const key = await this.#create(product.keysPath, token);
    await this.#use(key);
    const untilMs = performance.now() + GAIN_TIMEOUT_MS;
    let held: boolean | undefined;
    while (!held && performance.now() < untilMs && !this.#isOver) {
      held = await this.#mayExplain(key.id, token);
      await delay(50);
    }
    if (held) this.counts.gatewayValid += 1;
    await this.#restrict('demote', 'PATCH', path, { body: { role: 'viewer' } });
    probers.forbid(key.id, 'all', 'demote');
    probers.end(key.id);
    const returnedAtMs = performance.now();
    for (let look = 0; look < 6; look += 1) {
      const beganAfterMs = Math.round(performance.now() - returnedAtMs);
      this.counts.gatewayProbes += 1;
      if ((await this.#mayExplain(key.id, token)) === true) {
        const tookMs = Math.round(performance.now() - returnedAtMs) - beganAfterMs;
        const violation = { id: key.id, lost: 'api-keys:explain', what: 'demote', beganAfterMs, tookMs };
        this.#options.onViolation({ caller: 'gateway', ...violation });
      }
      await delay(random.between(0, 300));
    }
  }

  /** A whole organization is suspended, and resumed. */
  async #organization({ organizationId, token }: Person): Promise<void> {
    const { random } = this.#options;
    const { probers } = this.#world;
    const base = `/api/v1/organizations/${organizationId}`;
    const key = await this.#create(`${base}/api-keys`, token);
    await this.#use(key);
    for (let time = 0; time < 5 && !this.#isOver; time += 1) {
      await this.#restrict('suspend-organization', 'POST', `${base}/suspend`, { token });
      probers.forbid(key.id, 'all', 'suspend-organization');
      await delay(random.between(500, 2_000));
      await probers.allow(key.id);
      await this.#insist('POST', `${base}/resume`, { token });
      await delay(random.between(200, 600));
    }
    await this.#restrict('revoke', 'DELETE', `${base}/api-keys/${key.id}`, { token });
    probers.forbid(key.id, 'all', 'revoke');
    probers.end(key.id);
  }

  async #create(keysPath: string, token?: string): Promise<{ id: string; secret: string }> {
    const body = { name: 'chaos', role: 'developer' };
    const answer = await this.#insist('POST', keysPath, { body, ...(token !== undefined && { token }) });
    return answer.body as { id: string; secret: string };
  }

  /** Long enough for every caller to have an answer that it keeps. */
  async #use({ id, secret }: { id: string; secret: string }): Promise<void> {
    this.#world.probers.watch(id, secret);
    await delay(this.#options.random.between(20, 250));
  }

  /** Whether the gateway lets this session ask; `undefined` when it cannot say. */
  async #mayExplain(keyId: string, token: string): Promise<boolean | undefined> {
    const { product } = this.#world;
    const answer = await product
      .http('POST', `${product.keysPath}/${keyId}/explain`, { token, body: {} })
      .catch(() => undefined);
    if (!answer || answer.status >= 500) return undefined;
    if (answer.status === 403) return false;
    if (answer.status === 200 || answer.status === 404) return true;
    throw new Error(`explain answered ${answer.status} ${JSON.stringify(answer.body)}`);
  }

  async #restrict(kind: Restriction, method: string, path: string, options?: HttpOptions): Promise<void> {
    const beganAtMs = performance.now();
    await this.#insist(method, path, options);
    this.counts.returned[kind] += 1;
    this.counts.slowestMs = Math.max(this.counts.slowestMs, Math.round(performance.now() - beganAtMs));
  }

  /** The same request again and again under one Idempotency-Key, until it has succeeded. */
  async #insist(method: string, path: string, options: HttpOptions = {}): Promise<Answer> {
    const { product } = this.#world;
    const same = { ...options, idempotencyKey: randomUUID() };
    const giveUpAtMs = performance.now() + INSIST_FOR_MS;
    let last = 'nothing';
    while (performance.now() < giveUpAtMs) {
      if (this.#options.signal.aborted) throw new Error('the run is over');
      const answer = await Promise.race([
        product.http(method, path, same).catch(() => undefined),
        delay(LOST_AFTER_MS, undefined, { ref: false }),
      ]);
      if (answer && answer.status < 300) return answer;
      last = answer ? `${answer.status} ${JSON.stringify(answer.body)}` : 'no answer';
      // What was gained may be seen a moment later than it was answered, and others change the same organization.
      if (answer && answer.status < 500 && !LATER.has(answer.status))
        throw new Error(`${method} ${path} answered ${last}`);
      if (answer?.body['code'] === 'not-final') this.counts.notFinal += 1;
      else this.counts.repeated += 1;
      await delay(100 + 200 * Math.random());
    }
    throw new Error(`${method} ${path} did not succeed: ${last}`);
  }
}
