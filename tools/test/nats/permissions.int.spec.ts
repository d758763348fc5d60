/** The users of deploy/nats on a real server: every subject and bucket of the contracts, for everyone, both ways. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as contracts from '@mcpstack/contracts';
import { CATEGORIES } from '@mcpstack/domain';
import { ensureServers } from '@mcpstack/local-servers';
import { usersConfig, usersFile, withUsers } from '../../src/nats-permissions.ts';
import { BUCKET_USERS, streamRights, SUBJECTS, WIDE, WIDE_ALLOWED, type Allowed } from './expected-rights.ts';
import { DEPLOYED, refused, startGuardedNats, type GuardedNats, type Probe } from './server.ts';

const USERS = Object.values(contracts.NATS_ACCOUNTS).flat();

function expectations(): [Probe & Allowed, Allowed][] {
  const streams = [...Object.keys(BUCKET_USERS).map((bucket) => `KV_${bucket}`), 'mcpstack_log'];
  const all = { ...SUBJECTS, ...Object.assign({}, ...streams.map(streamRights)) } as Record<string, Allowed>;
  const wide = WIDE.map((subject) => [subject, { subscribe: WIDE_ALLOWED[subject] ?? '' }] as const);
  return [...Object.entries(all), ...wide].map(([subject, allowed]) => [{ subject }, allowed]);
}

/** Where the server does otherwise than people decided: `user may publish subject`, `user may not …`. */
async function deviations(nats: GuardedNats): Promise<string[]> {
  const found: string[] = [];
  for (const user of USERS) {
    const publishes: [Probe, boolean][] = [];
    const subscribes: [Probe, boolean][] = [];
    for (const [{ subject }, { publish = '', subscribe = '' }] of expectations()) {
      if (!WIDE.includes(subject)) publishes.push([{ subject }, publish.split(' ').includes(user)]);
      const hearers = subscribe.split(' ').map((one) => one.split('@') as [string, string?]);
      const own = hearers.find(([name]) => name === user);
      subscribes.push([{ subject }, own !== undefined && own[1] === undefined]);
      subscribes.push([{ subject, queue: 'strangers' }, own !== undefined && own[1] === undefined]);
      for (const [, queue] of hearers)
        if (queue !== undefined) subscribes.push([{ subject, queue }, own !== undefined]);
    }
    for (const [verb, wanted] of [
      ['publish', publishes],
      ['subscribe', subscribes],
    ] as const) {
      const no = await refused(
        nats,
        user,
        verb,
        wanted.map(([probe]) => probe),
      );
      for (const [probe, allowed] of wanted) {
        if (no.has(probe) !== allowed) continue;
        const queue = probe.queue === undefined ? '' : ` in ${probe.queue}`;
        found.push(`${user} may ${no.has(probe) ? 'not ' : ''}${verb} ${probe.subject}${queue}`);
      }
    }
  }
  return found;
}

/** What differs with a changed configuration. */
async function deviationsWith(change: (text: string) => string): Promise<string[]> {
  const nats = await startGuardedNats((text, file) => (file === 'keys-users.conf' ? change(text) : text));
  try {
    return await deviations(nats);
  } finally {
    await nats.stop();
  }
}

const VERIFIER = /(user: verifier[\s\S]*?publish: \{ allow: \[\n)/;

beforeAll(() => ensureServers());

describe('the matrix of users and subjects', () => {
  it('is on a real server what people decided', async () => {
    expect(await deviationsWith((text) => text)).toEqual([]);
  });

  // Negative controls.
  it('turns red for one right too many', async () => {
    const more = (text: string) => text.replace(VERIFIER, '$1"mcpstack.issuance.v1.create-key"\n');
    expect(await deviationsWith(more)).toEqual(['verifier may publish mcpstack.issuance.v1.create-key']);
  });
  it('turns red for one right too few, and for a queue group that is not asked for', async () => {
    const less = (text: string) =>
      text
        .replace(
          /( {8}"mcpstack.keys.v1.verify-batch"\n)( {6}\] \}\n {6}subscribe: \{ allow: \[\n {8}"mcpstack.keys.v1.changed"\n {8}"_INBOX_verifier)/,
          '$2',
        )
        .replace('"mcpstack.keys.v1.explain authorizer"', '"mcpstack.keys.v1.explain"');
    expect(await deviationsWith(less)).toEqual([
      'authorizer may subscribe mcpstack.keys.v1.explain',
      'authorizer may subscribe mcpstack.keys.v1.explain in strangers',
      'verifier may not publish mcpstack.keys.v1.verify-batch',
    ]);
  });

  it('names every subject, bucket, category and user there is', () => {
    const { COMMAND_SUBJECTS, WEBHOOK_SUBJECTS, BUCKETS } = contracts;
    const single = Object.entries(contracts).flatMap(([name, value]) =>
      name.endsWith('_SUBJECT') ? [value as string] : [],
    );
    const subjects = [...single, ...Object.values(COMMAND_SUBJECTS), ...Object.values(WEBHOOK_SUBJECTS)];
    expect(subjects.length).toBeGreaterThan(55);
    expect(subjects.filter((subject) => !(subject in SUBJECTS))).toEqual([]);
    expect(Object.keys(BUCKET_USERS).sort()).toEqual(Object.values(BUCKETS).sort());
    expect(CATEGORIES.filter((category) => !(`mcpstack.log.${category}.x` in SUBJECTS))).toEqual([]);
    expect(USERS.filter((user) => !(`_INBOX_${user}.a.b` in SUBJECTS))).toEqual([]);
  });
});

describe('deploy/nats', () => {
  const page = join(DEPLOYED, '..', '..', 'docs', 'nats.md');

  it('is what npm run nats:permissions writes, and so is the list in docs/nats.md', () => {
    for (const account of ['KEYS', 'LOG'] as const)
      expect(readFileSync(join(DEPLOYED, usersFile(account)), 'utf8')).toBe(usersConfig(account));
    const text = readFileSync(page, 'utf8');
    expect(withUsers(text)).toBe(text);
    // Negative control.
    expect(withUsers(text.replace('`mcpstack.keys.v1.verify`', '`mcpstack.keys.v1.*`'))).toBe(text);
  });

  describe('make-passwords.mjs', () => {
    let folder: string;
    const make = (...more: string[]) =>
      execFileSync(process.execPath, [join(DEPLOYED, 'make-passwords.mjs'), folder, ...more], {
        stdio: 'pipe',
      });
    const read = (file: string) => readFileSync(join(folder, file), 'utf8');
    const password = (user: string) => read(`${user}.password`);
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'mcpstack-passwords-'));
    });
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    it('gives the server hashes alone, and nobody else what they are of', () => {
      make();
      const hashes = ['keys', 'log'].map((one) => read(`${one}-passwords.conf`)).join('');
      expect(hashes.match(/: "\$2[aby]\$/g)).toHaveLength(USERS.length);
      for (const user of USERS) {
        expect(password(user)).toMatch(/^[A-Za-z0-9_-]{43}$/);
        expect(hashes).not.toContain(password(user));
        expect(statSync(join(folder, `${user}.password`)).mode & 0o777).toBe(0o600);
      }
      expect(new Set(USERS.map(password)).size).toBe(USERS.length);
    });

    it('keeps what is there, renews whom it is told, and refuses whom it does not know', () => {
      make();
      const [gateway, webhooks] = [password('gateway'), password('webhooks')];
      make('gateway');
      expect(password('gateway')).not.toBe(gateway);
      expect(password('webhooks')).toBe(webhooks);
      expect(() => make('getaway')).toThrow(/There is no user getaway/);
    });

    it('makes what nats-server.conf takes', async () => {
      make();
      for (const file of ['nats-server.conf', 'accounts.conf', 'keys-users.conf', 'log-users.conf'])
        copyFileSync(join(DEPLOYED, file), join(folder, file));
      const { nats } = await ensureServers();
      if (nats.type !== 'program') return console.warn('not run: NATS runs in Docker here');
      const test = () =>
        execFileSync(nats.path, ['-t', '-c', join(folder, 'nats-server.conf')], { stdio: 'pipe' });
      test();
      // Negative control: a user whose password is missing.
      const passwords = read('keys-passwords.conf').replace('NATS_PASSWORD_VERIFIER', 'OTHER');
      writeFileSync(join(folder, 'keys-passwords.conf'), passwords);
      expect(test).toThrow(/NATS_PASSWORD_VERIFIER/);
    });
  });
});
