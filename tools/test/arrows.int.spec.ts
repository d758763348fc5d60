import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..');
const FIXTURES = join(import.meta.dirname, 'fixtures', 'arrows');
const RULE = 'no-restricted-imports';

interface Case {
  path: string;
  code: string;
  rules?: Record<string, string>;
}
interface Message {
  ruleId: string | null;
  message: string;
  line: number;
}

function lintAs(cases: Case[]): Message[][] {
  const { stdout, stderr, status } = spawnSync(process.execPath, [join(import.meta.dirname, 'lint-as.mjs')], {
    cwd: ROOT,
    input: JSON.stringify(cases),
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Message[][];
}

const fixture = (name: string): Case => ({
  // Kept as .txt so that neither lint nor the compiler takes them for sources.
  path: join(ROOT, 'libs', 'domain', 'src', name.replace('.txt', '')),
  code: readFileSync(join(FIXTURES, name), 'utf8'),
});

describe('the arrows between rooms', () => {
  const names = readdirSync(FIXTURES);
  const forbidden = names.filter((name) => name !== 'domain-imports-contracts.ts.txt');

  it('are enforced by lint: each fixture is refused where it stands in the domain', () => {
    expect(forbidden).toHaveLength(5);
    const answers = lintAs(forbidden.map(fixture));
    expect(answers.map((messages) => messages.map(({ ruleId }) => ruleId))).toEqual(
      forbidden.map(() => [RULE]),
    );
  });

  it('let through what is allowed', () => {
    expect(lintAs([fixture('domain-imports-contracts.ts.txt')])).toEqual([[]]);
  });

  it('control: with the rule off, the same fixtures pass', () => {
    const off = forbidden.map((name) => ({ ...fixture(name), rules: { [RULE]: 'off' } }));
    expect(lintAs(off)).toEqual(forbidden.map(() => []));
  });

  it('refuse every import of one room by another that the table does not list, and no other', async () => {
    const path = '../../eslint.rooms.mjs';
    const { arrows } = (await import(path)) as { arrows: Record<string, string[]> };
    const rooms = Object.keys(arrows);
    const nameOf = (room: string) => room.split('/').at(-1)!;
    const answers = lintAs(
      rooms.map((room) => ({
        path: join(ROOT, room, 'src', 'does-not-exist.ts'),
        // One import a line, so that the line tells which one was refused.
        code: rooms.map((other) => `import '@mcpstack/${nameOf(other)}';\n`).join(''),
      })),
    );
    for (const [index, room] of rooms.entries()) {
      const refused = answers[index]!.map(({ line }) => nameOf(rooms[line - 1]!));
      const lacking = rooms
        .map(nameOf)
        .filter((other) => other !== nameOf(room) && !arrows[room]!.includes(other));
      expect({ room, refused: refused.sort() }).toEqual({ room, refused: lacking.sort() });
    }
  });
});
