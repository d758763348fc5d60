/** The whole product on this machine: NATS, Redis and the services from their built output. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LocalServerError } from './errors.ts';
import type { ServerBinary } from './find-servers.ts';
import type { LocalServer } from './local-server.ts';
import { freePort } from './free-port.ts';
import { LogFile } from './log-file.ts';
import { makeDataFolder } from './make-folder.ts';
import { startNats } from './nats.ts';
import { startRedis } from './redis.ts';
import { repositoryRoot } from './repository.ts';
import {
  ensureCheckpointKeyFile,
  ensureLoginFile,
  ensurePepperFile,
  ensureWebhookKeyFile,
} from './secrets.ts';
import { Service } from './service.ts';
import { setUp, type Owner } from './set-up.ts';

export interface StackOptions {
  /** Data, secrets and logs. Absent: a temporary folder that `stop()` removes. */
  dataDir?: string;
  /** The gateway's port; a free one if absent. */
  gatewayPort?: number;
  /** How many of each run; 1 by default, and none of `forward-auth`, which only proxies need. */
  instances?: Partial<Record<ServiceName, number>>;
  /** Use these instead of servers of our own. The log is a JetStream of the same NATS by default. */
  natsUrl?: string;
  redisUrl?: string;
  eventStoreUrl?: string;
  /** What to run for the servers; found if absent. */
  binaries?: Partial<Record<'nats' | 'redis', ServerBinary>>;
  /** Further settings of every service, such as `FRESH_DELTA_MS`. */
  env?: Record<string, string>;
  /** The same, of one service by its name (or of `setup`), such as its credentials. */
  envOf?: (name: ServiceName | 'setup') => Record<string, string>;
  /** Where apps/<name>/dist stand: this repository by default. */
  root?: string;
  /** Told when a part runs. */
  onProgress?: (message: string) => void;
}

export const SERVICE_NAMES = [
  'issuance',
  'projection',
  'authorizer',
  'scheduler',
  'checkpointer',
  'webhooks',
  'identity-provider',
  'gateway',
  'forward-auth',
] as const;
export type ServiceName = (typeof SERVICE_NAMES)[number];
const DEFAULT_INSTANCES: Partial<Record<ServiceName, number>> = { 'forward-auth': 0 };

export class Stack {
  readonly dataDir: string;
  /** Ours; undefined where `natsUrl` or `redisUrl` was given. */
  nats: LocalServer | undefined;
  redis: LocalServer | undefined;
  /** By name: `gateway`, `authorizer`, and `authorizer-2` for a second one. */
  readonly services = new Map<string, Service>();
  natsUrl = '';
  redisUrl = '';
  eventStoreUrl = '';
  readonly #options: StackOptions;
  readonly #logs: LogFile[] = [];
  /** Of those whose address another service must know before they run. */
  readonly #ports = new Map<string, number>();

  #starting: Promise<void> | undefined;
  #stopping = false;

  constructor(options: StackOptions = {}) {
    this.#options = options;
    this.dataDir =
      options.dataDir === undefined
        ? mkdtempSync(join(tmpdir(), 'mcpstack-stack-'))
        : makeDataFolder(options.dataDir);
  }

  /** Starts everything and returns when every service is ready. What was started is stopped on failure. */
  async start(): Promise<this> {
    this.#starting = this.#startServers().then(() => this.#startServices());
    try {
      await this.#starting;
      return this;
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  get gatewayUrl(): string {
    return this.service('gateway').url;
  }

  /** @throws RangeError when no service has this name. */
  service(name: string): Service {
    const service = this.services.get(name);
    if (!service) throw new RangeError(`no service ${name} in ${[...this.services.keys()].join(', ')}`);
    return service;
  }

  /** The environment of each service (without its ports). */
  get env(): NodeJS.ProcessEnv {
    return {
      ...process.env,
      // Ours may be jest's, and is of no use to a service.
      NODE_OPTIONS: '',
      NATS_URL: this.natsUrl,
      REDIS_URL: this.redisUrl,
      EVENT_STORE_URL: this.eventStoreUrl,
      PEPPER_FILE: join(this.dataDir, 'peppers.json'),
      LOCAL_LOGIN_FILE: join(this.dataDir, 'logins.json'),
      CHECKPOINT_KEY_FILE: join(this.dataDir, 'checkpoint-keys.json'),
      CHECKPOINT_VKEY_FILE: join(this.dataDir, 'checkpoint-vkeys.txt'),
      CHECKPOINT_FILE: join(this.dataDir, 'checkpoint.txt'),
      WEBHOOK_KEY_FILE: join(this.dataDir, 'webhook-keys.json'),
      // Whatever the shell says: a start on one machine logs people in by itself, which production refuses.
      NODE_ENV: 'development',
      ...this.#loginEnv(),
      ...this.#options.env,
    };
  }

  /** What the gateway and the identity provider must know of each other: each by the name that browsers see. */
  #loginEnv(): NodeJS.ProcessEnv {
    const [gateway, provider] = ['gateway', 'identity-provider'].map((name) => this.#ports.get(name));
    if (gateway === undefined || provider === undefined) return {};
    const [publicUrl, issuer] = [`http://localhost:${gateway}`, `http://localhost:${provider}`];
    return {
      PUBLIC_URL: publicUrl,
      OIDC_ISSUER: issuer,
      OIDC_LOCAL: 'true',
      ISSUER: issuer,
      REDIRECT_URIS: `${publicUrl}/auth/callback`,
    };
  }

  /** Makes the first organization and its owner, or finds them. */
  setUp(owner: { email: string; password: string; organization: string }): Promise<Owner> {
    const env = { ...this.env, ...this.#options.envOf?.('setup') };
    return setUp({ ...owner, root: this.#options.root ?? repositoryRoot(), env });
  }

  /**
   * Services first, which drain; then the servers; then the temporary folder. May be called at any time,
   * also while everything starts and more than once.
   */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#stopServices();
    await this.#starting?.catch(() => undefined);
    await this.#stopServices();
    await Promise.all([this.nats?.stop(), this.redis?.stop()]);
    await Promise.all(this.#logs.splice(0).map((log) => log.close()));
    if (this.#options.dataDir === undefined) rmSync(this.dataDir, { recursive: true, force: true });
  }

  async #stopServices(): Promise<void> {
    await Promise.all([...this.services.values()].map((service) => service.stop()));
  }

  #goOn(): void {
    if (this.#stopping) throw new LocalServerError('start-failed', 'Stopped while it was starting.');
  }

  async #startServers(): Promise<void> {
    const { natsUrl, redisUrl, eventStoreUrl, binaries = {}, onProgress } = this.#options;
    const place = (kind: 'nats' | 'redis') => ({
      dataDir: join(this.dataDir, kind),
      log: this.#log(kind),
      ...(binaries[kind] ? { binary: binaries[kind] } : {}),
    });
    const started = await Promise.allSettled([
      natsUrl === undefined ? startNats(place('nats')).then((server) => (this.nats = server)) : undefined,
      redisUrl === undefined ? startRedis(place('redis')).then((server) => (this.redis = server)) : undefined,
    ]);
    for (const result of started) if (result.status === 'rejected') throw result.reason;
    this.#goOn();
    this.natsUrl = natsUrl ?? this.nats!.url;
    this.redisUrl = redisUrl ?? this.redis!.url;
    this.eventStoreUrl = eventStoreUrl ?? this.natsUrl;
    if (this.nats) onProgress?.(`NATS on ${this.natsUrl}`);
    if (this.redis) onProgress?.(`Redis on ${this.redisUrl}`);
  }

  async #startServices(): Promise<void> {
    const { gatewayPort, instances = {}, root = repositoryRoot(), envOf, onProgress } = this.#options;
    ensurePepperFile(join(this.dataDir, 'peppers.json'));
    ensureLoginFile(join(this.dataDir, 'logins.json'));
    ensureCheckpointKeyFile(join(this.dataDir, 'checkpoint-keys.json'));
    ensureWebhookKeyFile(join(this.dataDir, 'webhook-keys.json'));
    this.#ports.set('gateway', gatewayPort ?? (await freePort()));
    if (instances['identity-provider'] !== 0) this.#ports.set('identity-provider', await freePort());
    for (const app of SERVICE_NAMES) {
      for (let number = 1; number <= (instances[app] ?? DEFAULT_INSTANCES[app] ?? 1); number += 1) {
        const name = number === 1 ? app : `${app}-${number}`;
        const port = this.#ports.get(name);
        const log = this.#log(name);
        this.#goOn();
        const env = { ...this.env, ...envOf?.(app) };
        const options = { name, app, root, env, log, ...(port !== undefined && { port }) };
        this.services.set(name, await Service.start(options));
      }
    }
    await Promise.all(
      [...this.services.values()].map(async (service) => {
        await service.ready();
        onProgress?.(`${service.name} is ready`);
      }),
    );
  }

  #log(name: string): LogFile {
    const log = new LogFile(join(this.dataDir, 'logs', `${name}.log`));
    this.#logs.push(log);
    return log;
  }
}

/**
 * Starts the whole product for end-to-end specs.
 * @example
 * const stack = await startStack({ instances: { authorizer: 2 } });
 * const owner = await stack.setUp({ email: 'o@localhost', password: 'long enough', organization: 'Acme' });
 * await stack.service('issuance').restart({ kill: true });
 * await stack.stop();
 */
export function startStack(options: StackOptions = {}): Promise<Stack> {
  return new Stack(options).start();
}
