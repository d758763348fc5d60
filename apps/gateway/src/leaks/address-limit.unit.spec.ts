import type { ProblemError } from '@mcpstack/contracts';
import { AddressLimit } from './address-limit.ts';

const taken = (limit: AddressLimit, address: string): Promise<string> =>
  limit.take(address).then(
    () => 'taken',
    (error: ProblemError) => error.code,
  );

describe('how often one address may ask', () => {
  it('is counted by address, and says when to come back', async () => {
    const limit = new AddressLimit({ perAddress: 2, windowS: 60 });
    const outcomes: string[] = [];
    for (let times = 0; times < 3; times += 1) outcomes.push(await taken(limit, '192.0.2.1'));
    expect(outcomes).toEqual(['taken', 'taken', 'too-many-requests']);
    expect(await taken(limit, '192.0.2.2')).toBe('taken');
    const error = await limit.take('192.0.2.1').catch((caught: unknown) => caught);
    expect(error).toMatchObject({ headers: { 'Retry-After': expect.stringMatching(/^[0-9]+$/) as string } });
  });

  it.each<[string, string, string]>([
    ['an IPv4 address, however the socket shows it', '192.0.2.1', '::ffff:192.0.2.1'],
    [
      'all of an IPv6 network: whoever has one address there has them all',
      '2001:db8:1:2::1',
      '2001:db8:1:2:ffff::9',
    ],
    ['an IPv6 address in another spelling', '2001:0db8:0001:0002:0:0:0:1', '2001:db8:1:2::1'],
    ['an address with its zone', 'fe80::1%eth0', 'fe80::1'],
    ['loopback', '::1', '0:0:0:0:0:0:0:2'],
  ])('takes for one: %s', async (_, first, second) => {
    const limit = new AddressLimit({ perAddress: 1, windowS: 60 });
    expect(await taken(limit, first)).toBe('taken');
    expect(await taken(limit, second)).toBe('too-many-requests');
  });

  it.each([
    ['2001:db8:1:2::1', '2001:db8:1:3::1'],
    ['2001:db8::1', '2001:db8:0:1::1'],
    ['192.0.2.1', '192.0.2.2'],
  ])('tells %s from %s', async (first, second) => {
    const limit = new AddressLimit({ perAddress: 1, windowS: 60 });
    expect([await taken(limit, first), await taken(limit, second)]).toEqual(['taken', 'taken']);
  });
});
