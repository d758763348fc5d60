/** The main job through the public interfaces: create a key over HTTP, verify over NATS, revoke, see it refused. */
import { randomUUID } from 'node:crypto';
import { parseNatsUrl, VERIFY_SUBJECT, type ApiKey, type VerifyReply } from '@mcpstack/contracts';
import { signIn } from '@mcpstack/local-servers';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { LauncherError } from './launcher-error.ts';

const HTTP_TIMEOUT_MS = 15_000;
const VERIFY_TIMEOUT_MS = 5_000;

export interface Product {
  gatewayUrl: string;
  organizationId: string;
  nats: NatsConnection;
}

/** What was done, and how long it took. Milliseconds. */
export interface Timings {
  createMs: number;
  verifyMs: number;
  revokeMs: number;
  refusedMs: number;
}

export interface CreatedKey {
  id: string;
  secret: string;
  /** `Mcpstack-Position` of the write. */
  position: string | undefined;
}

export async function connectNats(url: string): Promise<NatsConnection> {
  const { servers, tls, ...login } = parseNatsUrl(url);
  return connect({ servers, ...(tls ? { tls: {} } : {}), ...login, name: 'npm start', timeout: 5_000 });
}

/**
 * Logs in as people do, through the identity provider, and returns the access token.
 * @throws LauncherError `main-job-failed`
 */
export async function logIn(gatewayUrl: string, email: string, password: string): Promise<string> {
  try {
    return (await signIn(gatewayUrl, { email, password })).accessToken;
  } catch (cause) {
    throw failed(`logging in: ${(cause as Error).message}`, cause);
  }
}

/** Ends the session: it would stay in its owner's list for a month. */
export async function logOut(gatewayUrl: string, token: string): Promise<void> {
  await http(gatewayUrl, 'POST', '/api/v1/auth/logout', { expect: 204, token });
}

/** @throws LauncherError `main-job-failed` that names the step. */
export async function runMainJob(product: Product, token: string): Promise<Timings> {
  const [key, createMs] = await timed(() =>
    createKey(product, token, { name: `main job of ${new Date().toISOString()}`, role: 'developer' }),
  );
  const [, verifyMs] = await timed(() => expectCode(product.nats, key, 'VALID'));
  const [, revokeMs] = await timed(() =>
    http(product.gatewayUrl, 'DELETE', `${keysPath(product)}/${key.id}`, { expect: 204, token }),
  );
  const [, refusedMs] = await timed(() => expectCode(product.nats, key, 'REVOKED'));
  return { createMs, verifyMs, revokeMs, refusedMs };
}

export async function createKey(
  product: Product,
  token: string,
  { name, role }: { name: string; role: ApiKey['role'] },
): Promise<CreatedKey> {
  const { body, headers } = await http(product.gatewayUrl, 'POST', keysPath(product), {
    expect: 201,
    token,
    body: { name, role },
  });
  const { id, secret } = body as ApiKey & { secret?: string };
  if (!secret) throw failed('the answer to creating a key carries no secret');
  return { id, secret, position: headers.get('mcpstack-position') ?? undefined };
}

/** Whether this key is in force now. */
export async function isValid(nats: NatsConnection, secret: string): Promise<boolean> {
  return (await verify(nats, { key: secret })).valid;
}

async function expectCode(nats: NatsConnection, key: CreatedKey, code: VerifyReply['code']): Promise<void> {
  const reply = await verify(nats, {
    key: key.secret,
    permission: 'servers:write',
    ...(key.position === undefined ? {} : { position: key.position }),
  });
  if (reply.code === code) return;
  throw failed(
    `verify answered ${reply.code} instead of ${code}${reply.message ? ` (${reply.message})` : ''}`,
  );
}

async function verify(nats: NatsConnection, request: object): Promise<VerifyReply> {
  try {
    const reply = await nats.request(VERIFY_SUBJECT, JSON.stringify(request), { timeout: VERIFY_TIMEOUT_MS });
    return reply.json<VerifyReply>();
  } catch (cause) {
    throw failed(`verify over NATS got no answer (${(cause as Error).message})`, cause);
  }
}

async function http(
  gatewayUrl: string,
  method: string,
  path: string,
  { expect, token, body }: { expect: number; token?: string; body?: object },
): Promise<{ body: unknown; headers: Headers }> {
  const response = await fetch(`${gatewayUrl}${path}`, {
    method,
    headers: {
      ...(body ? { 'content-type': 'application/json' } : {}),
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...(method === 'POST' && token ? { 'idempotency-key': randomUUID() } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
    signal: AbortSignal.timeout(HTTP_TIMEOUT_MS),
  }).catch((cause: unknown) => {
    throw failed(`${method} ${path} got no answer`, cause);
  });
  const text = await response.text();
  const answer: unknown = text ? JSON.parse(text) : undefined;
  if (response.status === expect) return { body: answer, headers: response.headers };
  const { code, detail } = (answer ?? {}) as { code?: string; detail?: string };
  throw failed(`${method} ${path} answered ${response.status} ${code ?? ''} ${detail ?? ''}`.trimEnd());
}

const keysPath = ({ organizationId }: Product) => `/api/v1/organizations/${organizationId}/api-keys`;

async function timed<T>(work: () => Promise<T>): Promise<[T, number]> {
  const begun = performance.now();
  const result = await work();
  return [result, performance.now() - begun];
}

function failed(what: string, cause?: unknown): LauncherError {
  return new LauncherError('main-job-failed', `The main job failed: ${what.replace(/\.$/, '')}.`, { cause });
}
