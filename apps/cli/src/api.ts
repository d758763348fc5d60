/** The API for a command: as the person or key of the settings, with a token that is renewed when it must be. */
import { type ApiClient } from '@mcpstack/api-client';
import { isRefusal, makeClient, withCalls, type Call, type Method } from './client.ts';
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

export function makeApi({ apiUrl, bearer, progress, timeoutMs }: ApiSettings): ApiClient {
  let current: string | undefined;
  const client = makeClient({
    baseUrl: apiUrl,
    token: () => current,
    deadlineMs: timeoutMs,
    tryTimeoutMs: Math.min(TRY_TIMEOUT_MS, timeoutMs),
    tries: TRIES,
  });
  const call =
    (method: Method): Call =>
    (path, init) =>
      progress.during(`Waiting for ${new URL(apiUrl).host}`, async () => {
        const token = await bearer?.token();
        current = token;
        const send = client[method] as Call;
        try {
          return await send(path, init);
        } catch (error) {
          if (!isRefusal(error) || token === undefined || !bearer?.instead) throw error;
          // Refused before anything was done: the call may be made again.
          current = await bearer.instead(token);
          return send(path, init);
        }
      });
  return withCalls(call, () => client.position);
}
