/** What the pages of service keys make of times, terms, filters and uses. */
import { dateProblem, defaultExpiry, expiresAtOf, expiryChoices } from './expiry.ts';
import { filterIn, isListed, stateOf, termsOf } from './key-filter.ts';
import { changesIn, fieldErrors, TERMS, termsIn, valuesOf } from './terms.ts';
import { barsOf } from './usage-bars.ts';

const DAY_MS = 86_400_000;
const NOW_MS = Date.parse('2030-01-01T12:00:00Z');
const inDays = (at: string | undefined) => (Date.parse(at!) - NOW_MS) / DAY_MS;

describe('expiry', () => {
  it.each([
    [{}, ['30', '90', '365', 'never', 'date'], '90'],
    [{ expiryRequired: true }, ['30', '90', '365', 'date'], '90'],
    [{ longestKeyLifeDays: 60 }, ['30', 'date'], '30'],
    [{ longestKeyLifeDays: 7 }, ['7', 'date'], '7'],
  ])('%j offers %j', (rules, choices, suggested) => {
    const policy = { onMakerLoss: 'list' as const, ...rules };
    expect(expiryChoices(policy).map(({ value }) => value)).toEqual(choices);
    expect(defaultExpiry(policy)).toBe(suggested);
  });

  it('is never beyond the policy, also where clocks differ a little', () => {
    const policy = { onMakerLoss: 'list' as const, longestKeyLifeDays: 30 };
    expect(expiresAtOf('never', '', policy, NOW_MS)).toBeUndefined();
    expect(inDays(expiresAtOf('7', '', policy, NOW_MS))).toBe(7);
    for (const [choice, date] of [
      ['30', ''],
      ['date', '2030-01-31'],
      ['date', '2031-01-31'],
    ] as const) {
      const days = inDays(expiresAtOf(choice, date, policy, NOW_MS));
      expect(days).toBeLessThan(30);
      expect(days).toBeGreaterThan(29.9);
    }
  });

  it('refuses a day that is none, that is over, or that is too late', () => {
    expect(dateProblem('', '2030-02-01', NOW_MS)).toBe('Choose a day.');
    expect(dateProblem('2029-12-30', '2030-02-01', NOW_MS)).toContain('not over');
    expect(dateProblem('2030-02-02', '2030-02-01', NOW_MS)).toContain('until 2030-02-01');
    expect(dateProblem('2030-02-01', '2030-02-01', NOW_MS)).toBeNull();
  });
});

describe('the filter in the address', () => {
  const filter = (query: string) => filterIn(new URLSearchParams(query));

  it('lists what is in force unless it says otherwise, and leaves out what nobody understands', () => {
    const plain = filter('state=none&role=king&tag=NO&unused=-3&createdBy=me');
    expect(plain).toEqual(filter(''));
    expect(
      ['active', 'suspended', 'expired', 'revoked'].map((one) => isListed(plain, one as 'active')),
    ).toEqual([true, true, false, false]);
    expect(stateOf(plain)).toEqual({});
    expect(stateOf(filter('state=revoked'))).toEqual({ state: 'revoked' });
  });

  it('asks the API for the rest', () => {
    expect(termsOf(filter('role=admin&tag=team:ci&environment=prod&unused=30'), NOW_MS)).toEqual({
      role: 'admin',
      tag: 'team:ci',
      environment: 'prod',
      unusedSince: '2029-12-02T12:00:00.000Z',
    });
  });
});

describe('terms', () => {
  const key = {
    permissions: ['servers:read', 'servers:write'],
    allowedIps: ['10.0.0.0/8'],
    limits: [{ name: 'requests', limit: 10, windowMs: 1_000 }],
  } as unknown as Parameters<typeof changesIn>[1];

  it('says nothing of permissions that are all of the role’s', () => {
    expect(termsIn(valuesOf(key), ['servers:read', 'servers:write'])).not.toHaveProperty('permissions');
    expect(termsIn(valuesOf(key), ['servers:read', 'agents:read'])).toMatchObject({
      permissions: ['servers:read'],
    });
  });

  it('sends only what is changed', () => {
    expect(changesIn(valuesOf(key), key)).toEqual({});
    const narrower = { ...valuesOf(key), allowedIps: '10.1.0.0/16\n10.2.0.0/16, 10.3.0.0/16' };
    expect(changesIn(narrower, key)).toEqual({ allowedIps: ['10.1.0.0/16', '10.2.0.0/16', '10.3.0.0/16'] });
  });

  it('puts what the API says of an item at the field that holds it', () => {
    const errors = [
      { field: 'allowedIps.1', message: 'must be an address' },
      { field: 'scope.agents.0', message: 'is none of this organization' },
      { field: 'limits.0.name', message: 'must not be named twice' },
      { field: 'name', message: 'is of another form' },
    ];
    expect(fieldErrors(errors, TERMS)).toEqual({
      allowedIps: 'Number 2 must be an address',
      agents: 'Number 1 is none of this organization',
      'limits.0.name': 'must not be named twice',
    });
  });
});

describe('bars', () => {
  const window = (from: string, count: number) => ({
    from,
    to: new Date(Date.parse(from) + 10_000).toISOString(),
    count,
  });

  it('are as many as fit, count everything, and end with the newest', () => {
    expect(barsOf([])).toEqual([]);
    for (const days of [0, 0.01, 1, 40, 4_000]) {
      const newest = window('2030-01-01T12:00:00.000Z', 3);
      const oldest = window(new Date(NOW_MS - days * DAY_MS).toISOString(), 4);
      const bars = barsOf(days === 0 ? [newest] : [newest, oldest]);
      expect(bars.length).toBeGreaterThanOrEqual(12);
      expect(bars.length).toBeLessThanOrEqual(50);
      expect(bars.reduce((sum, { count }) => sum + count, 0)).toBe(days === 0 ? 3 : 7);
      expect(bars.at(-1)!.count).toBeGreaterThanOrEqual(3);
    }
  });
});
