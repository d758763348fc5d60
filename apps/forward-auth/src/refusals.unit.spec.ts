import { VERIFY_CODES, type VerifyCode, type VerifyReply } from '@mcpstack/contracts';
import { refusalOf } from './refusals.ts';

const reply = (code: string, more: Partial<VerifyReply> = {}): VerifyReply => ({
  valid: false,
  code: code as VerifyCode,
  freshForMs: 0,
  ...more,
});

describe('a reply that is not VALID', () => {
  const STATUS: Record<VerifyCode, number> = {
    // A reply that says both is of no use.
    VALID: 503,
    NOT_FOUND: 401,
    REVOKED: 401,
    EXPIRED: 401,
    SUSPENDED: 401,
    MALFORMED: 401,
    FORBIDDEN: 403,
    ORIGIN_NOT_ALLOWED: 403,
    IP_NOT_ALLOWED: 403,
    RATE_LIMITED: 429,
    QUOTA_EXCEEDED: 429,
    UNAVAILABLE: 503,
  };

  it.each(VERIFY_CODES)('%s has its status', (code) => {
    const { allowed, status, body } = refusalOf(reply(code), {});
    expect([allowed, status]).toEqual([false, STATUS[code]]);
    expect(JSON.parse(body)).toMatchObject({ status, type: expect.stringContaining('urn:') as string });
  });

  it('a code of a later version lets nobody through', () => {
    expect(refusalOf(reply('MAYBE'), {}).status).toBe(503);
  });

  it('how a key is out of force is told to nobody', () => {
    const told = ['NOT_FOUND', 'REVOKED', 'EXPIRED', 'SUSPENDED'].map((code) => refusalOf(reply(code), {}));
    expect(new Set(told.map((refusal) => JSON.stringify(refusal))).size).toBe(1);
  });

  it('403 names what was demanded', () => {
    const { headers } = refusalOf(reply('FORBIDDEN'), { permission: 'servers:read' });
    expect(headers['www-authenticate']).toBe(
      'Bearer realm="mcpstack", error="insufficient_scope", scope="servers:read"',
    );
  });

  it('429 says when: after the longest of those without enough room', () => {
    const limit = (name: string, remaining: number, resetMs: number) => ({
      name,
      limit: 10,
      remaining,
      resetMs,
    });
    const rateLimits = [limit('a', 0, 1_200), limit('b', 2, 60_001), limit('c', 5, 900_000)];
    const headers = (cost?: number) =>
      refusalOf(reply('RATE_LIMITED', { rateLimits }), cost === undefined ? {} : { cost }).headers;
    expect(headers()).toMatchObject({ 'retry-after': '2', ratelimit: '"a";r=0;t=2' });
    expect(headers(3)).toMatchObject({ 'retry-after': '61', 'ratelimit-policy': '"b";q=10' });
    expect(refusalOf(reply('QUOTA_EXCEEDED'), {}).headers['retry-after']).toBe('1');
  });
});
