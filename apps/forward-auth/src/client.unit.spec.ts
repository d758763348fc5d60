import { credentialOf, TrustedProxies } from './client.ts';

describe('the one credential of a request', () => {
  it.each([
    [{ authorization: 'Bearer abc' }, { type: 'key', key: 'abc' }],
    [{ authorization: ['bearer   abc  '] }, { type: 'key', key: 'abc' }],
    [{ 'x-api-key': ' abc ' }, { type: 'key', key: 'abc' }],
    [{}, { type: 'none' }],
    [{ authorization: 'Basic abc' }, { type: 'none' }],
    [{ authorization: 'Bearer' }, { type: 'none' }],
    [{ authorization: 'Bearer abc, Bearer def' }, { type: 'none' }],
    [{ authorization: ['Bearer abc', 'Bearer abc'] }, { type: 'ambiguous' }],
    [{ 'x-api-key': ['abc', 'abc'] }, { type: 'ambiguous' }],
    [{ authorization: 'Basic abc', 'x-api-key': 'abc' }, { type: 'ambiguous' }],
  ])('%j', (headers, credential) => expect(credentialOf(headers)).toEqual(credential));
});

describe('our own proxies', () => {
  const trusted = new TrustedProxies('127.0.0.1, 10.0.0.0/8, 2001:db8:1::/48, ::1');

  it.each([
    ['127.0.0.1', true],
    ['::ffff:10.1.2.3', true],
    ['2001:db8:1::7', true],
    ['::1', true],
    ['127.0.0.2', false],
    ['11.0.0.1', false],
    ['::ffff:11.0.0.1', false],
    ['2001:db8:2::1', false],
    ['nonsense', false],
    ['', false],
    [undefined, false],
  ])('%s: %s', (address, isOurs) => expect(trusted.includes(address)).toBe(isOurs));

  it.each([
    ['10.0.0.1', '203.0.113.7', '203.0.113.7'],
    ['10.0.0.1', '198.51.100.1, 203.0.113.7', '203.0.113.7'],
    ['10.0.0.1', '203.0.113.7, 10.9.9.9', '203.0.113.7'],
    ['10.0.0.1', '::ffff:203.0.113.7', '203.0.113.7'],
    ['10.0.0.1', '10.3.3.3, 10.2.2.2', '10.3.3.3'],
    ['203.0.113.7', '198.51.100.1', '203.0.113.7'],
    ['10.0.0.1', undefined, undefined],
    ['10.0.0.1', '203.0.113.7, ', undefined],
    ['10.0.0.1', '203.0.113.7, unknown', undefined],
    ['10.0.0.1', 'fe80::1%eth0', undefined],
    ['10.0.0.1', '203.0.113.7:4711', undefined],
    [undefined, '203.0.113.7', undefined],
  ])('connected from %s, forwarded for %s: %s', (connectedFrom, forwarded, client) => {
    expect(trusted.clientOf(connectedFrom, { 'x-forwarded-for': forwarded })).toBe(client);
  });
});
