/** The keys that sign: made once, for their owner alone, changed with an overlap, never shown. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readKeyFile, signersOf } from './key-file.ts';
import { keysCommand } from './keys-command.ts';
import { readSettings, witnessUrls } from './settings.ts';
import { addVkeys } from './vkey-file.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'checkpoint-keys-'));
  file = join(folder, 'keys.json');
});
afterEach(() => rmSync(folder, { recursive: true }));

const run = (...args: string[]) => keysCommand(args, { CHECKPOINT_KEY_FILE: file });
const names = () => readKeyFile(file).keys.map(({ name }) => name);

describe('keys.js', () => {
  it('makes a file with one key, for its owner alone, and never over another one', async () => {
    const [said] = await run('new');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const [key] = readKeyFile(file).keys;
    expect(said).toContain(key!.name);
    expect(said).not.toContain(key!.private);
    await expect(run('new')).rejects.toThrow('use add');
    expect(readKeyFile(file).keys).toEqual([key]);
  });

  it('adds and removes: both sign in between, and the last one stays', async () => {
    await run('new');
    const [old] = names();
    await run('add');
    expect(names()).toHaveLength(2);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(signersOf(readKeyFile(file), 'o/1')).toHaveLength(2);
    await run('remove', old!);
    expect(names()).not.toContain(old);
    await expect(run('remove', names()[0]!)).rejects.toThrow('the only key');
    await expect(run('remove', 'nobody')).rejects.toThrow('There is no key nobody');
  });

  it.each([[], ['show'], ['new', 'x'], ['remove'], ['public', 'x']])(
    '%j is told how it is used',
    async (...args) => {
      await expect(run(...args)).rejects.toThrow(/^Usage: keys.js/);
    },
  );
});

describe('the key file', () => {
  const key = { name: 'a', private: Buffer.alloc(32, 7).toString('base64') };

  it.each<[string, string]>([
    ['{', 'not of the form'],
    ['{"keys":[]}', 'not of the form'],
    [JSON.stringify({ keys: [{ ...key, private: `${key.private}=` }] }), 'not of the form'],
    [JSON.stringify({ keys: [{ ...key, more: 1 }] }), 'not of the form'],
    [JSON.stringify({ keys: [key, { ...key, name: 'b' }] }), 'one key twice'],
    [
      JSON.stringify({ keys: [key, { ...key, private: Buffer.alloc(32, 8).toString('base64') }] }),
      'two keys of one name',
    ],
    [
      JSON.stringify({
        keys: Array.from({ length: 9 }, (_, n) => ({
          name: `${n}`,
          private: Buffer.alloc(32, n).toString('base64'),
        })),
      }),
      'more than 8',
    ],
  ])('%.40s… is refused, and not shown', (content, message) => {
    writeFileSync(file, content);
    expect(() => readKeyFile(file)).toThrow(message);
    expect(() => readKeyFile(file)).not.toThrow(key.private);
  });

  it('that is not there is told how to be made', () =>
    expect(() => readKeyFile(file)).toThrow('keys.js new'));

  it('gives signers with the name of the log: of another log they are others', () => {
    writeFileSync(file, JSON.stringify({ keys: [key] }));
    const [one, other] = ['o/1', 'o/2'].map((origin) => signersOf(readKeyFile(file), origin)[0]!);
    expect([one!.name, other!.name]).toEqual(['o/1', 'o/2']);
    expect(one!.hash).not.toBe(other!.hash);
  });
});

describe('the file of public keys', () => {
  it('takes new keys in, and keeps those that sign no more', () => {
    const vkeys = join(folder, 'vkeys.txt');
    addVkeys(vkeys, ['a+1+x']);
    addVkeys(vkeys, ['a+1+x', 'a+2+y']);
    addVkeys(vkeys, ['a+2+y']);
    expect(readFileSync(vkeys, 'utf8')).toBe('a+1+x\na+2+y\n');
    // One that an auditor trusts up to a size only is there as well.
    writeFileSync(vkeys, 'a+1+x until 17\na+2+y\n');
    addVkeys(vkeys, ['a+1+x', 'a+2+y']);
    expect(readFileSync(vkeys, 'utf8')).toBe('a+1+x until 17\na+2+y\n');
    expect(() => addVkeys(join(folder, 'none', 'vkeys.txt'), ['a'])).toThrow(
      'CHECKPOINT_VKEY_FILE cannot be written',
    );
  });
});

describe('settings', () => {
  const EVENT_STORE_URL = 'nats://127.0.0.1:4222';
  let NEEDED: NodeJS.ProcessEnv;
  beforeEach(async () => {
    await run('new');
    NEEDED = { EVENT_STORE_URL, CHECKPOINT_KEY_FILE: file };
  });

  it('cover every event within a minute, and no later', () => {
    expect(readSettings(NEEDED)).toMatchObject({
      CHECKPOINT_INTERVAL_MS: 60_000,
      CHECKPOINT_ORIGIN: 'mcpstack-keys',
    });
    expect(() => readSettings({ ...NEEDED, CHECKPOINT_INTERVAL_MS: '60001' })).toThrow(
      'CHECKPOINT_INTERVAL_MS',
    );
  });

  it.each(['two words', 'a+b', 'a\nb', ''])('an origin may not be %j', (CHECKPOINT_ORIGIN) => {
    const read = () => readSettings({ ...NEEDED, CHECKPOINT_ORIGIN });
    if (CHECKPOINT_ORIGIN === '') expect(read().CHECKPOINT_ORIGIN).toBe('mcpstack-keys');
    else expect(read).toThrow('CHECKPOINT_ORIGIN');
  });

  it('name witnesses by their addresses', () => {
    const urls = 'https://w1.example.com/, http://127.0.0.1:8080/w2';
    const WITNESS_VKEY_FILE = join(folder, 'witnesses.txt');
    writeFileSync(WITNESS_VKEY_FILE, `${signersOf(readKeyFile(file), 'w1')[0]!.vkey}\n`);
    const settings = readSettings({ ...NEEDED, WITNESS_URLS: urls, WITNESS_VKEY_FILE });
    expect(witnessUrls(settings)).toEqual(['https://w1.example.com', 'http://127.0.0.1:8080/w2']);
    for (const WITNESS_URLS of ['w1.example.com', 'ftp://w1', 'https://'])
      expect(() => readSettings({ ...NEEDED, WITNESS_URLS })).toThrow('WITNESS_URLS');
  });

  it('say all that is wrong at once: files that are not there, and witnesses without keys', () => {
    const missing = join(folder, 'missing');
    const env = {
      CHECKPOINT_KEY_FILE: missing,
      CHECKPOINT_FORMER_VKEY_FILE: missing,
      WITNESS_URLS: 'https://w1',
    };
    expect(() => readSettings(env)).toThrow(
      /^EVENT_STORE_URL is not set: write .* CHECKPOINT_KEY_FILE names .* CHECKPOINT_FORMER_VKEY_FILE cannot .* WITNESS_VKEY_FILE is needed/,
    );
  });
});
