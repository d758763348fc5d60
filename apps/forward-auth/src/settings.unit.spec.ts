import { readSettings } from './settings.ts';

const NATS_URL = 'nats://127.0.0.1:4222';

describe('the settings of forward-auth', () => {
  it('has defaults for all but NATS and the proxies', () => {
    expect(readSettings({ NATS_URL, TRUSTED_PROXIES: '10.0.0.0/8' })).toEqual({
      NATS_URL,
      TRUSTED_PROXIES: '10.0.0.0/8',
      HOST: '127.0.0.1',
      PORT: 8_081,
      LOG_LEVEL: 'info',
      TOKEN_PREFIX: 'mcpstack',
      CHECK_TIMEOUT_MS: 1_500,
    });
  });

  it.each([
    [{ NATS_URL }, 'TRUSTED_PROXIES is not set: write the addresses'],
    [{ NATS_URL, TRUSTED_PROXIES: '0.0.0.0/0' }, 'TRUSTED_PROXIES cannot be used'],
    [{ TRUSTED_PROXIES: '10.0.0.1' }, 'NATS_URL is not set'],
    [{ NATS_URL, TRUSTED_PROXIES: '10.0.0.1', GRPC_PORT: 'x' }, 'GRPC_PORT cannot be used'],
    [{ NATS_URL, TRUSTED_PROXIES: '10.0.0.1', CHECK_TIMEOUT_MS: '1' }, 'CHECK_TIMEOUT_MS cannot be used'],
  ])('%j is refused in a sentence', (env, why) => expect(() => readSettings(env)).toThrow(why));
});
