/** Refusals as HTTP answers: RFC 9457 bodies, RFC 6750 challenges, and when to come back. */
import { PROBLEMS, problemType, type ProblemCode, type VerifyReply } from '@mcpstack/contracts';
import type { Demands } from './demands.ts';

export interface Refusal {
  allowed: false;
  status: number;
  /** By lower-case name. */
  headers: Record<string, string>;
  body: string;
}

const REALM = 'Bearer realm="mcpstack"';

export function refuse(code: ProblemCode, detail: string, headers: Record<string, string> = {}): Refusal {
  const { status, title } = PROBLEMS[code];
  return {
    allowed: false,
    status,
    headers: { 'content-type': 'application/problem+json; charset=utf-8', ...headers },
    body: JSON.stringify({ type: problemType(code), title, status, code, detail }),
  };
}

/** No credential, or one that is not good. RFC 6750, section 3: only the latter is named an error. */
export function unauthenticated(reason: 'missing' | 'invalid'): Refusal {
  return reason === 'invalid'
    ? refuse('unauthenticated', 'The key is unknown, revoked, suspended or expired.', {
        'www-authenticate': `${REALM}, error="invalid_token", error_description="unknown, revoked, suspended or expired"`,
      })
    : refuse('unauthenticated', 'Send a key as `Authorization: Bearer` or `X-API-Key`.', {
        'www-authenticate': REALM,
      });
}

export function unavailable(): Refusal {
  return refuse('unavailable', 'Keys cannot be checked now. Repeat the request in a moment.', {
    'retry-after': '1',
  });
}

/** What a reply that is not VALID means. Which of its ways a key is out of force is told to nobody. */
export function refusalOf(reply: VerifyReply, demands: Demands): Refusal {
  switch (reply.code) {
    case 'NOT_FOUND':
    case 'REVOKED':
    case 'EXPIRED':
    case 'SUSPENDED':
    case 'MALFORMED':
      return unauthenticated('invalid');
    case 'FORBIDDEN':
      return forbidden('The key does not allow this.', demands);
    case 'ORIGIN_NOT_ALLOWED':
      return forbidden('The key does not work from this origin.', {});
    case 'IP_NOT_ALLOWED':
      return forbidden('The key does not work from this address.', {});
    case 'RATE_LIMITED':
    case 'QUOTA_EXCEEDED':
      return limited(reply, demands);
    case 'VALID':
    case 'UNAVAILABLE':
      return unavailable();
    default:
      // A code of a later version: nobody passes for one that is not known.
      reply.code satisfies never;
      return unavailable();
  }
}

function forbidden(detail: string, { permission }: Demands): Refusal {
  const scope = permission === undefined ? '' : `, scope="${permission}"`;
  return refuse('forbidden', detail, {
    'www-authenticate': `${REALM}, error="insufficient_scope"${scope}`,
  });
}

/** Of the bounds without enough room, the one that is without it for longest: before that no retry succeeds. */
function limited({ rateLimits = [] }: VerifyReply, { cost = 1 }: Demands): Refusal {
  const short = rateLimits.filter(({ remaining }) => remaining < cost);
  const longest = short.sort((a, b) => b.resetMs - a.resetMs)[0];
  const seconds = Math.max(1, Math.ceil((longest?.resetMs ?? 0) / 1_000));
  return refuse('too-many-requests', 'A limit or a quota of the key is used up.', {
    'retry-after': String(seconds),
    ...(longest && {
      'ratelimit-policy': `"${longest.name}";q=${longest.limit}`,
      ratelimit: `"${longest.name}";r=${longest.remaining};t=${seconds}`,
    }),
  });
}
