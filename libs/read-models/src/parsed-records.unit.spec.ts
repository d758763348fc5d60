import { ParsedRecords } from './parsed-records.ts';

interface Fold {
  list: number[];
}
const records = () =>
  new ParsedRecords(
    (value): value is Fold => typeof value === 'object' && value !== null && 'list' in value,
    (fold: Fold, revision) => ({ ...fold, revision }),
  );

it('one text of two revisions is two records', () => {
  const known = records();
  const text = '{"list":[1]}';
  expect([known.of(text, '1')?.revision, known.of(text, '2')?.revision]).toEqual(['1', '2']);
  expect(known.of(text, '2')).toBe(known.of(text, '2'));
});

it('a record that many share cannot be changed by one of them, however deep', () => {
  const record = records().of('{"list":[1]}', '1')!;
  expect(() => record.list.push(2)).toThrow(TypeError);
  expect(() => (record.revision = '2')).toThrow(TypeError);
});

it('what is no JSON, or no such record, is none', () => {
  const known = records();
  for (const text of ['', 'x', '{', 'null', '{}']) expect(known.of(text, '1')).toBeUndefined();
});
