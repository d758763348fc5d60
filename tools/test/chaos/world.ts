/** The product under chaos: several of each service, everything behind relays, and callers who check all the time. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Relay, startNats, type LocalServer } from '@mcpstack/local-servers';
import { newMember, type Person } from '../e2e/people.ts';
import { Product } from '../e2e/product.ts';
import type { Mutation } from './mutants.ts';
import { mutatedEnv } from './mutated.ts';
import { Probers, type Caller, type Violation } from './probers.ts';
import { RedisPair } from './redis-pair.ts';

/** Δ, T and L so short that a session is old enough for finality within about a second. */
export const SETTINGS = { FRESH_DELTA_MS: '200', STAMP_LIFE_MS: '1000', LEASE_LIFE_MS: '700' };

export interface WorldOptions {
  mutations?: readonly Mutation[];
  callers?: readonly Caller[];
  people?: number;
  /** Instead of SETTINGS. */
  settings?: Readonly<Record<string, string>>;
  onViolation: (violation: Violation) => void;
}

export class World {
  readonly people: Person[] = [];
  #ended = false;

  private constructor(
    readonly product: Product,
    readonly redis: RedisPair,
    readonly nats: LocalServer,
    readonly natsRelay: Relay,
    readonly probers: Probers,
    readonly folder: string,
  ) {}

  static async start(options: WorldOptions): Promise<World> {
    const {
      mutations = [],
      callers = ['nats', 'sdk', 'sdk'],
      people = 2,
      settings = {},
      onViolation,
    } = options;
    const started: (() => unknown)[] = [];
    const undo = async (): Promise<void> => {
      for (const stop of started.reverse()) await stop();
    };
    try {
      const folder = mkdtempSync(join(tmpdir(), 'mcpstack-chaos-'));
      started.push(() => rmSync(folder, { recursive: true, force: true }));
      const nats = await startNats();
      started.push(() => nats.stop({ graceMs: 1_000 }));
      const natsRelay = await Relay.start(nats.port);
      started.push(() => natsRelay.stop());
      const redis = await RedisPair.start();
      started.push(() => redis.stop());
      const env = {
        ...SETTINGS,
        ...settings,
        LOG_LEVEL: 'warn',
        // A run may take longer than an access token is good.
        ACCESS_TOKEN_LIFE_MS: '86400000',
        ...mutatedEnv(folder, mutations),
      };
      const natsUrl = `nats://127.0.0.1:${natsRelay.port}`;
      const product = await Product.start({
        natsUrl,
        redisUrl: redis.url,
        instances: { authorizer: 3, projection: 2, issuance: 2, scheduler: 0, webhooks: 0 },
        env,
      });
      started.push(() => product.stop());
      const proberEnv = { ...process.env, ...env, CHAOS_NATS_URL: natsUrl };
      const probers = await Probers.start(callers, proberEnv, onViolation);
      started.push(() => probers.stop());
      const world = new World(product, redis, nats, natsRelay, probers, folder);
      await world.#setUp(people);
      const applied = readdirSync(folder).filter((name) => name.startsWith('mutated-')).length;
      const files = new Set(mutations.map(({ file }) => file)).size;
      if (applied < files) throw new Error(`only ${applied} of ${files} files were changed as asked`);
      world.#undo = undo;
      return world;
    } catch (error) {
      await undo();
      throw error;
    }
  }
  #undo: () => Promise<void> = () => Promise.resolve();

  get isEnded(): boolean {
    return this.#ended;
  }

  /** Services by name that can be stopped, with how to do it. */
  get services(): readonly string[] {
    return [...this.product.stack.services.keys()];
  }

  /** Steps the wall clock of one service. The monotonic clock goes on. */
  stepClock(service: string, offsetMs: number): void {
    const { pid } = this.product.stack.service(service);
    writeFileSync(join(this.folder, `clock-${pid}`), String(Math.round(offsetMs)));
  }

  async stop(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    this.natsRelay.release();
    this.redis.relay.release();
    for (const service of this.product.stack.services.values()) await service.kill();
    await this.#undo();
  }

  /** People whose rights come and go, each with an organization of their own that does, too. */
  async #setUp(people: number): Promise<void> {
    const { product } = this;
    const base = `/api/v1/organizations/${product.organizationId}`;
    const policy = await product.http('PUT', `${base}/policy`, { body: { onMakerLoss: 'revoke' } });
    if (policy.status !== 200) throw new Error(`policy: ${policy.status} ${JSON.stringify(policy.body)}`);
    for (let number = 1; number <= people; number += 1)
      this.people.push(await newMember(product, `person-${number}`, 'admin'));
  }
}
