/** Refusals as HTTP answers: RFC 9457 bodies, RFC 6750 challenges, and when to come back. */
import { PROBLEMS, problemType, type Problem, type ProblemCode, type VerifyReply } from '@mcpstack/contracts';

/** What the service answers in place of its own. */
export interface Refusal {
  ok: false;
  status: number;
  /** By lower-case name. */
  headers: Readonly<Record<string, string>>;
  /** To be written as JSON. Names no key. */
  body: Problem;
}

/** What was demanded of the key, as far as a refusal tells of it. */
export interface Demanded {
  realm: string;
  permission?: string | undefined;
  expect?: object | undefined;
  cost?: number | undefined;
}

/**
 * A refusal in the form of those that a check makes, for what a service demands beyond it.
 *
 * @example
 * if (key.environment !== 'production') return refusal('forbidden', 'The key is not for production.');
 *
 * @param code decides about the status and the title.
 * @param detail what the client can do about it. Names no key.
 * @param more `headers` by lower-case name, and the `permission` that is lacking.
 */
export function refusal(
  code: ProblemCode,
  detail: string,
  { headers = {}, permission }: { headers?: Record<string, string>; permission?: string | undefined } = {},
): Refusal {
  const { status, title } = PROBLEMS[code];
  return {
    ok: false,
    status,
    headers: {
      'content-type': 'application/problem+json; charset=utf-8',
      'cache-control': 'no-store',
      ...headers,
    },
    body: { type: problemType(code), title, status, code, detail, ...(permission && { permission }) },
  };
}

export function ambiguous(): Refusal {
  return refusal('ambiguous-credentials', 'Send one credential: Authorization or X-API-Key, once.');
}

export function keyInUrl(): Refusal {
  return refusal(
    'bad-request',
    'Send the key as `Authorization: Bearer` or `X-API-Key`, never in the URL, which is written to logs. Rotate a key that was sent so.',
  );
}

/** No credential, or one that is not good. RFC 6750, section 3.1: only the latter is named an error. */
export function unauthenticated(reason: 'missing' | 'invalid', { realm }: Demanded): Refusal {
  const challenge = `Bearer realm="${realm}"`;
  return reason === 'missing'
    ? refusal('unauthenticated', 'Send a key as `Authorization: Bearer` or `X-API-Key`.', {
        headers: { 'www-authenticate': challenge },
      })
    : refusal('unauthenticated', 'The key is unknown, revoked, suspended or expired.', {
        headers: {
          'www-authenticate': `${challenge}, error="invalid_token", error_description="unknown, revoked, suspended or expired"`,
        },
      });
}

export function unavailable(): Refusal {
  return refusal('unavailable', 'Keys cannot be checked now. Repeat the request in a moment.', {
    headers: { 'retry-after': '1' },
  });
}

export function wrongOrigin(demanded: Demanded): Refusal {
  return forbidden('The key does not work from this origin.', { realm: demanded.realm });
}

/** What a reply that is not VALID means. Which of its ways a key is out of force is told to nobody. */
export function refusalOf(reply: VerifyReply, demanded: Demanded): Refusal {
  switch (reply.code) {
    case 'NOT_FOUND':
    case 'REVOKED':
    case 'EXPIRED':
    case 'SUSPENDED':
    case 'MALFORMED':
      return unauthenticated('invalid', demanded);
    case 'FORBIDDEN':
      return forbidden(lacking(demanded), demanded);
    case 'ORIGIN_NOT_ALLOWED':
      return wrongOrigin(demanded);
    case 'IP_NOT_ALLOWED':
      return forbidden('The key does not work from this address.', { realm: demanded.realm });
    case 'RATE_LIMITED':
    case 'QUOTA_EXCEEDED':
      return limited(reply, demanded);
    case 'VALID':
    case 'UNAVAILABLE':
      return unavailable();
    default:
      // A code of a later version: nobody passes for one that is not known.
      reply.code satisfies never;
      return unavailable();
  }
}

/** With an expectation as well, the reply does not say which of the two it was. */
function lacking({ permission, expect }: Demanded): string {
  if (permission === undefined) return 'The key is not for this.';
  return expect
    ? `The key lacks the permission ${permission}, or is not for this.`
    : `The key lacks the permission ${permission}.`;
}

function forbidden(detail: string, { realm, permission }: Demanded): Refusal {
  const scope = permission === undefined ? '' : `, scope="${permission}"`;
  const challenge = `Bearer realm="${realm}", error="insufficient_scope"${scope}`;
  return refusal('forbidden', detail, { headers: { 'www-authenticate': challenge }, permission });
}

/** Of the bounds without enough room, the one that is without it for longest: before that no retry succeeds. */
function limited({ rateLimits = [] }: VerifyReply, { cost = 1 }: Demanded): Refusal {
  const short = rateLimits.filter(({ remaining }) => remaining < cost);
  const longest = short.sort((a, b) => b.resetMs - a.resetMs)[0];
  const seconds = Math.max(1, Math.ceil((longest?.resetMs ?? 0) / 1_000));
  return refusal('too-many-requests', 'A limit or a quota of the key is used up.', {
    headers: {
      'retry-after': String(seconds),
      ...(longest && {
        'ratelimit-policy': `"${longest.name}";q=${longest.limit}`,
        ratelimit: `"${longest.name}";r=${longest.remaining};t=${seconds}`,
      }),
    },
  });
}
