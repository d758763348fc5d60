/** `replay`, on a real log and a real Redis: what it finds, which differences it names, and what is none. */
import { createClient } from '@redis/client';
import { startNats } from '@mcpstack/local-servers';
import { AuditedWorld } from './audited-world.ts';
import { randomOf } from './decided-log.ts';
import { RandomLog } from './random-log.ts';
import { runAudit } from './run-audit.ts';

interface Told {
  events: number;
  types: Record<string, number>;
  serviceKeys: Record<string, number>;
  faults: { code: string; stream: string }[];
  comparison?: {
    differences: number;
    cells: number;
    position: string;
    listed: { name: string; field: string; path: string; kind: string; log: unknown; redis: unknown }[];
  };
}

let world: AuditedWorld;
let log: RandomLog;
let client: ReturnType<typeof createClient>;
let prefix: string;
beforeAll(async () => {
  world = await AuditedWorld.start();
  log = new RandomLog(randomOf(7)).grow(500);
  await world.append(log.events);
  await world.project();
  client = createClient({ url: world.redis.url });
  await client.connect();
  prefix = `mcpstack:{p0}:${world.generation}:`;
}, 240_000);
afterAll(async () => {
  client.destroy();
  await world.stop();
});

/** More of the same log. */
async function grow(count: number): Promise<void> {
  const from = log.events.length;
  await world.append(log.grow(count).events.slice(from));
}

const replay = (...args: string[]) => runAudit(['replay', ...args], { env: world.env });
const compare = async () => {
  const ran = await replay('--compare', '--json');
  return { exitCode: ran.exitCode, stderr: ran.stderr, ...ran.json<Told>() };
};

describe('replay', () => {
  it('says what the log comes to', async () => {
    const told = (await replay('--json')).json<Told>();
    const types: Record<string, number> = {};
    for (const { type } of log.events) types[type] = (types[type] ?? 0) + 1;
    expect(told).toMatchObject({ events: log.events.length, types, faults: [] });
    const service = log.events.filter(({ type }) => type === 'KeyCreated').length;
    expect(Object.values(told.serviceKeys).reduce((sum, count) => sum + count, 0)).toBe(service);
    const { exitCode, stdout } = await replay();
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`Events:           ${log.events.length}`);
    expect(Math.max(...stdout.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(80);
  });

  it('finds that Redis holds what the log says, every field of it', async () => {
    const { exitCode, comparison } = await compare();
    expect({ exitCode, differences: comparison!.listed }).toEqual({ exitCode: 0, differences: [] });
    expect(comparison!.cells).toBeGreaterThan(log.events.length);
  });
});

describe('replay --compare names each difference', () => {
  const keyWith = async (has: (data: string) => boolean): Promise<string> => {
    for await (const names of client.scanIterator({ MATCH: `${prefix}key:*`, COUNT: 1_000 }))
      for (const name of names) if (has((await client.hGet(name, 'data'))!)) return name;
    throw new Error('no such key');
  };
  /** Changes Redis behind the projection's back, compares, and puts everything back. */
  const after = async (change: () => Promise<string>) => {
    const name = await change();
    const told = await compare();
    return { ...told, name: name.slice(prefix.length) };
  };
  const keeping = async (name: string, act: () => Promise<unknown>): Promise<string> => {
    await client.del('mcpstack:{p0}:kept');
    await client.copy(name, 'mcpstack:{p0}:kept');
    await act();
    return name;
  };
  const restore = async (name: string): Promise<void> => {
    await client.del(prefix + name);
    if (await client.exists('mcpstack:{p0}:kept')) await client.rename('mcpstack:{p0}:kept', prefix + name);
  };

  it('a field of a record: a key that was given more than the log says', async () => {
    const told = await after(async () => {
      const name = await keyWith((data) => data.includes('"role":"viewer"'));
      const data = (await client.hGet(name, 'data'))!;
      return keeping(name, () => client.hSet(name, 'data', data.replace('"viewer"', '"owner"')));
    });
    expect(told.exitCode).toBe(1);
    expect(told.comparison!.listed).toEqual([
      { name: told.name, field: 'data', path: 'role', kind: 'different', log: 'viewer', redis: 'owner' },
    ]);
    const { stdout } = await replay('--compare');
    expect(stdout).toContain(`different: ${told.name} · data · role`);
    expect(stdout).toMatch(/log: {3}"viewer"\n {4}Redis: "owner"/);
    await restore(told.name);
  });

  it.each<[string, string, (name: string) => Promise<unknown>, object]>([
    ['a record that is missing', 'key:', (name) => client.del(name), { kind: 'missing', field: 'rev' }],
    ['a revision', 'key:', (name) => client.hSet(name, 'rev', '99'), { field: 'rev', redis: '99' }],
    [
      'a mark too much',
      'key:',
      (name) => client.hSet(name, 'parked', '0 x'),
      { kind: 'extra', field: 'parked' },
    ],
    [
      'a digest that leads to another key',
      'digest:',
      (name) => client.set(name, '1:key_evil'),
      { redis: '1:key_evil' },
    ],
    ['a digest too much', 'digest:none', (name) => client.set(name, '1:key_evil'), { kind: 'extra' }],
    ['a record of nobody', 'key:key_evil', (name) => client.hSet(name, 'data', '{}'), { kind: 'extra' }],
    [
      'a place in a list',
      'organization-keys:',
      (name) => client.zAdd(name, { score: 1, value: 'key_evil' }),
      { kind: 'extra', field: 'key_evil' },
    ],
    [
      'a member',
      'members:',
      (name) => client.hSet(name, 'user_evil', '{"role":"owner"}'),
      { kind: 'extra', field: 'user_evil' },
    ],
    [
      'an event that others are told',
      'organization-events:',
      (name) => client.zRemRangeByRank(name, 0, 0),
      { kind: 'missing' },
    ],
    [
      'one that never was',
      'organization-events:',
      (name) => client.zAdd(name, { score: 3, value: '[]' }),
      { kind: 'extra', field: '3' },
    ],
    [
      'a value of another type',
      'digest:',
      async (name) => (await client.del(name)) && client.sAdd(name, 'x'),
      { redis: 'a value of another type' },
    ],
    [
      'a name of a kind that there is not',
      'secret-door',
      (name) => client.set(name, 'open'),
      { name: 'secret-door', kind: 'extra' },
    ],
  ])('%s', async (_, start, change, expected) => {
    const told = await after(async () => {
      const [found] = (await client.keys(`${prefix}${start}*`)).sort();
      const name = found ?? prefix + start;
      return keeping(name, () => change(name));
    });
    expect(told.exitCode).toBe(1);
    expect(told.comparison!.listed).toContainEqual(expect.objectContaining({ name: told.name, ...expected }));
    await restore(told.name);
    expect((await compare()).comparison!.listed).toEqual([]);
  });

  it('very many, of which it lists some, in a list that is read in pieces', async () => {
    const name = `${prefix}domains`;
    const told = await after(() =>
      keeping(name, () =>
        client.zAdd(
          name,
          Array.from({ length: 2_000 }, (_, n) => ({ score: n, value: `agent_x/dom_${n}` })),
        ),
      ),
    );
    expect(told).toMatchObject({ exitCode: 1, comparison: { differences: 2_000 } });
    expect(told.comparison!.listed).toHaveLength(100);
    await restore('domains');
  });
});

describe('replay --compare, while both grow', () => {
  it('takes what comes meanwhile for no difference', async () => {
    await grow(300);
    let isDone = false;
    const growing = (async () => {
      while (world.left > 0) await world.project(7);
      isDone = true;
    })();
    const positions = new Set<string>();
    do {
      const { exitCode, comparison, stderr } = await compare();
      expect({ exitCode, listed: comparison?.listed, stderr }).toEqual({
        exitCode: 0,
        listed: [],
        stderr: '',
      });
      positions.add(comparison!.position);
    } while (!isDone);
    await growing;
    // Control: it did move.
    expect(positions.size).toBeGreaterThan(1);
  }, 240_000);

  it('compares at where Redis has come, however far behind that is', async () => {
    await grow(60);
    expect(await compare()).toMatchObject({ exitCode: 0, comparison: { differences: 0 } });
    await world.project();
    expect(await compare()).toMatchObject({ exitCode: 0, comparison: { differences: 0 } });
  });
});

describe('replay cannot tell', () => {
  it.each([
    [['--compare', '--redis', 'redis://127.0.0.1:1'], 3, 'Redis cannot be compared'],
    [['--redis', 'redis://127.0.0.1:1'], 2, '--redis is for --compare alone'],
  ])('%j: exit %i, %s', async (args, exitCode, text) => {
    const ran = await replay(...args);
    expect(ran.stderr).toContain(text);
    expect(ran.exitCode).toBe(exitCode);
  });

  it('without the name of a Redis, nor where it was built from another log or by another version', async () => {
    const { REDIS_URL: _, ...env } = world.env;
    expect(await runAudit(['replay', '--compare'], { env })).toMatchObject({ exitCode: 2 });
    const meta = `${prefix}meta`;
    const kept = await client.hGetAll(meta);
    for (const [changed, exitCode, text] of [
      [{ logId: 'another' }, 1, 'another log'],
      [{ schema: '99' }, 3, 'schema 99'],
      [{ position: '9007199254740991' }, 1, 'the log ends at'],
    ] as const) {
      await client.hSet(meta, { ...kept, ...changed });
      const ran = await replay('--compare');
      expect(ran.stderr).toContain(text);
      expect(ran.exitCode).toBe(exitCode);
    }
    await client.hSet(meta, kept);
  });

  it('an event that it does not know: which, where, exit 3, and its stream is not told from there on', async () => {
    const [first] = log.events;
    const stream = 'organization-org_strange';
    const named = { name: '\u001b[31mred', organizationId: 'org_strange', ownerId: 'user_1' };
    const unknown = { ...first!, stream, type: 'OrganizationTeleported', data: {} };
    await world.append([
      { ...first!, stream, data: named },
      unknown,
      { ...unknown, type: 'OrganizationSuspended' },
    ]);
    await world.project();
    const ran = await replay('--compare', '--json');
    expect(ran.exitCode).toBe(3);
    expect(ran.stderr).toContain('OrganizationTeleported at position');
    expect(ran.stderr).toContain(stream);
    const told = ran.json<Told>();
    expect(told.faults).toMatchObject([{ code: 'unknown-event', stream, revision: 1 }]);
    // The projection parks it in the same way, so that is no difference.
    expect(told.comparison!.listed).toEqual([]);
    const { stdout } = await replay();
    expect(stdout).toContain('not known to this version');
  });

  it('where there is no log', async () => {
    const other = await startNats();
    expect(await runAudit(['replay', '--log', other.url])).toMatchObject({ exitCode: 3, stdout: '' });
    await other.stop();
  });
});
