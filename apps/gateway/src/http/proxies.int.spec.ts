import { makeToken } from '@mcpstack/contracts';
import { Harness } from '../../test/harness.ts';

const credentialLimits = { perAddress: 1, windowS: 60 };
let behind: Harness;
let alone: Harness;
beforeAll(async () => {
  behind = await Harness.start({ credentialLimits, env: { TRUSTED_PROXIES: '127.0.0.1, 10.0.0.0/8' } });
  alone = await Harness.start({ credentialLimits });
});
afterAll(async () => {
  await behind.stop();
  await alone.stop();
});

/** The address that the check of a key is told. */
async function addressOf(harness: Harness, ...forwarded: string[]): Promise<string | undefined> {
  const headers = forwarded.flatMap((value) => ['X-Forwarded-For', value]);
  await harness.call('GET', '/api/v1/me', { token: harness.key('viewer'), headers });
  return harness.authorizer.requests.at(-1)!.ip;
}

async function report(harness: Harness, address: string): Promise<number> {
  const json = { credentials: [makeToken('service')] };
  const headers = ['X-Forwarded-For', address];
  return (await harness.call('POST', '/api/v1/credentials/revoke', { json, headers })).status;
}

describe('the address of a caller', () => {
  it.each<[string, string[], string | undefined]>([
    ['the one that it saw', ['203.0.113.7'], '203.0.113.7'],
    ['through two of ours', ['203.0.113.7, 10.1.2.3'], '203.0.113.7'],
    ['not what the caller itself wrote before it', ['198.51.100.1, 203.0.113.7'], '203.0.113.7'],
    ['not in a header of its own either', ['198.51.100.1', '203.0.113.7'], '203.0.113.7'],
    ['of IPv6', ['2001:db8::7'], '2001:db8::7'],
    ['nothing for what is none', ['unknown'], undefined],
    ["the proxy's own without the header", [], '127.0.0.1'],
  ])('behind a proxy of ours: %s', async (_, forwarded, address) => {
    expect(await addressOf(behind, ...forwarded)).toBe(address);
  });

  it('counts by itself in limits', async () => {
    expect(await report(behind, '203.0.113.1')).toBe(202);
    expect(await report(behind, '203.0.113.1')).toBe(429);
    expect(await report(behind, '198.51.100.9, 203.0.113.1')).toBe(429);
    expect(await report(behind, '203.0.113.2')).toBe(202);
  });

  it('control: without the setting nobody is believed, and all behind a proxy are one', async () => {
    expect(await addressOf(alone, '203.0.113.7')).toBe('127.0.0.1');
    expect(await report(alone, '203.0.113.1')).toBe(202);
    expect(await report(alone, '203.0.113.2')).toBe(429);
  });
});
