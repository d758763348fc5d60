/** Error codes: a stable published language, each with its HTTP status and title (RFC 9457). */

export const PROBLEMS = {
  'bad-request': { status: 400, title: 'The request is not valid' },
  'validation-failed': { status: 400, title: 'A field is not valid' },
  'ambiguous-credentials': { status: 400, title: 'Send one credential, in one header' },
  'authorization-pending': { status: 400, title: 'Nobody has decided about this device yet' },
  'slow-down': { status: 400, title: 'Ask less often' },
  'authorization-denied': { status: 400, title: 'Access was denied to this device' },
  'grant-expired': { status: 400, title: 'The device code is unknown, used or expired' },
  unauthenticated: { status: 401, title: 'No valid credential' },
  forbidden: { status: 403, title: 'The credential lacks a permission' },
  'policy-violation': { status: 403, title: 'The organization does not allow this' },
  'cross-site': { status: 403, title: 'Another site sent this' },
  'secret-in-browser': { status: 403, title: 'A secret key was sent from a web page' },
  'not-found': { status: 404, title: 'Not found' },
  'method-not-allowed': { status: 405, title: 'Method not allowed' },
  conflict: { status: 409, title: 'The present state of the resource does not allow this' },
  'precondition-failed': { status: 412, title: 'The resource has changed since you read it' },
  'payload-too-large': { status: 413, title: 'The request body is too large' },
  'unsupported-media-type': { status: 415, title: 'The body must be application/json' },
  'idempotency-key-reused': { status: 422, title: 'This Idempotency-Key was used with another request' },
  'too-many-requests': { status: 429, title: 'Too many requests' },
  internal: { status: 500, title: 'Something went wrong on our side' },
  unavailable: { status: 503, title: 'A part of the service does not answer' },
  'not-final': { status: 503, title: 'Recorded, not yet final' },
} as const;
export type ProblemCode = keyof typeof PROBLEMS;

/** `application/problem+json`. `type` is a stable URI, `requestId` finds the request in the logs. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  code: ProblemCode;
  detail: string;
  requestId?: string;
  /** Which fields are wrong and why; `field` is a JSON path such as `name` or `permissions.0`. */
  errors?: readonly FieldError[];
  /** With `forbidden`: the permission that is missing. */
  permission?: string;
  /** With `policy-violation`: the rule of the organization's policy that stands in the way. */
  rule?: string;
}

export interface FieldError {
  field: string;
  message: string;
}

/** The URI that names a kind of problem. */
export function problemType(code: ProblemCode): string {
  return `urn:mcpstack:problem:${code}`;
}

/**
 * An expected failure that keeps its code across every wire: thrown in issuance, carried over NATS,
 * shown by the gateway. `message` is for the caller and never carries a secret.
 */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly code: ProblemCode;
  readonly errors: readonly FieldError[] | undefined;
  readonly permission: string | undefined;
  readonly rule: string | undefined;

  constructor(
    code: ProblemCode,
    message: string,
    options: { errors?: readonly FieldError[]; permission?: string; rule?: string; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.errors = options.errors;
    this.permission = options.permission;
    this.rule = options.rule;
  }
}

/** A problem as it travels over NATS. */
export interface WireProblem {
  code: ProblemCode;
  message: string;
  errors?: readonly FieldError[];
  permission?: string;
  rule?: string;
}

export function toWireProblem(error: ProblemError): WireProblem {
  return {
    code: error.code,
    message: error.message,
    ...(error.errors && { errors: error.errors }),
    ...(error.permission && { permission: error.permission }),
    ...(error.rule && { rule: error.rule }),
  };
}

/** Reads a problem off the wire; whatever is not one becomes `internal` without its text. */
export function fromWireProblem(value: unknown): ProblemError {
  const wire = value as Partial<WireProblem> | null;
  if (typeof wire?.code === 'string' && wire.code in PROBLEMS && typeof wire.message === 'string') {
    return new ProblemError(wire.code, wire.message, {
      ...(wire.errors && { errors: wire.errors }),
      ...(wire.permission && { permission: wire.permission }),
      ...(wire.rule && { rule: wire.rule }),
    });
  }
  return new ProblemError('internal', 'The service answered with an error that has no code.', {
    cause: value,
  });
}
