/**
 * A write that nobody answered may have happened. The same again is then the same write: it carries the same
 * `Idempotency-Key`, so that it happens once, and a secret whose answer was lost is answered again.
 */

const IDEMPOTENCY_KEY = 'Idempotency-Key';
/** So long the API keeps the answer that holds a secret. */
const KEPT_MS = 10 * 60_000;
const MOST = 20;

/** What was not answered, by a digest: its body may hold what nothing keeps. */
const unanswered = new Map<string, { key: string; untilMs: number }>();

/** Sends it, as the write that it repeats if it does. */
export async function sendSameAgain(request: Request): Promise<Response> {
  const key = request.headers.get(IDEMPOTENCY_KEY);
  // Where the page has no digests (http, elsewhere than on this machine), nobody can log in either.
  if (request.method !== 'POST' || key === null || !('subtle' in crypto)) return fetch(request);
  const name = await digestOf(request);
  const before = unanswered.get(name);
  if (before && before.untilMs > performance.now()) request.headers.set(IDEMPOTENCY_KEY, before.key);
  else note(name, key);
  const response = await fetch(request);
  if (response.status < 500) unanswered.delete(name);
  return response;
}

function note(name: string, key: string): void {
  unanswered.set(name, { key, untilMs: performance.now() + KEPT_MS });
  const [oldest] = unanswered.keys();
  if (unanswered.size > MOST) unanswered.delete(oldest!);
}

async function digestOf(request: Request): Promise<string> {
  const text = `${request.url}\n${await request.clone().text()}`;
  const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
