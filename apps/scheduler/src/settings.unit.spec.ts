import { ConfigError, dnsServers } from '@mcpstack/service-kit';
import { readSettings } from './settings.ts';

const NEEDED = { NATS_URL: 'nats://127.0.0.1:4222', REDIS_URL: 'redis://127.0.0.1:6379' };

describe('settings', () => {
  it('are safe by default', () => {
    expect(readSettings(NEEDED)).toMatchObject({
      DOMAIN_CHECK_ALLOW_PRIVATE: 'false',
      DOMAIN_CHECK_SCHEME: 'https',
      KEY_EXPIRY_POLL_MS: 1_000,
      DOMAIN_RECHECK_MS: 86_400_000,
    });
    expect(dnsServers(readSettings(NEEDED))).toBeUndefined();
  });

  it.each([
    { DOMAIN_CHECK_ALLOW_PRIVATE: 'true' },
    { DOMAIN_CHECK_SCHEME: 'http' },
    { DOMAIN_CHECK_PORT: '8443' },
  ])('%j is taken elsewhere and refused in production', (setting: Record<string, string>) => {
    const [name] = Object.keys(setting);
    expect(() => readSettings({ ...NEEDED, ...setting, NODE_ENV: 'test' })).not.toThrow();
    expect(() => readSettings({ ...NEEDED, ...setting, NODE_ENV: 'production' })).toThrow(
      new ConfigError([`${name} is for tests and local use: unset it in production.`]),
    );
  });

  it.each(['192.0.2.1', '192.0.2.1:5353', '2001:db8::1', '[2001:db8::1]:5353', '192.0.2.1, 192.0.2.2:53'])(
    'DNS_SERVERS may be %j',
    (DNS_SERVERS) => {
      expect(dnsServers(readSettings({ ...NEEDED, DNS_SERVERS }))).toEqual(DNS_SERVERS.split(', '));
    },
  );

  it.each([
    'dns.example',
    '192.0.2.1:0',
    '192.0.2.1:70000',
    '192.0.2.1,',
    '[192.0.2',
    ',',
    '192.0.2.1:53:53',
  ])('DNS_SERVERS may not be %j', (DNS_SERVERS) => {
    expect(() => readSettings({ ...NEEDED, DNS_SERVERS })).toThrow(/DNS_SERVERS cannot be used/);
  });
});
