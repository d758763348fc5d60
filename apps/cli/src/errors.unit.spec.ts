import { ApiProblem, type ApiProblemCode } from '@mcpstack/api-client';
import { PROBLEMS, type ProblemCode } from '@mcpstack/contracts';
import { EXIT, explain, outcomeOf, type Outcome } from './errors.ts';
import { type Credential } from './settings.ts';

/** The published table: scripts rely on it. */
const OUTCOMES: Record<ApiProblemCode, Outcome> = {
  'bad-request': 'usage',
  'validation-failed': 'usage',
  'ambiguous-credentials': 'usage',
  'authorization-pending': 'notLoggedIn',
  'slow-down': 'notLoggedIn',
  'authorization-denied': 'notLoggedIn',
  'grant-expired': 'notLoggedIn',
  unauthenticated: 'notLoggedIn',
  forbidden: 'forbidden',
  'policy-violation': 'forbidden',
  'cross-site': 'forbidden',
  'secret-in-browser': 'forbidden',
  'not-found': 'notFound',
  'method-not-allowed': 'failed',
  conflict: 'conflict',
  'precondition-failed': 'conflict',
  'payload-too-large': 'usage',
  'unsupported-media-type': 'failed',
  'idempotency-key-reused': 'conflict',
  'too-many-requests': 'unavailable',
  internal: 'failed',
  unavailable: 'unavailable',
  'not-final': 'unavailable',
  unreachable: 'unavailable',
  'unexpected-answer': 'unavailable',
};
const statusOf = (code: ApiProblemCode) => (code in PROBLEMS ? PROBLEMS[code as ProblemCode].status : 0);

const apiUrl = 'https://keys.example.com';
const problem = (code: ApiProblemCode, more: object = {}, cause?: unknown) =>
  new ApiProblem({ code, status: statusOf(code), detail: 'It is so', ...more }, { cause });
const key: Credential = { kind: 'key', key: 'k', from: 'MCPSTACK_API_KEY' };
const explained = (
  code: ApiProblemCode,
  more?: object,
  cause?: unknown,
  credential: Credential | undefined = key,
) => explain(problem(code, more, cause), { apiUrl, credential });

describe('exit codes', () => {
  it.each(Object.keys(OUTCOMES) as ApiProblemCode[])('of %s', (code) => {
    expect(outcomeOf({ code, status: statusOf(code) })).toBe(OUTCOMES[code]);
    expect(explained(code).exitCode).toBe(EXIT[OUTCOMES[code]]);
  });

  it('are what is documented, and a code that is new goes by its status', () => {
    expect(EXIT).toEqual({
      done: 0,
      failed: 1,
      usage: 2,
      notLoggedIn: 3,
      forbidden: 4,
      notFound: 5,
      conflict: 6,
      unavailable: 7,
      interrupted: 130,
    });
    expect(outcomeOf({ code: 'brand-new' as ApiProblemCode, status: 403 })).toBe('forbidden');
    expect(outcomeOf({ code: 'brand-new' as ApiProblemCode, status: 418 })).toBe('failed');
  });
});

describe('explain', () => {
  it('names what is missing, what is wrong, and what to do', () => {
    expect(explained('forbidden', { permission: 'servers:write' })).toMatchObject({
      message: 'It is so.',
      next: expect.stringContaining('a role that has servers:write') as string,
    });
    const errors = [
      { field: 'name', message: 'must not be empty' },
      { field: 'role', message: 'is unknown' },
    ];
    expect(explained('validation-failed', { errors }).message).toBe(
      'name must not be empty; role is unknown.',
    );
    expect(explained('not-found').next).toContain('MCPSTACK_ORG_ID');
    expect(explained('internal', { requestId: 'req-1' })).toMatchObject({
      requestId: 'req-1',
      next: 'Its request id is req-1.',
    });
  });

  it('tells a key from a person and from nobody', () => {
    expect(explained('unauthenticated').message).toContain('does not accept the key of MCPSTACK_API_KEY');
    const login = {} as Extract<Credential, { kind: 'session' }>['login'];
    expect(explained('unauthenticated', {}, undefined, { kind: 'session', login })).toMatchObject({
      message: 'Your login has ended.',
      next: 'Run "mcpstack auth login".',
    });
    expect(explain(problem('unauthenticated'), { apiUrl, credential: undefined }).next).toContain(
      'MCPSTACK_API_KEY',
    );
  });

  it.each([
    ['ECONNREFUSED', 'Nothing listens at'],
    ['ENOTFOUND', 'is not known'],
    ['CERT_HAS_EXPIRED', 'has expired'],
    ['CERT_NOT_YET_VALID', 'is not valid yet'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'is not trusted'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'is not trusted'],
    ['ECONNRESET', 'did not answer (ECONNRESET)'],
  ])('says what the system said: %s', (code, text) => {
    const cause = Object.assign(new TypeError('fetch failed'), {
      cause: Object.assign(new Error('x'), { code }),
    });
    expect(explained('unreachable', {}, cause)).toMatchObject({
      message: expect.stringContaining(text) as string,
      exitCode: 7,
    });
  });
});
