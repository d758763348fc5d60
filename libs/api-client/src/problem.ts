/** What a call fails with: the problem that the API answered (RFC 9457), or that there was no answer. */
import type { FieldError, Problem, ProblemCode } from '@mcpstack/contracts';

/** `unreachable`: no answer came in time. `unexpected-answer`: something answered that is not the API. */
export type ApiProblemCode = ProblemCode | 'unreachable' | 'unexpected-answer';

/**
 * A call that was refused or failed. `code` is stable: switch on it; `detail` is for people.
 * @example
 * try {
 *   await api.DELETE('/api/v1/organizations/{orgId}/api-keys/{keyId}', { params: { path: { orgId, keyId } } });
 * } catch (error) {
 *   if (error instanceof ApiProblem && error.code === 'forbidden') console.error(`lacks ${error.permission}`);
 *   else throw error;
 * }
 */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  readonly code: ApiProblemCode;
  /** Of HTTP; 0 when there was no answer. */
  readonly status: number;
  /** One sentence that says what to do. */
  readonly detail: string;
  /** Which fields are wrong, and why. */
  readonly errors: readonly FieldError[];
  /** With `forbidden`: the permission that is missing. */
  readonly permission: string | undefined;
  /** With `policy-violation`: the rule of the organization that stands in the way. */
  readonly rule: string | undefined;
  /** Finds the request in the logs of the service. */
  readonly requestId: string | undefined;
  /** How long the API asks to wait before the next try. Milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(
    problem: Partial<Omit<Problem, 'code'>> & { code: ApiProblemCode; detail: string },
    { retryAfterMs, cause }: { retryAfterMs?: number | undefined; cause?: unknown } = {},
  ) {
    super(`${problem.code}: ${problem.detail}`, cause === undefined ? undefined : { cause });
    this.code = problem.code;
    this.status = problem.status ?? 0;
    this.detail = problem.detail;
    this.errors = problem.errors ?? [];
    this.permission = problem.permission;
    this.rule = problem.rule;
    this.requestId = problem.requestId;
    this.retryAfterMs = retryAfterMs;
  }
}

/** The problem in an answer that is not a success. */
export async function problemOf(response: Response): Promise<ApiProblem> {
  const { status, headers } = response;
  const wait = { retryAfterMs: retryAfterMs(headers) };
  const body = await readJson(response);
  if (typeof body?.code === 'string' && typeof body.detail === 'string')
    return new ApiProblem({ ...body, code: body.code, detail: body.detail, status }, wait);
  const detail = `The answer is ${status} and no problem of the API: check the address and what stands before it.`;
  return new ApiProblem({ code: 'unexpected-answer', status, detail }, wait);
}

/** `Retry-After` (RFC 9110, section 10.2.3): seconds, or a date. */
export function retryAfterMs(headers: Headers, nowMs = Date.now()): number | undefined {
  const value = headers.get('retry-after')?.trim();
  if (!value) return undefined;
  const ms = /^\d{1,9}$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - nowMs;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

async function readJson(response: Response): Promise<Partial<Problem> | undefined> {
  try {
    return (await response.json()) as Partial<Problem>;
  } catch {
    return undefined;
  }
}
