import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeTestCertificate, type TestCertificate } from '@mcpstack/testing';
import { ConfigError } from './config-error.ts';
import { readConfig, refusedInProduction, SETTINGS } from './config.ts';

const { NATS_URL, HOST, PORT, ...READ } = SETTINGS;
const SHAPE = {
  NATS_URL,
  ...READ,
  PEPPER_FILE: READ.PEPPER_FILE.optional(),
  WEBHOOK_KEY_FILE: READ.WEBHOOK_KEY_FILE.optional(),
};
const GOOD = { NATS_URL: 'nats://n', REDIS_URL: 'redis://r', EVENT_STORE_URL: 'kurrentdb://k' };

let folder: string;
let tls: TestCertificate;
const files: Record<string, string> = {};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'settings-'));
  tls = await makeTestCertificate();
  const contents = { PASSWORD: 'geheim', EMPTY: '\n', TWO_LINES: 'geheim\nhidden', NO_CA: 'geheim' };
  for (const [name, content] of Object.entries(contents)) {
    files[name] = join(folder, name);
    writeFileSync(files[name], content);
  }
  files['CREDS'] = join(folder, 'CREDS');
  writeFileSync(
    files['CREDS'],
    '-----BEGIN NATS USER JWT-----\neyJ0\n------END NATS USER JWT------\n\n-----BEGIN USER NKEY SEED-----\nSUAGEHEIM\n------END USER NKEY SEED------\n',
  );
  files['CA'] = tls.caFile;
  files['MISSING'] = join(folder, 'missing');
});
afterAll(() => {
  rmSync(folder, { recursive: true });
  rmSync(tls.folder, { recursive: true });
});

/** `@NAME` stands for the path of one of the files. */
function problems(set: NodeJS.ProcessEnv): readonly string[] {
  const filled = Object.entries({ ...GOOD, ...set }).map(([name, value]) => [
    name,
    value?.startsWith('@') ? files[value.slice(1)] : value,
  ]);
  try {
    readConfig(SHAPE, Object.fromEntries(filled) as NodeJS.ProcessEnv);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    const text = (error as ConfigError).message;
    for (const secret of ['geheim', 'hidden', 'SUAGEHEIM', 'eyJ0']) expect(text).not.toContain(secret);
    return (error as ConfigError).problems;
  }
}

describe('settings that contradict each other', () => {
  it.each<[NodeJS.ProcessEnv, RegExp]>([
    [{ NATS_CA_FILE: '@CA' }, /^NATS_CA_FILE is set, but NATS_URL does not ask for TLS: begin it with tls:/],
    [{ REDIS_CA_FILE: '@CA' }, /^REDIS_CA_FILE is set, but REDIS_URL .* rediss:/],
    [{ EVENT_STORE_URL: 'nats://n', EVENT_STORE_CA_FILE: '@CA' }, /^EVENT_STORE_CA_FILE is set, but .* tls:/],
    [{ EVENT_STORE_URL: 'kurrentdb://k?TLS=false', EVENT_STORE_CA_FILE: '@CA' }, /says tls=false/],
    [{ EVENT_STORE_URL: 'kurrentdb://k?tlsCAFile=x', EVENT_STORE_CA_FILE: '@CA' }, /take tlsCAFile out/],
    [
      {
        EVENT_STORE_URL: 'esdb://k?tls=false',
        EVENT_STORE_USER: 'u',
        EVENT_STORE_PASSWORD_FILE: '@PASSWORD',
      },
      /nobody logs in to KurrentDB without TLS/,
    ],
    [{ EVENT_STORE_CREDS_FILE: '@CREDS' }, /EVENT_STORE_URL names KurrentDB: set EVENT_STORE_USER/],
    [{ NATS_USER: 'u' }, /^NATS_USER needs NATS_PASSWORD_FILE/],
    [{ NATS_PASSWORD_FILE: '@PASSWORD' }, /^NATS_PASSWORD_FILE needs NATS_USER/],
    [
      { NATS_USER: 'u', NATS_PASSWORD_FILE: '@PASSWORD', NATS_CREDS_FILE: '@CREDS' },
      /^NATS_CREDS_FILE and NATS_USER both say who logs in/,
    ],
    [{ REDIS_USERNAME: 'u' }, /^REDIS_USERNAME needs REDIS_PASSWORD_FILE/],
    [
      { REDIS_URL: 'redis://:geheim@r', REDIS_PASSWORD_FILE: '@PASSWORD' },
      /^REDIS_URL holds credentials beside those of REDIS_PASSWORD_FILE: write it without them\.$/,
    ],
    [
      { REDIS_SENTINELS: 'redis://:geheim@s:26379', REDIS_SENTINEL_NAME: 'm' },
      /^REDIS_SENTINELS cannot be used: write host:26379/,
    ],
    [{ REDIS_URL: '', REDIS_SENTINELS: 's:26379' }, /^REDIS_SENTINELS needs REDIS_SENTINEL_NAME/],
    [{ REDIS_SENTINEL_NAME: 'm' }, /^REDIS_SENTINEL_NAME needs REDIS_SENTINELS/],
    [{ LEASE_LIFE_MS: '5000' }, /^LEASE_LIFE_MS \(5000\) must be less than STAMP_LIFE_MS \(5000\)/],
    [{ STAMP_LIFE_MS: '3000' }, /^LEASE_LIFE_MS \(3000\) must be less than STAMP_LIFE_MS \(3000\)/],
    [{ FRESH_DELTA_MS: '0' }, /^FRESH_DELTA_MS cannot be used: write whole milliseconds from 10 to 5000\.$/],
    [
      { FRESH_DELTA_MS: '3600000' },
      /^FRESH_DELTA_MS cannot be used: write whole milliseconds from 10 to 5000\.$/,
    ],
    [
      { NATS_PASSWORD_FILE: '@MISSING', NATS_USER: 'u' },
      /^NATS_PASSWORD_FILE names a file that is not there/,
    ],
    [{ REDIS_PASSWORD_FILE: '@EMPTY' }, /^REDIS_PASSWORD_FILE must name a file with the password alone/],
    [{ REDIS_PASSWORD_FILE: '@TWO_LINES' }, /^REDIS_PASSWORD_FILE must name a file with the password alone/],
    [{ NATS_CREDS_FILE: '@PASSWORD' }, /^NATS_CREDS_FILE must name a credentials file of NATS/],
    [{ EVENT_STORE_CA_FILE: '@NO_CA' }, /^EVENT_STORE_CA_FILE must name a file with the certificates/],
    [{ PEPPER_FILE: '@MISSING' }, /^PEPPER_FILE names a file that is not there/],
  ])('%j', (set, expected) => {
    const found = problems(set);
    expect(found).toEqual([expect.stringMatching(expected)]);
  });

  it('takes what does not contradict', () => {
    const logins = {
      ...{ NATS_URL: 'tls://n', NATS_CREDS_FILE: '@CREDS', NATS_CA_FILE: '@CA' },
      ...{
        REDIS_USERNAME: 'u',
        REDIS_PASSWORD_FILE: '@PASSWORD',
        REDIS_URL: 'rediss://r',
        REDIS_CA_FILE: '@CA',
      },
      ...{ EVENT_STORE_USER: 'u', EVENT_STORE_PASSWORD_FILE: '@PASSWORD', EVENT_STORE_CA_FILE: '@CA' },
    };
    expect(problems({ ...logins, NODE_ENV: 'production' })).toEqual([]);
    const sentinels = {
      REDIS_URL: '',
      REDIS_SENTINELS: 'a:1,[::1]:2',
      REDIS_SENTINEL_NAME: 'm',
      REDIS_CA_FILE: '@CA',
    };
    expect(problems(sentinels)).toEqual([]);
  });

  it('credentials in a URL are refused in production, and said without them', () => {
    const urls = {
      NATS_URL: 'nats://u:geheim@n',
      REDIS_URL: 'redis://:geheim@r',
      EVENT_STORE_URL: 'kurrentdb://u:geheim@k',
    };
    expect(problems(urls)).toEqual([]);
    expect(problems({ ...urls, NODE_ENV: 'production' })).toEqual([
      'NATS_URL holds credentials, which NODE_ENV=production does not take: write it without them, and set NATS_USER and NATS_PASSWORD_FILE (or NATS_CREDS_FILE).',
      'REDIS_URL holds credentials, which NODE_ENV=production does not take: write it without them, and set REDIS_USERNAME and REDIS_PASSWORD_FILE.',
      'EVENT_STORE_URL holds credentials, which NODE_ENV=production does not take: write it without them, and set EVENT_STORE_USER and EVENT_STORE_PASSWORD_FILE (or EVENT_STORE_CREDS_FILE).',
    ]);
  });

  it('what is missing, malformed and contradictory comes all at once', () => {
    const set = {
      ...{ EVENT_STORE_URL: '', LOG_LEVEL: 'geheim', NATS_CA_FILE: '@CA', REDIS_PASSWORD_FILE: '@MISSING' },
      ...{ FRESH_DELTA_MS: '1h', WEBHOOK_ALLOW_PRIVATE: 'true', NODE_ENV: 'production', REDIS_URL: '' },
    };
    const found = problems(set).map((problem) => /^\w+/.exec(problem)![0]);
    expect(found.sort()).toEqual(
      [
        'EVENT_STORE_URL',
        'FRESH_DELTA_MS',
        'LOG_LEVEL',
        'NATS_CA_FILE',
        'REDIS_PASSWORD_FILE',
        'REDIS_URL',
      ].sort(),
    );
    const check = refusedInProduction<{ WEBHOOK_ALLOW_PRIVATE: string }>({
      WEBHOOK_ALLOW_PRIVATE: (value) => value === 'true',
    });
    const { WEBHOOK_ALLOW_PRIVATE } = SETTINGS;
    const read = () =>
      readConfig(
        { WEBHOOK_ALLOW_PRIVATE, NATS_URL },
        { NODE_ENV: 'production', WEBHOOK_ALLOW_PRIVATE: 'true' },
        [check],
      );
    expect(read).toThrow(
      'NATS_URL is not set: write nats://host:4222 (or tls://…), several servers separated by commas. WEBHOOK_ALLOW_PRIVATE is for tests and local use: unset it in production.',
    );
  });
});
