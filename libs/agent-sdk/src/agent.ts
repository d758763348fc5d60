/** Asks the service which agent a publishable key is for. */
import { AgentError, type AgentErrorCode } from './errors.ts';

/** The agent that the key belongs to. */
export interface Agent {
  readonly id: string;
  readonly name: string;
}

export interface AgentOptions {
  /** The publishable key, `mcpstack_pk_…`: no secret, it may stand in the page. */
  key: string;
  /** Where the service answers, such as `https://keys.example.com`; the page's own origin by default. */
  baseUrl?: string;
  /** Instead of the platform's `fetch`. */
  fetch?: typeof fetch;
  /** How long `load` may take, retry included; 10,000 by default. Milliseconds. */
  timeoutMs?: number;
}

export interface AgentClient {
  /**
   * The agent, asked of the service at most once a minute. Calls at the same time share one request.
   *
   * @throws AgentError
   * @example
   * ```ts
   * const { id, name } = await createAgent({ key: 'mcpstack_pk_…' }).load();
   * document.title = `${name} (${id})`;
   * ```
   */
  load(): Promise<Agent>;
}

const CACHED_MS = 60_000;
const TIMEOUT_MS = 10_000;
/** A failed request is made once more after half of this to all of it. */
const PAUSE_MS = 500;
const SECRET = /^[^_]*_sk_/;
const PUBLISHABLE = /^[a-z][a-z0-9]{1,15}_pk_[0-9A-Za-z]{49}$/;

/**
 * A client for one publishable key. Makes no request by itself.
 *
 * @throws AgentError `secret-key` for a service key, before anything is sent; `bad-key`; `bad-option`.
 * @example
 * ```ts
 * import { createAgent } from '@mcpstack/agent-sdk';
 *
 * const agent = createAgent({ key: 'mcpstack_pk_…', baseUrl: 'https://keys.example.com' });
 * const { name } = await agent.load();
 * ```
 */
export function createAgent({
  key,
  baseUrl = '',
  fetch: ask,
  timeoutMs = TIMEOUT_MS,
}: AgentOptions): AgentClient {
  const text = String(key).trim();
  if (SECRET.test(text))
    throw new AgentError(
      'secret-key',
      'Never put a secret key in a page: everybody can read it there. Revoke this one, and use a publishable key.',
    );
  if (!PUBLISHABLE.test(text)) throw new AgentError('bad-key', 'This is no publishable key: copy it again.');
  if (baseUrl !== '' && !/^https?:\/\/[^\s?#]+$/.test(baseUrl))
    throw new AgentError('bad-option', 'baseUrl must begin with https:// and have no query.');
  if (!(timeoutMs > 0)) throw new AgentError('bad-option', 'timeoutMs must be more than 0.');
  const url = `${baseUrl.replace(/\/+$/, '')}/api/v1/embed/agent`;
  let cached: { agent: Promise<Agent>; untilMs: number } | undefined;
  return {
    load() {
      if (cached && now() < cached.untilMs) return cached.agent;
      const agent = request(ask ?? fetch, url, text, timeoutMs).then((answer) => {
        mine.untilMs = now() + Math.max(0, Math.min(CACHED_MS, answer.expiresMs - Date.now()));
        return answer.agent;
      });
      const mine = { agent, untilMs: Infinity };
      cached = mine;
      // A failure is not kept.
      agent.catch(() => cached === mine && (cached = undefined));
      return agent;
    },
  };
}

interface Answer {
  agent: Agent;
  /** When the key ends, since 1970. */
  expiresMs: number;
}

async function request(ask: typeof fetch, url: string, key: string, timeoutMs: number): Promise<Answer> {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), timeoutMs);
  try {
    try {
      return await once(ask, url, key, deadline.signal);
    } catch (error) {
      if (!isWorthAnother(error)) throw error;
      await pause(PAUSE_MS * (0.5 + Math.random() / 2), deadline.signal);
      return await once(ask, url, key, deadline.signal);
    }
  } finally {
    clearTimeout(timer);
  }
}

async function once(ask: typeof fetch, url: string, key: string, signal: AbortSignal): Promise<Answer> {
  let status: number | undefined;
  try {
    const headers = { Authorization: `Bearer ${key}`, Accept: 'application/json' };
    const init = { headers, signal, credentials: 'omit', cache: 'no-store' } as const;
    const response = await ask(url, init);
    status = response.status;
    if (status !== 200) throw refused(status);
    return answerOf(await response.json());
  } catch (error) {
    if (error instanceof AgentError) throw error;
    if (signal.aborted) throw new AgentError('timed-out', 'The service did not answer in time.');
    if (status !== undefined) throw notTheService(status);
    throw new AgentError('network', 'No answer came: is this origin allowed, and the service in reach?');
  }
}

function answerOf(body: unknown): Answer {
  const { agent, key } = (body ?? {}) as {
    agent?: Partial<Agent> | null;
    key?: { expiresAt?: string } | null;
  };
  if (typeof agent?.id !== 'string' || typeof agent.name !== 'string') throw notTheService(200);
  const expiresMs = key?.expiresAt === undefined ? Infinity : Date.parse(key.expiresAt);
  return { agent: { id: agent.id, name: agent.name }, expiresMs };
}

function refused(status: number): AgentError {
  const [code, message]: [AgentErrorCode, string] =
    status === 401
      ? ['unauthenticated', 'The key is unknown, revoked or expired: make a new publishable key.']
      : status === 403
        ? ['forbidden', 'The key may not be used from here: allow the origin of this page.']
        : status === 429
          ? ['too-many-requests', 'Too many requests: try again later.']
          : status >= 500
            ? ['unavailable', 'The service does not answer now: try again later.']
            : ['bad-answer', `The service answered with status ${status}: check baseUrl.`];
  return new AgentError(code, message, status);
}

function notTheService(status: number): AgentError {
  return new AgentError('bad-answer', 'What answered is not the service: check baseUrl.', status);
}

function isWorthAnother(error: unknown): boolean {
  return error instanceof AgentError && (error.status === 503 || error.code === 'network');
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()));
  });
}

/** Of a clock that nobody sets. */
function now(): number {
  return performance.now();
}
