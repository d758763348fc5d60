/** The API for a command: as the person or key of the settings, with a token that is renewed when it must be. */
import { ApiProblem, createClient, type Answer, type ApiClient } from '@mcpstack/api-client';
import { type Progress } from './progress.ts';

/** Where a token comes from. */
export interface Bearer {
  token(): Promise<string> | string;
  /** Another one than that which the API refused; absent where there is no other. */
  instead?(refused: string): Promise<string>;
}

export interface ApiSettings {
  apiUrl: string;
  /** Absent: calls that need no credential. */
  bearer?: Bearer | undefined;
  progress: Progress;
  /** For a call with all its tries. Milliseconds. */
  timeoutMs: number;
}

/** A person waits: an address where nothing listens is told after a second or two. */
const TRIES = 5;
/** Longer than the slowest answer there is: looking for the proof of a domain may take 15 seconds. */
const TRY_TIMEOUT_MS = 16_000;

type Call = (path: string, init?: object) => Promise<Answer<unknown>>;
type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export function makeApi({ apiUrl, bearer, progress, timeoutMs }: ApiSettings): ApiClient {
  let current: string | undefined;
  const client = createClient({
    baseUrl: apiUrl,
    token: () => current,
    deadlineMs: timeoutMs,
    tryTimeoutMs: Math.min(TRY_TIMEOUT_MS, timeoutMs),
    tries: TRIES,
  });
  const send = async (method: Method, path: string, init?: object): Promise<Answer<unknown>> => {
    try {
      return await (client[method] as Call)(path, init);
    } catch (error) {
      // A page of HTML with status 200, say.
      if (error instanceof SyntaxError) throw noJson(error);
      throw error;
    }
  };
  const call =
    (method: Method): Call =>
    (path, init) =>
      progress.during(`Waiting for ${new URL(apiUrl).host}`, async () => {
        const token = await bearer?.token();
        current = token;
        try {
          return await send(method, path, init);
        } catch (error) {
          const isRefused = error instanceof ApiProblem && error.status === 401;
          if (!isRefused || token === undefined || !bearer?.instead) throw error;
          // Refused before anything was done: the call may be made again.
          current = await bearer.instead(token);
          return send(method, path, init);
        }
      });
  return {
    GET: call('GET') as ApiClient['GET'],
    POST: call('POST') as ApiClient['POST'],
    PUT: call('PUT') as ApiClient['PUT'],
    PATCH: call('PATCH') as ApiClient['PATCH'],
    DELETE: call('DELETE') as ApiClient['DELETE'],
    get position() {
      return client.position;
    },
  };
}

function noJson(cause: SyntaxError): ApiProblem {
  return new ApiProblem({ code: 'unexpected-answer', detail: 'The answer is no JSON.' }, { cause });
}
