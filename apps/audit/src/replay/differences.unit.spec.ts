/** What counts as a difference between the log and Redis, and how it is told. */
import { differenceLines, differencesIn } from './differences.ts';

const at = { name: 'key:key_1', field: 'data' };

describe('differences between what the log says and what Redis holds', () => {
  it('are none where both say the same, whatever the order of fields', () => {
    const log = { id: 'key_1', tags: ['a', 'b'], scope: undefined, secrets: [{ version: 1 }] };
    expect(differencesIn(at, log, { secrets: [{ version: 1 }], tags: ['a', 'b'], id: 'key_1' })).toEqual([]);
    expect(differencesIn(at, undefined, undefined)).toEqual([]);
    expect(differencesIn(at, 7, 7)).toEqual([]);
  });

  it.each([
    ['a field', { role: 'viewer' }, { role: 'owner' }, ['role']],
    ['a field that is there too much', { role: 'viewer' }, { role: 'viewer', admin: true }, ['admin']],
    ['a field that is missing', { role: 'viewer', expiresAt: 'then' }, { role: 'viewer' }, ['expiresAt']],
    ['the order of a list', { tags: ['a', 'b'] }, { tags: ['b', 'a'] }, ['tags.0', 'tags.1']],
    ['a list that is longer', { tags: ['a'] }, { tags: ['a', 'b'] }, ['tags.1']],
    ['a number that became text', { version: 1 }, { version: '1' }, ['version']],
    ['nothing instead of none', { version: 1, hint: undefined }, { version: 1, hint: null }, ['hint']],
    ['a field that all objects inherit', { a: 1 }, { a: 1, constructor: 'x' }, ['constructor']],
  ])('%s is told with its place', (_, log, redis, paths) => {
    expect(differencesIn(at, log, redis).map(({ path }) => path)).toEqual(paths);
  });

  it('are bounded in each value', () => {
    const [many, none] = [Object.fromEntries([...Array(99).keys()].map((n) => [`f${n}`, n])), {}];
    expect(differencesIn(at, many, none)).toHaveLength(5);
    expect(differencesIn(at, none, many)).toHaveLength(5);
  });

  it('show nothing of a person, and nothing that steers a terminal', () => {
    const ofUser = { name: 'user:user_1', field: 'data' };
    const [told] = differencesIn(ofUser, { name: 'Ada' }, { name: 'Eve' });
    expect(JSON.stringify(told)).not.toMatch(/Ada|Eve/);
    const hostile = '\u001b[2J\u202egnp\nlog: nothing';
    const lines = differenceLines([
      ...differencesIn(at, { name: hostile }, {}),
      ...differencesIn({ name: hostile, field: '' }, 1, 2),
    ]);
    expect(lines.join('')).not.toMatch(/[\p{Control}\p{Bidi_Control}]/u);
    expect(lines).toHaveLength(6);
  });
});
