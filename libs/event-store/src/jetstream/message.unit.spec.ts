import fc from 'fast-check';
import { LogCorruptError } from '../errors.ts';
import {
  decodeAppend,
  encodeHead,
  lastRevision,
  nextHead,
  positionOf,
  sequenceOf,
  type AppendHead,
} from './message.ts';

/** The heads of a stream whose appends have these sizes, at the sequences 10, 13, 16, … */
function chain(sizes: readonly number[]): AppendHead[] {
  const all: AppendHead[] = [];
  for (const size of sizes) all.push({ ...nextHead(all.at(-1), size), sequence: 10 + 3 * all.length });
  return all;
}

const sizes = fc.array(fc.integer({ min: 1, max: 256 }), { minLength: 1, maxLength: 300 });

describe('the stored form of an append', () => {
  it('numbers revisions without a gap', () => {
    fc.assert(
      fc.property(sizes, (all) => {
        let next = 0;
        for (const [n, head] of chain(all).entries()) {
          expect(head).toMatchObject({ ordinal: n, revision: next, count: all[n]! });
          next += all[n]!;
          expect(lastRevision(head)).toBe(next - 1);
        }
      }),
    );
  });

  it('points to true predecessors: the nearest, the first, and at most log2(n) + 1 in all', () => {
    fc.assert(
      fc.property(sizes, (all) => {
        const heads = chain(all);
        for (const head of heads.slice(1)) {
          expect(head.skips[0]!.ordinal).toBe(head.ordinal - 1);
          expect(head.skips.at(-1)!.ordinal).toBe(0);
          expect(head.skips.length).toBeLessThanOrEqual(Math.log2(head.ordinal) + 1);
          for (const skip of head.skips) expect(heads[skip.ordinal]).toMatchObject({ ...skip });
        }
      }),
    );
  });

  it('reads back as it was written', () => {
    for (const head of chain([1, 3, 256, 1, 2])) {
      const headers = encodeHead(head);
      const events = Array.from({ length: head.count }, (_, n) => ({
        id: `id-${n}`,
        type: 'T',
        data: { n },
        metadata: {},
      }));
      const header = (name: string) => headers.get(name);
      const read = decodeAppend('key-1', head.sequence, header, () => JSON.stringify(events));
      expect(read).toMatchObject({ ...head, stream: 'key-1' });
      expect(read.events().at(-1)).toEqual({
        ...events.at(-1),
        stream: 'key-1',
        revision: BigInt(lastRevision(head)),
        position: positionOf(head.sequence, head.count - 1),
      });
    }
  });

  it('G10: the header names and forms are a storage format', () => {
    const headers = encodeHead(nextHead(chain([2, 1, 4, 1]).at(-1), 3));
    expect(Object.fromEntries(headers.keys().map((key) => [key, headers.get(key)]))).toEqual({
      'Mcpstack-Format': '1',
      'Mcpstack-Ordinal': '4',
      'Mcpstack-Revision': '8',
      'Mcpstack-Count': '3',
      'Mcpstack-Skips': '3:19:7,2:16:3,0:10:0',
    });
  });

  it.each([
    ['no header at all', {}],
    ['another format', { 'Mcpstack-Format': '2' }],
    ['no ordinal', { 'Mcpstack-Format': '1', 'Mcpstack-Revision': '0', 'Mcpstack-Count': '1' }],
    ['a negative revision', { 'Mcpstack-Format': '1', 'Mcpstack-Ordinal': '0', 'Mcpstack-Revision': '-1' }],
  ])('refuses a message with %s', (_, headers: Record<string, string>) => {
    const read = () =>
      decodeAppend(
        'key-1',
        7,
        (name) => headers[name],
        () => '[]',
      );
    expect(read).toThrow(LogCorruptError);
    expect(read).toThrow('Message 7 of the event log was not written by this software');
  });

  const good = {
    'Mcpstack-Format': '1',
    'Mcpstack-Ordinal': '4',
    'Mcpstack-Revision': '8',
    'Mcpstack-Count': '1',
  };
  const event = { id: 'id-1', type: 'T', data: {}, metadata: {} };
  const decode = (headers: Record<string, string>, body = JSON.stringify([event]), stream?: string) => {
    const header = (name: string) =>
      ({ ...good, 'Mcpstack-Skips': '3:19:7,2:16:3,0:10:0', ...headers })[name];
    return decodeAppend(stream ?? 'key-1', 25, header, () => body);
  };

  it('control: what follows is refused for nothing else', () => {
    expect(decode({}).events()).toHaveLength(1);
  });

  it.each([
    ['no event', { 'Mcpstack-Count': '0' }],
    ['more events than it has positions', { 'Mcpstack-Count': '1025' }],
    ['fewer revisions than appends before it', { 'Mcpstack-Revision': '3' }],
    ['no pointer', { 'Mcpstack-Skips': '' }],
    ['no pointer to the append before it', { 'Mcpstack-Skips': '2:16:3,0:10:0' }],
    ['no pointer to the first', { 'Mcpstack-Skips': '3:19:7,2:16:3' }],
    ['a pointer too many', { 'Mcpstack-Skips': '3:19:7,2:16:3,1:13:2,0:10:0' }],
    ['a pointer to itself', { 'Mcpstack-Skips': '3:25:7,2:16:3,0:10:0' }],
    ['a pointer to a later message', { 'Mcpstack-Skips': '3:26:7,2:16:3,0:10:0' }],
    ['pointers out of order', { 'Mcpstack-Skips': '3:15:7,2:16:3,0:10:0' }],
    ['a pointer to a revision of its own', { 'Mcpstack-Skips': '3:19:8,2:16:3,0:10:0' }],
    ['a first append that is none', { 'Mcpstack-Skips': '3:19:7,2:16:3,0:10:1' }],
    ['a first append that points on', { 'Mcpstack-Ordinal': '0', 'Mcpstack-Revision': '0' }],
    ['half a pointer', { 'Mcpstack-Skips': '3:19:7,2:16,0:10:0' }],
    ['a pointer that is no number', { 'Mcpstack-Skips': '3:19:7,2:1e1:3,0:10:0' }],
  ])('refuses a message with %s', (_, headers: Record<string, string>) => {
    expect(() => decode(headers)).toThrow(LogCorruptError);
  });

  it.each([
    ['nothing', ''],
    ['half of it', '[{"id":'],
    ['no list', '{}'],
    ['null', 'null'],
    ['no event, though its head says one', '[]'],
    ['two events, though its head says one', JSON.stringify([event, event])],
    ['an event that is null', '[null]'],
    ['an event that is a list', '[[]]'],
    ['an event of nothing', '[{}]'],
    ['an id that is a number', JSON.stringify([{ ...event, id: 1 }])],
    ['no type', JSON.stringify([{ ...event, type: undefined }])],
    ['data that are null', JSON.stringify([{ ...event, data: null }])],
    ['data that are a list', JSON.stringify([{ ...event, data: [] }])],
    ['no metadata', JSON.stringify([{ ...event, metadata: undefined }])],
  ])('refuses a body with %s', (_, body) => {
    const read = () => decode({}, body).events();
    expect(read).toThrow(LogCorruptError);
    expect(read).toThrow('Message 25 of the event log was not written by this software');
    expect(() => decode({}, body)).not.toThrow();
  });

  it('an error says up to which position the message goes, so that a reader can go on after it', () => {
    const position = (act: () => unknown) => {
      try {
        act();
        return undefined;
      } catch (error) {
        return (error as LogCorruptError).position;
      }
    };
    for (const act of [() => decode({ 'Mcpstack-Count': '0' }), () => decode({}, '[]').events()]) {
      expect(position(act)).toBeGreaterThanOrEqual(positionOf(25, 1_023));
      expect(position(act)).toBeLessThan(positionOf(26, 0));
    }
  });

  it('positions rise with sequence and index, name their message, and stay below 2^53', () => {
    expect(positionOf(1, 0)).toBeGreaterThan(0n);
    expect(positionOf(8, 0)).toBeGreaterThan(positionOf(7, 255));
    expect(sequenceOf(positionOf(7, 255))).toBe(7);
    expect(positionOf(2 ** 42, 255)).toBeLessThan(2n ** 53n);
  });
});
