import {
  asIs,
  listed,
  meant,
  oneOf,
  permissionOf,
  quotaOf,
  rateLimitOf,
  roleOf,
  several,
  wholeNumber,
} from './values.ts';

describe('values of options', () => {
  it('an unknown role lists the roles, and the one that comes near', () => {
    expect(roleOf('admin')).toBe('admin');
    expect(() => roleOf('amin')).toThrow(
      'The roles are owner, admin, developer and viewer. Did you mean admin?',
    );
    expect(() => roleOf('emperor')).toThrow(/viewer\.$/);
  });

  it('an unknown permission says the one that comes near, and where all are', () => {
    expect(permissionOf('agents:read')).toBe('agents:read');
    expect(() => permissionOf('agent:read')).toThrow(/Did you mean agents:read\?.*permissions list/);
    expect(() => permissionOf('everything')).toThrow(/permissions list/);
  });

  it('several come with commas, repeated, or both', () => {
    const parse = several(asIs);
    expect(parse('b, c,', parse('a', undefined))).toEqual(['a', 'b', 'c']);
    expect(() => several(roleOf)('viewer,amin', undefined)).toThrow('Did you mean admin?');
    // An empty variable of a script is not "no limit".
    for (const text of ['', ' , ']) expect(() => several(asIs)(text, undefined)).toThrow('It is empty');
  });

  it('limits and quotas', () => {
    expect(rateLimitOf('burst=50/1s')).toEqual({ name: 'burst', limit: 50, windowMs: 1_000 });
    expect(quotaOf('monthly=100000/month')).toEqual({ name: 'monthly', limit: 100_000, interval: 'month' });
    expect(() => rateLimitOf('50/1s')).toThrow('burst=50/1s');
    expect(() => rateLimitOf('burst=50/soon')).toThrow('duration');
    expect(() => quotaOf('monthly=5/mont')).toThrow('Did you mean month?');
    expect(() => quotaOf('=5/month')).toThrow('monthly=100000/month');
  });

  it('words and numbers', () => {
    expect(oneOf(['list', 'revoke'])('list')).toBe('list');
    expect(() => oneOf(['list', 'revoke'])('lst')).toThrow('Give list or revoke. Did you mean list?');
    expect(wholeNumber()('7')).toBe(7);
    expect(() => wholeNumber({ most: 5 })('6')).toThrow('from 0 to 5');
    expect(() => wholeNumber()('-1')).toThrow('of 0 or more');
    expect(listed(['a'])).toBe('a');
    expect(meant('zzz', ['admin'])).toBe('');
    expect(meant('x'.repeat(10_000), ['admin'])).toBe('');
  });
});
