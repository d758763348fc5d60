/** What happened, on a command line: the table, what is asked for, the history of a key in words, and what comes. */
import { makeToken } from '@mcpstack/contracts';
import { waitFor } from '@mcpstack/testing';
import { Desk } from '../../test/command.ts';
import { FakeApi, problem, type Asked } from '../../test/fake-api.ts';
import { ORG, runCli } from '../../test/run-cli.ts';

const KEY = 'key_0aB3dE5gH7jK9mN1pQ3sT5';
const USER = 'user_1b3D5f7H9j1L3n5P7r9T1v';

const KEY_ENV = { MCPSTACK_API_KEY: makeToken('service'), MCPSTACK_ORG_ID: ORG, MCPSTACK_TIMEOUT_MS: '1000' };

let api: FakeApi;
beforeAll(async () => {
  api = await FakeApi.start();
});
afterAll(() => api.stop());
beforeEach(() => api.reset());

const run = (line: string) => runCli(line.split(' '), { api });

/** The event at a place in the log. */
function eventAt(place: number, more: object = {}) {
  return {
    id: `event-${place}`,
    type: 'KeyRenamed',
    at: new Date(Date.UTC(2026, 4, 3, 12) + place).toISOString(),
    actor: { type: 'user', id: USER },
    organizationId: ORG,
    subject: { kind: 'key', id: KEY },
    requestId: 'request-1',
    position: `${place}`,
    data: { name: `name ${place}` },
    ...more,
  };
}

/** Answers as the gateway does, from these events, at most two at a time. */
function serve(events: ReturnType<typeof eventAt>[]): void {
  api.on('listEvents', ({ query }: Asked) => {
    const { order = 'newest', after = '0', cursor, limit } = query;
    const from = Number(order === 'oldest' ? (cursor ?? after) : (cursor ?? Infinity));
    const inOrder = order === 'oldest' ? events : events.toReversed();
    const rest = inOrder.filter(({ position }) => (order === 'oldest' ? +position > from : +position < from));
    const data = rest.slice(0, Math.min(2, Number(limit)));
    const last = data.at(-1)?.position;
    const nextCursor = data.length < rest.length && { nextCursor: last };
    const position = order === 'oldest' ? (last ?? after) : (events.at(-1)?.position ?? '0');
    return { body: { data, ...nextCursor, ...(cursor === undefined && { position }) } };
  });
}

describe('events list', () => {
  it('a table that fits 80 columns: when, who, what', async () => {
    serve([
      eventAt(1),
      eventAt(2, { type: 'KeyRevoked', data: { reason: 'reported-leak', source: 'github' } }),
    ]);
    const { code, stdout } = await run('events list');
    expect(code).toBe(0);
    const [head, newest, oldest] = stdout.split('\n');
    expect(head).toMatch(/^WHEN +WHO +WHAT +SUBJECT$/);
    expect(newest).toContain(`${USER}  key revoked: reported as a leak by "github"`);
    expect(oldest).toContain('key renamed: "name 1"');
    const desk = new Desk();
    const env = { ...KEY_ENV, MCPSTACK_API_URL: api.url };
    const shown = await desk.terminal(['events', 'list', '--no-color'], { env, columns: 80 }).ended;
    desk.remove();
    const lines = shown.stdout.split(/\r?\n/).filter((line) => line.includes('user_'));
    expect(lines).toHaveLength(2);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
    expect(shown.stdout).toContain('Not shown for lack of room: subject.');
  });

  it('asks for what was said: types once each, an actor by e-mail, times in UTC', async () => {
    api.on('listMembers', () => ({
      body: { data: [{ userId: USER, email: 'ada@example.com', name: 'Ada' }] },
    }));
    serve([]);
    const { stderr } = await run(
      'events list --type KeyRevoked,KeyRevoked --actor ada@example.com --since 2026-05-03T12:00:00+02:00 --until 2026-05-04',
    );
    expect(stderr).toContain('Nothing has happened that fits.');
    expect(api.last('listEvents')!.query).toEqual({
      type: 'KeyRevoked',
      actor: USER,
      from: '2026-05-03T10:00:00.000Z',
      to: '2026-05-04T00:00:00.000Z',
      limit: '100',
    });
    await run('events list --actor scheduler');
    expect(api.last('listEvents')!.query['actor']).toBe('scheduler');
  });

  it.each([
    ['--type KeyRevokd', 'Did you mean KeyRevoked?'],
    ['--since soon', 'Give a time'],
    ['--last 0', 'whole number'],
    ['--follow --until 1d', 'not both'],
  ])('%s: 2, nothing is asked', async (options, said) => {
    const { code, stderr } = await run(`events list ${options}`);
    expect([code, api.asked.length]).toEqual([2, 0]);
    expect(stderr).toContain(said);
  });

  it('--last shows so many of the newest, and says that there are more', async () => {
    serve(Array.from({ length: 9 }, (_, n) => eventAt(n + 1)));
    const { stdout, stderr } = await run('events list --last 3 --quiet');
    expect(stdout).toBe('event-9\nevent-8\nevent-7\n');
    expect(stderr).toBe('');
    expect((await run('events list --last 3')).stderr).toContain('the newest 3');
    expect((await run('events list --last 9')).stderr).toBe('');
    const { data } = JSON.parse((await run('events list --json')).stdout) as { data: unknown[] };
    expect(data).toHaveLength(9);
  });

  it('without the permission: 4, and names it', async () => {
    api.on('listEvents', () =>
      problem(403, 'forbidden', 'This needs the permission audit:read.', { permission: 'audit:read' }),
    );
    const { code, stderr } = await run('events list');
    expect([code, stderr]).toEqual([4, expect.stringContaining('audit:read')]);
  });
});

describe('events list --follow', () => {
  let desk: Desk;
  beforeAll(() => (desk = new Desk()));
  afterAll(() => desk.remove());
  const follow = (...options: string[]) => {
    const env = { ...KEY_ENV, MCPSTACK_API_URL: api.url };
    const child = desk.start(['events', 'list', '--follow', ...options], { env });
    const text = { out: '', err: '' };
    child.stdout.on('data', (chunk: Buffer) => (text.out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (text.err += chunk.toString()));
    const ended = new Promise((resolve) => child.once('close', resolve));
    return { child, text, ended };
  };

  it('shows the last ones, then each that comes once and in order; Ctrl-C ends it with 130', async () => {
    const events = [1, 2, 3, 4].map((place) => eventAt(place));
    serve(events);
    const { child, text, ended } = follow('--json', '--last', '3');
    await waitFor(() => text.out.includes('event-4'));
    events.push(eventAt(5), eventAt(6), eventAt(7));
    await waitFor(() => text.out.includes('event-7'));
    child.kill('SIGINT');
    expect(await ended).toBe(130);
    const seen = text.out
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { id: string }).id);
    expect(seen).toEqual(['event-2', 'event-3', 'event-4', 'event-5', 'event-6', 'event-7']);
  });

  it('goes on when the API was away; ends with what will not pass', async () => {
    const events = [eventAt(1)];
    serve(events);
    const { text, ended } = follow('--quiet');
    await waitFor(() => text.out.includes('event-1'));
    api.on('listEvents', () => problem(503, 'unavailable', 'Not now.'));
    await waitFor(() => text.err.includes('trying again'), { timeoutMs: 60_000 });
    events.push(eventAt(2));
    serve(events);
    await waitFor(() => text.out.includes('event-2'));
    api.on('listEvents', () => problem(403, 'forbidden', 'No more.', { permission: 'audit:read' }));
    expect(await ended).toBe(4);
    expect(text.out).toBe('event-1\nevent-2\n');
  });

  it('with --since all since then; one line each; 130 on Ctrl-C', async () => {
    serve([1, 2, 3].map((place) => eventAt(place)));
    const { child, text, ended } = follow('--since', '2026-05-01');
    await waitFor(() => text.out.includes('name 3'));
    child.kill('SIGINT');
    expect(await ended).toBe(130);
    expect(text.out.split('\n')[0]).toBe(`2026-05-03 12:00:00  ${USER}  key renamed: "name 1"  (${KEY})`);
    expect(text.out.trim().split('\n')).toHaveLength(3);
    expect(api.asked.every(({ query }) => query['from'] === '2026-05-01T00:00:00.000Z')).toBe(true);
  });
});

describe('api-keys history', () => {
  beforeEach(() =>
    api.on('listApiKeyEvents', () => ({
      body: {
        data: [
          eventAt(1, { type: 'KeyCreated', data: { name: 'ci\u001b[2J', role: 'developer', tags: ['ci'] } }),
          eventAt(2, {
            type: 'KeyRotated',
            data: { version: 2, previous: { validUntil: '2026-05-04T12:00:00Z' } },
          }),
          eventAt(3, { type: 'KeyTeleported', actor: { type: 'system', id: 'scheduler' }, data: {} }),
        ],
      },
    })),
  );

  it('tells it in words, oldest first, cut nowhere; and a newer event by its name', async () => {
    const { code, stdout } = await run(`api-keys history ${KEY}`);
    expect(code).toBe(0);
    const lines = stdout.trim().split('\n');
    expect(lines[0]).toMatch(new RegExp(`^2026-05-03 12:00:00 UTC, .*, by ${USER}$`));
    expect(lines[1]).toBe('  key created: "ci\\u001b[2J", role developer');
    expect(lines[3]).toBe('  key rotated: secret 2; the one before is good until 2026-05-04T12:00:00Z');
    expect(lines[4]).toContain('by scheduler');
    expect(lines[5]).toBe('  KeyTeleported');
    expect(api.last('listApiKeyEvents')!.query['order']).toBe('oldest');
  });

  it('as JSON and as ids', async () => {
    const { data } = JSON.parse((await run(`api-keys history ${KEY} --json`)).stdout) as { data: unknown[] };
    expect(data).toHaveLength(3);
    expect((await run(`api-keys history ${KEY} --quiet`)).stdout).toBe('event-1\nevent-2\nevent-3\n');
  });

  it('an unknown key: 5', async () => {
    api.on('listApiKeyEvents', () => problem(404, 'not-found', 'There is no such key in this organization.'));
    expect((await run(`api-keys history ${KEY}`)).code).toBe(5);
  });
});
