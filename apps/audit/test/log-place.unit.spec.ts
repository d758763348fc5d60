import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { logPlace } from '../src/log-place.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mcpstack-place-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const URL = 'nats://log:4222';
const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
const place = (env: NodeJS.ProcessEnv) => logPlace(undefined, { EVENT_STORE_URL: URL, ...env });

it('is that of the environment; credentials and certificates come from files', () => {
  const [password, ca] = [file('password', 'a word\n'), file('ca.pem', 'PEM')];
  const found = place({
    EVENT_STORE_USER: 'auditor',
    EVENT_STORE_PASSWORD_FILE: password,
    EVENT_STORE_CA_FILE: ca,
  });
  expect(found).toMatchObject({ url: URL, caFile: ca });
  // The end of the line is no part of a password.
  expect(found.login!()).toEqual({ user: 'auditor', password: 'a word' });
});

it('a file of NATS credentials stands for itself', () => {
  const creds = file('auditor.creds', 'JWT and seed');
  expect(place({ EVENT_STORE_CREDS_FILE: creds }).login!()).toEqual({ creds: 'JWT and seed' });
});

it('one that is named is used as it stands: the files are of another server', () => {
  const env = { EVENT_STORE_URL: URL, EVENT_STORE_CREDS_FILE: file('other.creds', 'x') };
  expect(logPlace('kurrentdb://other:2113', env)).toEqual({ url: 'kurrentdb://other:2113' });
});

it.each([
  ['no log', { EVENT_STORE_URL: '' }, 'No log is named.'],
  ['a user without a password', { EVENT_STORE_USER: 'auditor' }, 'set both'],
  ['a password without a user', { EVENT_STORE_PASSWORD_FILE: '/secret-place' }, 'set both'],
  [
    'a file that is not there',
    { EVENT_STORE_CREDS_FILE: '/secret-place' },
    'EVENT_STORE_CREDS_FILE cannot be read (ENOENT).',
  ],
  [
    'a certificate that is not there',
    { EVENT_STORE_CA_FILE: '/secret-place' },
    'EVENT_STORE_CA_FILE cannot be read (ENOENT).',
  ],
])('%s is told, and no path is repeated', (_, env, words) => {
  let told = '';
  try {
    place(env);
  } catch (error) {
    told = (error as Error).message;
  }
  expect(told).toContain(words);
  expect(told).not.toContain('secret-place');
});
