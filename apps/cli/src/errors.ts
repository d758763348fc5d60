/** What a command fails with: one sentence, the next step and an exit code; and what becomes of the API's problems. */
import { type ApiProblem } from '@mcpstack/api-client';
import { type Credential } from './settings.ts';

/** The exit codes: part of the published interface. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  notLoggedIn: 3,
  forbidden: 4,
  notFound: 5,
  conflict: 6,
  unavailable: 7,
  /** By Ctrl-C, as every shell has it: 128 and the number of the signal. */
  interrupted: 130,
} as const;
export type Outcome = keyof typeof EXIT;

export interface ErrorDetails {
  /** What to do now: a sentence or a command. */
  next?: string | undefined;
  /** Stable, for machines; the outcome if absent. */
  code?: string;
  requestId?: string | undefined;
  cause?: unknown;
}

export class CliError extends Error {
  override readonly name = 'CliError';
  readonly outcome: Outcome;
  readonly next: string | undefined;
  readonly code: string;
  readonly requestId: string | undefined;

  /** @param message one sentence for people; it never carries a secret. */
  constructor(outcome: Outcome, message: string, { next, code, requestId, cause }: ErrorDetails = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.outcome = outcome;
    this.next = next;
    this.code = code ?? outcome;
    this.requestId = requestId;
  }

  get exitCode(): number {
    return EXIT[this.outcome];
  }
}

/** Codes that their status alone does not place. */
const BY_CODE: Readonly<Record<string, Outcome>> = {
  unreachable: 'unavailable',
  'unexpected-answer': 'unavailable',
  'authorization-pending': 'notLoggedIn',
  'slow-down': 'notLoggedIn',
  'authorization-denied': 'notLoggedIn',
  'grant-expired': 'notLoggedIn',
};
const BY_STATUS: Readonly<Record<number, Outcome>> = {
  400: 'usage',
  401: 'notLoggedIn',
  403: 'forbidden',
  404: 'notFound',
  409: 'conflict',
  412: 'conflict',
  413: 'usage',
  422: 'conflict',
  429: 'unavailable',
  502: 'unavailable',
  503: 'unavailable',
  504: 'unavailable',
};

export function outcomeOf({ code, status }: Pick<ApiProblem, 'code' | 'status'>): Outcome {
  return BY_CODE[code] ?? BY_STATUS[status] ?? 'failed';
}

/** Where the call went and as whom: a problem reads differently for a key and for a person. */
export interface CallPlace {
  apiUrl: string;
  credential: Credential | undefined;
}

/** What a problem of the API means to the person at the terminal. */
export function explain(problem: ApiProblem, place: CallPlace): CliError {
  const { code, requestId } = problem;
  const outcome = outcomeOf(problem);
  const [message, next] = sentences(problem, place, outcome);
  return new CliError(outcome, message, { next, code, requestId, cause: problem });
}

function sentences(
  problem: ApiProblem,
  place: CallPlace,
  outcome: Outcome,
): [message: string, next?: string | undefined] {
  const { code, status, permission, retryAfterMs, errors } = problem;
  const detail = sentence(problem.detail);
  switch (code) {
    case 'unreachable':
      return unreachable(problem, place.apiUrl);
    case 'unexpected-answer':
      return unexpected(status, place.apiUrl);
    case 'forbidden':
      return [
        detail,
        permission
          ? `Ask for a role that has ${permission}, or use another key: "mcpstack permissions list" shows which role has what.`
          : '"mcpstack whoami" shows who you are here.',
      ];
    case 'policy-violation':
      return [detail, '"mcpstack org policy show" shows what the organization demands of its keys.'];
    case 'validation-failed':
      return [
        errors.length > 0 ? sentence(errors.map((one) => `${one.field} ${one.message}`).join('; ')) : detail,
      ];
    case 'not-final':
      return [detail, 'It is recorded and takes effect soon: look before you repeat it.'];
    default:
  }
  switch (outcome) {
    case 'notLoggedIn':
      return unauthenticated(detail, place);
    case 'notFound':
      return [
        detail,
        'Check the id and the organization: pass --org for one command or set MCPSTACK_ORG_ID.',
      ];
    case 'unavailable':
      return [
        detail,
        retryAfterMs === undefined
          ? 'Try again in a moment.'
          : `Try again in ${Math.max(1, Math.ceil(retryAfterMs / 1_000))} s.`,
      ];
    case 'failed':
      return [
        detail,
        problem.requestId === undefined ? undefined : `Its request id is ${problem.requestId}.`,
      ];
    default:
      return [detail];
  }
}

function unauthenticated(detail: string, { apiUrl, credential }: CallPlace): [string, string] {
  switch (credential?.kind) {
    case undefined:
      return [detail, 'Run "mcpstack auth login", or set MCPSTACK_API_KEY.'];
    case 'session':
      return ['Your login has ended.', 'Run "mcpstack auth login".'];
    case 'key':
      return [
        `${apiUrl} does not accept the key of ${credential.from}: it is revoked, expired, suspended or of another place.`,
        'Check the key with "mcpstack api-keys list" under another login, or create a new one.',
      ];
  }
}

const CERTIFICATE = /^(CERT_|ERR_TLS|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|HOSTNAME_MISMATCH)/;

function unreachable(problem: ApiProblem, apiUrl: string): [string, string] {
  const check = 'Check the address (--api-url or MCPSTACK_API_URL) and the network.';
  const why = systemCode(problem.cause);
  if (why === 'CERT_HAS_EXPIRED' || why === 'CERT_NOT_YET_VALID')
    return [
      `The TLS certificate of ${apiUrl} ${why === 'CERT_HAS_EXPIRED' ? 'has expired' : 'is not valid yet'}.`,
      "Tell who runs it, and check this computer's clock.",
    ];
  if (why !== undefined && CERTIFICATE.test(why))
    return [
      `The TLS certificate of ${apiUrl} is not trusted (${why}).`,
      'If its authority is your own, name its file in NODE_EXTRA_CA_CERTS.',
    ];
  if (why === 'ECONNREFUSED')
    return [`Nothing listens at ${apiUrl}.`, 'Start it ("npm start" in a checkout), or check --api-url.'];
  if (why === 'ENOTFOUND' || why === 'EAI_AGAIN')
    return [`The host of ${apiUrl} is not known (${why}).`, check];
  if (why === 'TimeoutError') return [`${apiUrl} did not answer in time.`, 'Try again later.'];
  return [`${apiUrl} did not answer${why === undefined ? '' : ` (${why})`}.`, check];
}

function unexpected(status: number, apiUrl: string): [string, string] {
  const isRedirect = status >= 300 && status < 400;
  return [
    isRedirect
      ? `${apiUrl} answers with a redirect (${status}), which is not followed: a credential goes to no other place.`
      : `${apiUrl} answers, but not as the API does${status === 0 ? '' : ` (HTTP ${status})`}.`,
    'Check the address (--api-url or MCPSTACK_API_URL) and what stands before it.',
  ];
}

/** The deepest code or name in a chain of causes: what the system said. */
function systemCode(error: unknown): string | undefined {
  let found: string | undefined;
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
    const { code, name } = at as NodeJS.ErrnoException;
    if (typeof code === 'string') found = code;
    else if (name === 'TimeoutError') found = name;
    const inner = (at as Partial<AggregateError>).errors?.[0] as NodeJS.ErrnoException | undefined;
    if (typeof inner?.code === 'string') found = inner.code;
  }
  return found;
}

function sentence(text: string): string {
  const trimmed = text.trim();
  return /[.!?]$/.test(trimmed) ? trimmed : `${trimmed}.`;
}
