import { readConfig } from '@mcpstack/service-kit';
import { GATEWAY_SETTINGS, publicUrlOf } from './settings.ts';

const ENV = { NATS_URL: 'nats://localhost:4222', REDIS_URL: 'redis://localhost:6379' };
const read = (env: NodeJS.ProcessEnv) => readConfig(GATEWAY_SETTINGS, { ...ENV, ...env });

describe('PUBLIC_URL', () => {
  it.each([
    'https://keys.example.com',
    'https://keys.example.com:8443',
    'http://localhost:8080',
    'http://[::1]',
  ])('may be %s', (PUBLIC_URL) => {
    expect(publicUrlOf(read({ PUBLIC_URL }))).toBe(PUBLIC_URL);
  });

  it.each([
    'keys.example.com',
    'https://keys.example.com/',
    'https://keys.example.com/keys',
    'https://user@keys.example.com',
    'https://KEYS.example.com',
    'https://keys.example.com:443',
    'http://keys.example.com',
    'http://localhost.example.com',
    'http://127.0.0.1.example.com',
    'ftp://localhost',
    'null',
  ])('may not be %s: browsers write no such origin, or a cookie would be anybody’s', (PUBLIC_URL) => {
    expect(() => read({ PUBLIC_URL })).toThrow('PUBLIC_URL cannot be used: write the origin');
  });

  it('is this machine if it is absent', () => {
    expect(publicUrlOf(read({ PORT: '8123' }))).toBe('http://localhost:8123');
  });
});

it('TRUSTED_PROXIES that is empty, as docker-compose.yml passes it, trusts nobody', () => {
  expect(read({ TRUSTED_PROXIES: '' }).TRUSTED_PROXIES).toBeUndefined();
  expect(read({ TRUSTED_PROXIES: '10.0.0.0/8' }).TRUSTED_PROXIES).toBe('10.0.0.0/8');
});

it('ACCESS_TOKEN_LIFE_MS is a quarter of an hour unless it is set, and a day at most', () => {
  expect(read({}).ACCESS_TOKEN_LIFE_MS).toBe(900_000);
  expect(read({ ACCESS_TOKEN_LIFE_MS: '1000' }).ACCESS_TOKEN_LIFE_MS).toBe(1_000);
  for (const ACCESS_TOKEN_LIFE_MS of ['0', '999', '86400001', '1e9', 'x'])
    expect(() => read({ ACCESS_TOKEN_LIFE_MS })).toThrow('ACCESS_TOKEN_LIFE_MS');
});
