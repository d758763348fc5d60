import { ConfigError } from './config-error.ts';
import { readConfig, SETTINGS } from './config.ts';

const { NATS_URL, EVENT_STORE_URL, PORT } = SETTINGS;

function problems(env: NodeJS.ProcessEnv): readonly string[] {
  try {
    readConfig({ NATS_URL, EVENT_STORE_URL, PORT }, env);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).problems;
  }
  return [];
}

describe('config', () => {
  it('reads what is set and fills in the defaults', () => {
    const env = {
      NATS_URL: 'nats://u:p@localhost',
      EVENT_STORE_URL: 'kurrentdb+discover://a,b:2113',
      PORT: '',
    };
    expect(readConfig({ NATS_URL, EVENT_STORE_URL, PORT }, env)).toEqual({ ...env, PORT: 8080 });
  });

  it('names every setting that is missing or wrong, says what to write, and repeats no value', () => {
    const found = problems({ NATS_URL: 'http://user:hunter2@x', PORT: '99999' });
    expect(found).toHaveLength(3);
    expect(found[0]).toBe(
      'NATS_URL cannot be used: write nats://host:4222 (or tls://…), several servers separated by commas.',
    );
    expect(found[1]).toBe(
      'EVENT_STORE_URL is not set: write kurrentdb://host:2113 for KurrentDB or nats://host:4222 for JetStream.',
    );
    expect(found[2]).toMatch(/^PORT cannot be used: /);
    expect(found.join()).not.toContain('hunter2');
  });

  it.each(['postgres://x', 'nats//x', 'kurrentdb:', 'esdb://'])('refuses the log at %p', (url) => {
    expect(problems({ NATS_URL: 'nats://x', EVENT_STORE_URL: url })).toHaveLength(1);
  });

  it('takes proxies by address or network, and not all the world', () => {
    const { TRUSTED_PROXIES } = SETTINGS;
    const read = (value: string) => readConfig({ TRUSTED_PROXIES }, { TRUSTED_PROXIES: value });
    for (const good of ['10.0.0.1', '10.0.0.0/8, 2001:db8::/32', '::1'])
      expect(read(good)).toEqual({ TRUSTED_PROXIES: good });
    for (const bad of [
      'true',
      '*',
      '0.0.0.0/0',
      '::/0',
      '10.0.0.0/33',
      '10.0.0.0/8/8',
      'proxy.local',
      '10.0.0.1,',
    ])
      expect(() => read(bad)).toThrow('TRUSTED_PROXIES cannot be used: write the addresses');
  });
});
