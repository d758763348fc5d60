/** Problems as HTTP answers: one place that maps codes and errors to status, body and headers. */
import {
  ProblemError,
  PROBLEMS,
  problemType,
  type FieldError,
  type Problem,
  type ProblemCode,
} from '@mcpstack/contracts';
import { BadCursorError, ReadModelsUnavailableError } from '@mcpstack/read-models';
import { redactText } from '@mcpstack/service-kit';
import { HttpException } from '@nestjs/common';

export const PROBLEM_MEDIA_TYPE = 'application/problem+json; charset=utf-8';

/** A problem that needs a header of its own, such as `Retry-After`. */
export class HttpProblem extends ProblemError {
  readonly headers: Readonly<Record<string, string>>;
  constructor(
    code: ProblemCode,
    message: string,
    headers: Record<string, string>,
    options: ConstructorParameters<typeof ProblemError>[2] = {},
  ) {
    super(code, message, options);
    this.headers = headers;
  }
}

const UNAUTHENTICATED = {
  missing: 'Send a session token or a service key as `Authorization: Bearer`.',
  invalid: 'The credential is unknown, revoked, suspended or expired.',
  // Told by the spelling alone: it says nothing about whether there is such a key.
  publishable: 'A publishable key works only at GET /api/v1/embed/agent: log in, or use a service key.',
  'not-publishable': 'Only a publishable key works here.',
} as const;

/** No credential, or one that is not good. RFC 6750, section 3: only the latter is named an error. */
export function unauthenticated(reason: keyof typeof UNAUTHENTICATED): HttpProblem {
  const error =
    reason === 'missing'
      ? ''
      : ', error="invalid_token", error_description="unknown, revoked, suspended or expired"';
  return new HttpProblem('unauthenticated', UNAUTHENTICATED[reason], {
    'WWW-Authenticate': `Bearer realm="mcpstack"${error}`,
  });
}

/** What a part of ours cannot answer now; worth another try. */
export function unavailable(message: string, cause?: unknown): HttpProblem {
  return new HttpProblem('unavailable', message, { 'Retry-After': '1' }, { cause });
}

const BY_STATUS: Readonly<Record<number, readonly [ProblemCode, string]>> = {
  404: ['not-found', 'There is nothing at this address.'],
  405: ['method-not-allowed', 'This address does not answer this method.'],
  413: ['payload-too-large', 'The body is larger than 1 MiB.'],
  415: ['unsupported-media-type', 'Send the body as application/json.'],
};

/** Any thrown value as a problem. What nobody expected becomes `internal` without its text. */
export function asProblem(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  if (error instanceof ReadModelsUnavailableError)
    return unavailable('The read models do not answer. Repeat the request in a moment.', error);
  if (error instanceof BadCursorError) return fieldProblem('cursor', 'is none that a list answered');
  if (error instanceof HttpException && error.getStatus() < 500) {
    const [code, message] = BY_STATUS[error.getStatus()] ?? ['bad-request', 'The request cannot be read.'];
    return new ProblemError(code, message, { cause: error });
  }
  return new ProblemError('internal', 'Something went wrong on our side.', { cause: error });
}

/** A field's name as it may be shown: whatever the caller sent, but short, and text. */
export function shown(field: string): string {
  return field.slice(0, 64).replace(/\p{Surrogate}/gu, '\ufffd');
}

export function fieldProblem(field: string, message: string): ProblemError {
  return new ProblemError('validation-failed', `${field}: ${message}`, { errors: [{ field, message }] });
}

/** Clients log problems, so what a caller wrote as the name of a field is not repeated where it spells a credential. */
export function problemBody(problem: ProblemError, requestId: string): Problem {
  const { status, title } = PROBLEMS[problem.code];
  return {
    type: problemType(problem.code),
    title,
    status,
    code: problem.code,
    detail: redactText(problem.message),
    requestId,
    ...(problem.errors && { errors: problem.errors.map(redacted) }),
    ...(problem.permission && { permission: problem.permission }),
    ...(problem.rule && { rule: problem.rule }),
  };
}

function redacted({ field, message }: FieldError): FieldError {
  return { field: redactText(field), message: redactText(message) };
}

export function problemHeaders(problem: ProblemError): Record<string, string> {
  return {
    'Content-Type': PROBLEM_MEDIA_TYPE,
    'Cache-Control': 'no-store',
    ...(problem.code === 'not-final' && { 'Retry-After': '1' }),
    ...(problem.code === 'unavailable' && { 'Retry-After': '1' }),
    ...(problem.code === 'forbidden' &&
      problem.permission && {
        'WWW-Authenticate': `Bearer realm="mcpstack", error="insufficient_scope", scope="${problem.permission}"`,
      }),
    ...(problem instanceof HttpProblem && problem.headers),
  };
}
