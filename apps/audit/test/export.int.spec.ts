/** `export`: the same bytes each time, and an interrupted one goes on where it stopped. */
import { createHash, randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEventStore, type EventStore } from '@mcpstack/event-store';
import { startNats, type LocalServer } from '@mcpstack/local-servers';
import { LogWriter, stored, type Happening } from './log-writer.ts';
import { runAudit, type Ran } from './run-audit.ts';

const NOW = '2026-06-01T00:00:00.000Z';
const [ACME, OTHER] = ['org_acme', 'org_other'];
const ADA = { type: 'user', id: 'user_ada' } as const;
const CREDENTIAL = { digest: 'ab'.repeat(32), pepperVersion: 1 };
const FORMATS = ['cloudevents', 'ocsf', 'csv'];

let nats: LocalServer;
let store: EventStore;
let log: LogWriter;
let head: bigint;
const folder = mkdtempSync(join(tmpdir(), 'mcpstack-export-'));
beforeAll(async () => {
  nats = await startNats();
  store = await openEventStore(nats.url);
  log = new LogWriter(store);
  head = await tell(log);
});
afterAll(async () => {
  await store.close();
  await nats.stop();
  rmSync(folder, { recursive: true, force: true });
});

const at = (day: string, time = '12:00:00.000Z') => `2026-05-${day}T${time}`;
const keyCreated = (keyId: string, organizationId: string, name: string): Happening => ({
  type: 'KeyCreated',
  data: { keyId, organizationId, kind: 'service', name, role: 'developer', credential: CREDENTIAL },
  at: at('02'),
  actor: ADA,
});
const used = (keyId: string, organizationId: string): Happening => ({
  type: 'KeyUsed',
  data: { keyId, organizationId, from: at('03'), to: at('03'), count: 7, lastUsedAt: at('03') },
  at: at('03'),
});

async function tell(to: LogWriter): Promise<bigint> {
  for (const organizationId of [ACME, OTHER]) {
    const data = { organizationId, name: organizationId, ownerId: ADA.id };
    await to.put('organization', organizationId, { type: 'OrganizationCreated', data, at: at('01') });
  }
  await to.put('user', 'user_ada', {
    type: 'UserProfileChanged',
    data: { userId: ADA.id, name: 'Ada', email: 'ada@example.com' },
    at: at('01'),
  });
  await to.put('key', 'key_1', keyCreated('key_1', ACME, '=cmd|calc'));
  await to.put('key', 'key_2', keyCreated('key_2', OTHER, 'Zürich "ci", 東京'));
  await to.put('usage', 'key_1', used('key_1', ACME));
  for (let n = 0; n < 40; n += 1) {
    await to.put('key', 'key_2', { type: 'KeyRenamed', data: { name: `ci ${n}` }, at: at('04'), actor: ADA });
  }
  await to.put('key', 'key_1', {
    type: 'KeyRevoked',
    data: { reason: 'requested' },
    at: at('05'),
    actor: ADA,
  });
  return to.put('organization', OTHER, { type: 'OrganizationSuspended', data: {}, at: at('06') });
}

const exported = (args: readonly string[], url = nats.url): Promise<Ran> =>
  runAudit(['export', '--log', url, ...args], { now: () => NOW });
const lines = (text: string) => text.trimEnd().split(/\r?\n/);
const typesIn = (text: string) =>
  lines(text).map((line) => (JSON.parse(line) as { type: string }).type.replace('com.mcpstack.keys.', ''));
const pathOf = (name: string) => join(folder, name);
const errorOf = (ran: Ran) => (JSON.parse(ran.stderr) as { error: { code: string; message: string } }).error;
const files = { count: 0 };
const newPath = () => pathOf(`export-${(files.count += 1)}`);

async function exportFile(format: string, ...more: string[]): Promise<string> {
  const path = newPath();
  expect(await exported(['--format', format, '--out', path, ...more])).toMatchObject({ exitCode: 0 });
  return path;
}

it('tells everything that happened, but use and people', async () => {
  const ran = await exported([]);
  expect(ran.exitCode).toBe(0);
  const types = typesIn(ran.stdout);
  expect(types).toHaveLength(46);
  expect(new Set(types)).toEqual(
    new Set(['OrganizationCreated', 'KeyCreated', 'KeyRenamed', 'KeyRevoked', 'OrganizationSuspended']),
  );
  expect(ran.stderr).toContain(`46 events exported, up to position ${head}`);
  expect(ran.stdout).not.toMatch(/ada@example|"Ada"|abababab/);
});

it('use and profiles only when they are asked for', async () => {
  expect(typesIn((await exported(['--usage'])).stdout)).toContain('KeyUsed');
  expect(typesIn((await exported(['--type', 'KeyUsed'])).stdout)).toEqual(['KeyUsed']);
  const people = await exported(['--personal-data', '--type', 'UserProfileChanged']);
  expect(people.stdout).toContain('ada@example.com');
  expect(await exported(['--type', 'UserProfileChanged'])).toMatchObject({ exitCode: 2, stdout: '' });
  expect(await exported(['--personal-data', '--organization', ACME])).toMatchObject({ exitCode: 2 });
});

it('of one organization: also the events that do not name it', async () => {
  const { stdout } = await exported(['--organization', ACME]);
  expect(typesIn(stdout)).toEqual(['OrganizationCreated', 'KeyCreated', 'KeyRevoked']);
  expect(stdout).not.toContain(OTHER);
});

it('of a period: from its beginning, and before its end', async () => {
  const types = async (...args: string[]) => typesIn((await exported(args)).stdout);
  expect(await types('--from', at('05'))).toEqual(['KeyRevoked', 'OrganizationSuspended']);
  expect(await types('--from', at('05'), '--to', at('06'))).toEqual(['KeyRevoked']);
  expect(await types('--from', '2026-05-06T14:00:00+02:00')).toEqual(['OrganizationSuspended']);
  expect(await types('--to', '2026-05-02')).toEqual(['OrganizationCreated', 'OrganizationCreated']);
  expect((await exported(['--to', '2020-01-01'])).stdout).toBe('');
});

it.each(FORMATS)('%s: the same bytes when run twice, also of a log that grew meanwhile', async (format) => {
  const first = readFileSync(await exportFile(format));
  // What the log held is what --until-position says, whatever came since.
  const growing = await startNats();
  const grown = await openEventStore(growing.url);
  try {
    expect(readFileSync(await exportFile(format))).toEqual(first);
    const { stdout } = await exported(['--format', format]);
    expect(stdout).toBe(first.toString());
    await tell(new LogWriter(grown));
    const bound = String(await grown.head());
    const before = await exported(['--format', format, '--until-position', bound], growing.url);
    await new LogWriter(grown).put('agent', 'agent_1', {
      type: 'AgentCreated',
      data: { agentId: 'agent_1', organizationId: ACME, name: 'later' },
      at: at('07'),
    });
    const after = await exported(['--format', format, '--until-position', bound], growing.url);
    expect(after.stdout).toBe(before.stdout);
    const whole = await exported(['--format', format], growing.url);
    expect(whole.stdout.startsWith(before.stdout)).toBe(true);
    expect(lines(whole.stdout)).toHaveLength(lines(before.stdout).length + 1);
  } finally {
    await grown.close();
    await growing.stop();
  }
});

it('of a log to which others append while it is read: the beginning of what a later one says', async () => {
  const server = await startNats();
  const growing = await openEventStore(server.url);
  const writer = new LogWriter(growing);
  const renamed = (name: string): Happening => ({
    type: 'KeyRenamed',
    data: { name },
    at: at('08'),
    actor: ADA,
  });
  let isOver = false;
  let appended = 0;
  const append = async () => {
    for (; !isOver; appended += 1) {
      await writer.put('key', 'key_2', renamed(`later ${appended}`));
      await writer.put('usage', 'key_1', used('key_1', ACME));
      const data = { name: `Acme ${appended}` };
      await writer.put('organization', ACME, { type: 'OrganizationRenamed', data, at: at('08'), actor: ADA });
    }
  };
  try {
    await tell(writer);
    // Enough that others come to append while these are read.
    await writer.put('key', 'key_2', ...Array.from({ length: 2_000 }, (_, n) => renamed(`ci ${n}`)));
    const appending = append();
    const early: { format: string; path: string; bytes: Buffer }[] = [];
    try {
      for (const format of FORMATS) {
        const path = newPath();
        const before = appended;
        const ran = await exported(['--format', format, '--out', path, '--json'], server.url);
        expect([ran.exitCode, ran.stderr]).toEqual([0, '']);
        expect(appended).toBeGreaterThan(before);
        const { untilPosition } = ran.json<{ untilPosition: string }>();
        expect(BigInt(untilPosition)).toBeLessThan(await growing.head());
        early.push({ format, path, bytes: readFileSync(path) });
      }
    } finally {
      isOver = true;
      await appending;
    }
    for (const { format, path, bytes } of early) {
      const { stdout } = await exported(['--format', format], server.url);
      const later = Buffer.from(stdout);
      expect([format, later.length > bytes.length]).toEqual([format, true]);
      expect([format, later.subarray(0, bytes.length).equals(bytes)]).toEqual([format, true]);
      const resumed = await exported(['--format', format, '--out', path, '--resume'], server.url);
      expect([format, resumed.exitCode, readFileSync(path).equals(later)]).toEqual([format, 0, true]);
    }
  } finally {
    await growing.close();
    await server.stop();
  }
});

it('says what it wrote, with the digest of the file', async () => {
  const path = newPath();
  const ran = await exported(['--out', path, '--json']);
  const bytes = readFileSync(path);
  expect(ran.json()).toEqual({
    file: path,
    logId: await store.logId(),
    untilPosition: String(head),
    events: 46,
    keptLines: 0,
    bytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  });
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

describe.each(FORMATS)('%s, resumed', (format) => {
  const resume = (path: string, ...more: string[]) =>
    exported(['--format', format, '--out', path, '--resume', '--json', ...more]);
  let whole: Buffer;
  beforeAll(async () => (whole = readFileSync(await exportFile(format))));

  it.each([[[]], [['--quick']]])('goes on where it stopped, wherever that was: %j', async (how) => {
    const path = newPath();
    // In the first line, after it, in the middle, before the last byte.
    const cuts = [1, whole.indexOf('\n') + 1, Math.floor(whole.length / 2), whole.length - 1];
    for (const cut of cuts) {
      writeFileSync(path, whole.subarray(0, cut));
      expect(await resume(path, ...how)).toMatchObject({ exitCode: 0 });
      expect(readFileSync(path)).toEqual(whole);
    }
  });

  it('a half line at the end is cut, whatever is in it', async () => {
    const path = newPath();
    const cut = whole.lastIndexOf('\n', whole.length - 2) + 1;
    writeFileSync(path, Buffer.concat([whole.subarray(0, cut), Buffer.alloc(5_000)]));
    expect(await resume(path)).toMatchObject({ exitCode: 0 });
    expect(readFileSync(path)).toEqual(whole);
  });

  it('an edited file is told, and stays as it is', async () => {
    const path = newPath();
    const edited = Buffer.from(whole.toString().replace('ci 7', 'ci X'));
    const at = lines(edited.toString()).findIndex((line) => line.includes('ci X')) + 1;
    writeFileSync(path, edited);
    const ran = await resume(path);
    expect([ran.exitCode, errorOf(ran)]).toMatchObject([1, { code: 'export-differs' }]);
    expect(errorOf(ran).message).toBe(`Line ${at} of ${path} is not what this export writes there.`);
    expect(readFileSync(path)).toEqual(edited);
    // Control: who looks at the last line alone does not see it.
    expect(await resume(path, '--quick')).toMatchObject({ exitCode: 0 });
  });

  it.each([[[]], [['--quick']]])('an edited last line is told: %j', async (how) => {
    const path = newPath();
    writeFileSync(
      path,
      whole.toString().replace(/OrganizationSuspended(?=[^\n]*\n$)/, 'OrganizationResumed'),
    );
    expect(errorOf(await resume(path, ...how)).message).toContain('is not what this export writes there');
  });

  it.each([
    ['other filters', ['--organization', ACME]],
    ['use as well', ['--usage']],
    ['an earlier beginning', ['--from', '2026-05-03']],
  ])('a file of another export is told: %s', async (_, more) => {
    const path = await exportFile(format, ...more);
    expect(await resume(path)).toMatchObject({ exitCode: 1 });
  });

  it('a file that goes on after the end of this export is told', async () => {
    const path = newPath();
    writeFileSync(path, whole);
    const ran = await resume(path, '--to', '2026-05-05');
    expect(errorOf(ran).message).toContain('goes on after line');
    expect(readFileSync(path)).toEqual(whole);
  });

  it('an export of another log is told', async () => {
    const path = newPath();
    const another = await startNats();
    const elsewhere = await openEventStore(another.url);
    await tell(new LogWriter(elsewhere));
    await elsewhere.close();
    expect(await exported(['--format', format, '--out', path], another.url)).toMatchObject({ exitCode: 0 });
    await another.stop();
    const { message } = errorOf(await resume(path));
    // A table names no log: its events are others.
    expect(message).toContain(
      format === 'csv' ? 'Line 2 of' : 'is an export of another log: urn:mcpstack:log:',
    );
  });

  it('what is no export at all is told', async () => {
    const path = newPath();
    writeFileSync(path, 'hello\nworld\n');
    expect(await resume(path)).toMatchObject({ exitCode: 1 });
    expect(readFileSync(path, 'utf8')).toBe('hello\nworld\n');
  });
});

it.each([
  ['no such time', ['--from', '3 May'], '--from is no time'],
  ['no offset', ['--to', '2026-05-03T12:00:00'], '--to is no time'],
  ['the future', ['--to', '2026-06-01T00:00:01Z'], '--to lies in the future'],
  ['a beginning in the future', ['--from', '2027-01-01'], 'does not lie before'],
  [
    'a period that ends before it begins',
    ['--from', '2026-05-03', '--to', '2026-05-02'],
    'does not lie before',
  ],
  ['a type in other letters', ['--type', 'keyrevoked'], 'No event is named "keyrevoked"'],
  ['no type', ['--type', 'KeyStolen'], 'No event is named'],
  ['an organization that is none', ['--organization', 'acme'], 'is no id of an organization'],
  ['an unknown organization', ['--organization', 'org_unknown'], 'This log knows no organization'],
  ['no position', ['--until-position', '0x1'], '--until-position is no position'],
  ['a position that the log has not come to', ['--until-position', '999999999'], 'has not come to position'],
  ['no format', ['--format', 'xml'], 'is invalid. Allowed choices are cloudevents, ocsf, csv'],
  ['resume without a file', ['--resume'], '--resume goes on with a file'],
  ['quick without resume', ['--quick', '--out', 'x'], '--quick says how --resume'],
])('refuses %s', async (_, args, text) => {
  const ran = await exported(args);
  expect(ran).toMatchObject({ exitCode: 2, stdout: '' });
  expect(ran.stderr).toContain(text);
});

it('a file that is there is not written over', async () => {
  const path = newPath();
  writeFileSync(path, 'mine');
  const ran = await exported(['--out', path]);
  expect([ran.exitCode, readFileSync(path, 'utf8')]).toEqual([2, 'mine']);
  expect(ran.stderr).toContain('--resume');
});

it.each([
  ['a folder that is not there', () => pathOf('none/x'), 2, 'its folder is not there'],
  ['a folder', () => folder, 2, 'is there already'],
  ['a file in a file', () => join(newFile(), 'x'), 2, 'its folder is a file'],
])('says so when it cannot write: %s', async (_, path, exitCode, text) => {
  const ran = await exported(['--out', path()]);
  expect([ran.exitCode, ran.stderr]).toEqual([exitCode, expect.stringContaining(text)]);
});

function newFile(): string {
  const path = newPath();
  writeFileSync(path, '');
  return path;
}

it('says so when the disk is full', async () => {
  const ran = await exported(['--out', '/dev/full']);
  expect(ran.exitCode).toBe(3);
  expect(ran.stderr).toContain('there is no room left');
});

describe('a log that is not as it should be', () => {
  let server: LocalServer;
  let broken: EventStore;
  beforeEach(async () => {
    server = await startNats();
    broken = await openEventStore(server.url);
    await tell(new LogWriter(broken));
  });
  afterEach(async () => {
    await broken.close();
    await server.stop();
  });

  it('an event of a version that is not known ends it, and nothing is skipped', async () => {
    const renamed = stored('key', { type: 'KeyRenamed', data: { name: 'x' }, at: at('08') });
    renamed.metadata['schemaVersion'] = 9;
    await broken.append('key-key_1', 1n, [renamed]);
    const path = newPath();
    const ran = await exported(['--out', path, '--json'], server.url);
    expect([ran.exitCode, ran.stdout, errorOf(ran).code]).toEqual([3, '', 'unknown-event']);
    expect(errorOf(ran).message).toMatch(/KeyRenamed has no version 9 .*\(key-key_1@2, at position \d+\)/);
    // Also where it would not have been exported.
    expect(await exported(['--type', 'KeyRevoked'], server.url)).toMatchObject({ exitCode: 3 });
  });

  it('an event that does not fit its schema ends it, and is told apart', async () => {
    const renamed = stored('key', { type: 'KeyRenamed', data: { name: 'x' }, at: at('08') });
    await broken.append('key-key_1', 1n, [{ ...renamed, data: { name: 7 } }]);
    const ran = await exported(['--json'], server.url);
    expect([ran.exitCode, errorOf(ran).code]).toEqual([1, 'invalid-event']);
  });

  it('a stream that does not say whose it is ends it', async () => {
    const revoked = stored('key', { type: 'KeyRevoked', data: { reason: 'requested' }, at: at('08') });
    await broken.append('key-key_9', 'no_stream', [{ ...revoked, id: randomUUID() }]);
    const ran = await exported(['--json'], server.url);
    expect([ran.exitCode, errorOf(ran).code]).toEqual([1, 'stream-without-beginning']);
  });
});

it('needs credentials that may read', async () => {
  const guarded = await startNats({
    config: `authorization { users = [
      { user: operator, password: o },
      { user: nobody, password: n, permissions: { publish: ["$JS.API.STREAM.INFO.mcpstack_log"] } } ] }`,
  });
  const at = (login: string) => guarded.url.replace('://', `://${login}@`);
  const opened = await openEventStore(at('operator:o'));
  await tell(new LogWriter(opened));
  await opened.close();
  for (const command of ['export', 'report']) {
    const ran = await runAudit([command, '--json', '--log', at('nobody:n')]);
    expect([ran.exitCode, ran.stdout, errorOf(ran).code]).toEqual([3, '', 'access-denied']);
  }
  expect(await runAudit(['export', '--log', at('nobody:wrong')])).toMatchObject({ exitCode: 3, stdout: '' });
  expect(await exported([], at('operator:o'))).toMatchObject({ exitCode: 0 });
  await guarded.stop();
});
