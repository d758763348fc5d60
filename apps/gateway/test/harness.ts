/** A gateway in this process, on a real NATS server, with stand-ins for the services around it. */
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import {
  deriveId,
  makeToken,
  newId,
  type ApiKey,
  type KeyScope,
  type Problem,
  type Role,
} from '@mcpstack/contracts';
import { startNats, type LocalServer } from '@mcpstack/local-servers';
import { NestFactory } from '@nestjs/core';
import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import type { DeviceLimitSettings } from '../src/auth/device/device-limits.ts';
import { Sessions } from '../src/auth/sessions.ts';
import { gateway } from '../src/gateway.ts';
import type { AddressLimitSettings } from '../src/leaks/address-limit.ts';
import { serviceKey } from './stand-in-answers.ts';
import { StandInAuthorizer, StandInIssuance, StandInProjection, StandInScheduler } from './stand-ins.ts';
import { StandInReadModels } from './stand-in-read-models.ts';
import { StandInWebhooks } from './stand-in-webhooks.ts';

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  /** The body as JSON; an empty object when there is none. */
  body: Record<string, unknown>;
  /** The body as a problem. */
  problem: Problem;
}

export interface CallOptions {
  /** Sent as `Authorization: Bearer`. */
  token?: string | undefined;
  /** Name and value in turn, so that a header can be sent twice. */
  headers?: readonly string[];
  /** Sent as JSON. */
  json?: unknown;
  /** Sent as it stands. */
  raw?: string | Buffer;
}

export interface HarnessOptions {
  browserLoginLimit?: AddressLimitSettings;
  credentialLimits?: AddressLimitSettings;
  deviceLimits?: DeviceLimitSettings;
  env?: NodeJS.ProcessEnv;
  /** Reads the read models there; by default they are stand-ins. */
  redisUrl?: string;
}

export interface KeyOptions {
  keyId?: string;
  scope?: KeyScope;
}

export class Harness {
  readonly models = new StandInReadModels();
  readonly userId = newId('user');
  readonly organizationId = newId('organization');
  log = '';
  url!: string;
  nats!: LocalServer;
  app!: NestFastifyApplication;
  authorizer!: StandInAuthorizer;
  issuance!: StandInIssuance;
  projection!: StandInProjection;
  scheduler!: StandInScheduler;
  webhooks!: StandInWebhooks;
  private connection!: NatsConnection;

  static async start(options: HarnessOptions = {}): Promise<Harness> {
    const harness = new Harness();
    harness.nats = await startNats();
    harness.connection = await connect({
      servers: harness.nats.url,
      maxReconnectAttempts: -1,
      reconnectTimeWait: 50,
    });
    harness.authorizer = new StandInAuthorizer(harness.connection);
    harness.issuance = new StandInIssuance(harness.connection);
    harness.projection = new StandInProjection(harness.connection);
    harness.scheduler = new StandInScheduler(harness.connection);
    harness.webhooks = new StandInWebhooks(harness.connection);
    await harness.connection.flush();
    harness.models.addOrganization(harness.organizationId, 'My organization', { [harness.userId]: 'owner' });
    await harness.serve(options);
    return harness;
  }

  private async serve({ env, redisUrl, ...limits }: HarnessOptions): Promise<void> {
    const settings = {
      NATS_URL: this.nats.url,
      REDIS_URL: redisUrl ?? 'redis://127.0.0.1:1',
      LOG_LEVEL: 'debug',
      ...env,
    };
    const service = await gateway(settings, {
      logTo: { write: (line: string) => void (this.log += line) },
      ...(redisUrl === undefined && { readModels: this.models }),
      ...limits,
    });
    this.app = await NestFactory.create<NestFastifyApplication>(service.module, service.adapter!, {
      logger: service.log,
      abortOnError: false,
      bufferLogs: false,
    });
    await service.configure?.(this.app);
    await this.app.listen(0, '127.0.0.1');
    this.url = await this.app.getUrl();
  }

  async stop(): Promise<void> {
    await this.app.close();
    await this.connection.close();
    await this.nats.stop();
  }

  /** What the log says, line by line. */
  lines(): Record<string, unknown>[] {
    return this.log
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  call(method: string, path: string, options: CallOptions = {}): Promise<Answer> {
    const { token, headers = [], json, raw } = options;
    const content = raw ?? (json === undefined ? undefined : JSON.stringify(json));
    const { host } = new URL(this.url);
    const sent = [
      'Host',
      host,
      ...(token === undefined ? [] : ['Authorization', `Bearer ${token}`]),
      ...(json === undefined ? [] : ['Content-Type', 'application/json']),
      ...(content === undefined && method === 'GET'
        ? []
        : ['Content-Length', String(Buffer.byteLength(content ?? ''))]),
      ...headers,
    ];
    return exchange(`${this.url}${path}`, method, sent, content);
  }

  /** The commands that reach issuance while `act` runs. */
  async commandsDuring(act: () => Promise<unknown>): Promise<StandInIssuance['commands']> {
    const before = this.issuance.commands.length;
    await act();
    return this.issuance.commands.slice(before);
  }

  /** A service key that the owner made, of the same id for one index. */
  ownKey(index: number, organizationId = this.organizationId, change: Partial<ApiKey> = {}): ApiKey {
    const maker = { type: 'user', id: this.userId } as const;
    const id = deriveId('key', `stored-${index}`);
    return serviceKey(organizationId, id, maker, { name: `key ${index}`, ...change });
  }

  /** A session of the owner. */
  login(): Promise<string> {
    return this.session(this.userId);
  }

  /** A service key that the stand-in authorizer knows. */
  key(
    role: Role,
    organizationId = this.organizationId,
    { scope, keyId = newId('key') }: KeyOptions = {},
  ): string {
    const token = makeToken('service');
    this.authorizer.add(token, { keyId, orgId: organizationId, role, ...(scope && { scope }) });
    return token;
  }

  /** A publishable key that the stand-in authorizer knows at these origins. */
  pageKey(agentId: string, origins: readonly string[]): string {
    const token = makeToken('publishable');
    const orgId = this.organizationId;
    this.authorizer.addPageKey(token, { keyId: newId('key'), orgId, agentId, origins });
    return token;
  }

  /** A session of another member of the organization. */
  async loginAs(role: Role): Promise<{ token: string; userId: string }> {
    const userId = newId('user');
    this.models.addMember(this.organizationId, userId, { role });
    return { token: await this.session(userId), userId };
  }

  private async session(userId: string): Promise<string> {
    const { token } = await this.app.get(Sessions).begin({ userId, kind: 'browser', label: 'A browser' });
    return token;
  }

  get organizationPath(): string {
    return `/api/v1/organizations/${this.organizationId}`;
  }

  get keysPath(): string {
    return `/api/v1/organizations/${this.organizationId}/api-keys`;
  }
}

function exchange(
  url: string,
  method: string,
  headers: readonly string[],
  content: string | Buffer | undefined,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { method, headers: headers }, (response) => {
      const { statusCode: status = 0, headers: received } = response;
      // It has no end.
      if (received['content-type']?.startsWith('text/event-stream')) {
        response.destroy();
        return resolve({ status, headers: received, text: '', body: {}, problem: {} as Problem });
      }
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        const isJson = /json/.test(received['content-type'] ?? '');
        const body = (isJson && text ? JSON.parse(text) : {}) as Record<string, unknown>;
        resolve({ status, headers: received, text, body, problem: body as unknown as Problem });
      });
    });
    request.on('error', reject);
    request.end(content);
  });
}

/** The members that every problem has, whatever its kind. */
export function expectProblem(answer: Answer, status: number, code: string): void {
  expect(`${answer.status} ${answer.problem.code}`).toBe(`${status} ${code}`);
  expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
  expect(answer.problem).toMatchObject({
    type: `urn:mcpstack:problem:${code}`,
    status,
    title: expect.any(String) as string,
    detail: expect.any(String) as string,
    requestId: answer.headers['x-request-id'],
  });
}
