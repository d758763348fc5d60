/** The client: calls with the types of the OpenAPI document over a transport that retries. */
import createFetchClient, {
  type FetchResponse,
  type MaybeOptionalInit,
  type Middleware,
} from 'openapi-fetch';
import { problemOf } from './problem.ts';
import { retryingFetch } from './retrying-fetch.ts';
import type { paths } from './schema.ts';

export interface ClientSettings {
  /** Where the API is, such as `https://keys.example.com`. */
  baseUrl: string;
  /** A session or a service key; asked for anew at every call where it is a function. Absent: no login. */
  token?: string | (() => string | undefined);
  /** Instead of the platform's own. */
  fetch?: (request: Request) => Promise<Response>;
  /** For a call with all its tries; 30 seconds by default. Milliseconds. */
  deadlineMs?: number;
  /** For one try; 10 seconds by default. Milliseconds. */
  tryTimeoutMs?: number;
  /** How often a call is sent at most; 8 by default. */
  tries?: number;
}

/** A success. Whatever is none is thrown as `ApiProblem`. */
export interface Answer<Data> {
  data: Data;
  response: Response;
  /** What to send as `If-Match` to change only this revision. */
  etag: string | undefined;
}

type Method = 'get' | 'put' | 'post' | 'delete' | 'patch';
type PathsWith<Verb extends Method> = {
  [Path in keyof paths]: paths[Path] extends Record<Verb, { responses: unknown }> ? Path : never;
}[keyof paths];
type InitOf<Path extends keyof paths, Verb extends Method> = MaybeOptionalInit<paths[Path], Verb>;
type Parameters<Init> = undefined extends Init ? [init?: Init] : [init: Init];
type DataOf<Operation> =
  Operation extends Record<string | number, unknown>
    ? Extract<FetchResponse<Operation, object, `${string}/${string}`>, { error?: never }>['data']
    : never;

/** One method of HTTP: a path of the document, its parameters and body, and the data that it answers. */
export type Call<Verb extends Method> = <Path extends PathsWith<Verb>>(
  path: Path,
  ...init: Parameters<InitOf<Path, Verb>>
) => Promise<Answer<DataOf<paths[Path][Verb]>>>;

export interface ApiClient {
  GET: Call<'get'>;
  POST: Call<'post'>;
  PUT: Call<'put'>;
  PATCH: Call<'patch'>;
  DELETE: Call<'delete'>;
  /** The newest place in the log that this client has heard of; every read shows at least that. */
  readonly position: string | undefined;
}

const POSITION = 'Mcpstack-Position';
const IDEMPOTENCY_KEY = 'Idempotency-Key';

/**
 * Makes a client. Every write carries an `Idempotency-Key`, the same in all its tries, so that it happens once
 * and the secret of a reply that was lost is shown again. Reads show what this client wrote.
 * @example
 * const api = createClient({ baseUrl: 'http://127.0.0.1:8080', token: process.env['MCPSTACK_API_KEY']! });
 * const { data: key } = await api.POST('/api/v1/organizations/{orgId}/api-keys', {
 *   params: { path: { orgId } },
 *   body: { name: 'automation-bot', role: 'developer' },
 * });
 * console.log(key.id, key.secret);
 */
export function createClient(settings: ClientSettings): ApiClient {
  const { baseUrl, token, deadlineMs = 30_000, tryTimeoutMs = 10_000, tries = 8 } = settings;
  const send = settings.fetch ?? ((request: Request) => fetch(request));
  const newest = new NewestPosition();
  const client = createFetchClient<paths>({
    baseUrl,
    // The API redirects nowhere; a credential goes to no other place.
    redirect: 'manual',
    fetch: retryingFetch({ fetch: send, deadlineMs, tryTimeoutMs, tries, random: Math.random }),
  });
  client.use(headersOf(token, newest));
  const call =
    (verb: Method) =>
    async (path: string, init?: object): Promise<Answer<unknown>> => {
      const { data, response } = await client.request(verb, path as never, init as never);
      return { data, response, etag: response.headers.get('etag') ?? undefined };
    };
  return {
    // Path, parameters and data are checked by the types of `Call`; at run time all methods are one.
    GET: call('get') as Call<'get'>,
    POST: call('post') as Call<'post'>,
    PUT: call('put') as Call<'put'>,
    PATCH: call('patch') as Call<'patch'>,
    DELETE: call('delete') as Call<'delete'>,
    get position() {
      return newest.value;
    },
  };
}

function headersOf(token: ClientSettings['token'], newest: NewestPosition): Middleware {
  return {
    onRequest({ request }) {
      const { headers, method } = request;
      const current = typeof token === 'function' ? token() : token;
      if (current !== undefined) headers.set('Authorization', `Bearer ${current}`);
      if (method === 'GET') {
        if (newest.value !== undefined && !headers.has(POSITION)) headers.set(POSITION, newest.value);
      } else if (!headers.has(IDEMPOTENCY_KEY)) headers.set(IDEMPOTENCY_KEY, randomKey());
    },
    async onResponse({ response }) {
      newest.hear(response.headers.get(POSITION));
      if (!response.ok) throw await problemOf(response);
    },
  };
}

/** Answers may overtake each other: the furthest place counts, not the one that was heard last. */
class NewestPosition {
  value: string | undefined;

  hear(position: string | null): void {
    if (position === null) return;
    const isDecimal = /^\d{1,20}$/;
    const isOlder =
      this.value !== undefined &&
      isDecimal.test(this.value) &&
      isDecimal.test(position) &&
      BigInt(position) < BigInt(this.value);
    if (!isOlder) this.value = position;
  }
}

/** 256 random bits: enough that the kept reply to a create is nobody else's to open. */
function randomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
