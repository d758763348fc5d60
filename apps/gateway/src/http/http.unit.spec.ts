import { Socket } from 'node:net';
import { IncomingMessage } from 'node:http';
import { makeToken, newId, type ProblemError } from '@mcpstack/contracts';
import type { FastifyRequest } from 'fastify';
import { makeSessionToken, newSessionName } from '../auth/session-tokens.ts';
import { canonicalJson } from './canonical-json.ts';
import { commandIdOf, idempotencyKeyOf, requestDigest, type CommandOrigin } from './idempotency.ts';
import { readJsonBody, refuseMoreValues } from './json-body.ts';
import { ifMatchOf } from './etag.ts';
import { isoTime } from './fields.ts';
import { positionOf } from './position.ts';
import { requestIdFrom } from './request-id.ts';
import { RouteTable } from './route-table.ts';

function requestWith(...rawHeaders: string[]): FastifyRequest {
  const raw = new IncomingMessage(new Socket());
  raw.rawHeaders = rawHeaders;
  return { raw } as FastifyRequest;
}

describe('canonical JSON', () => {
  it('has one spelling whatever the order of fields, and keeps the order of items', () => {
    expect(canonicalJson({ b: [2, 1, { d: null, c: 'é"' }], a: true })).toBe(
      '{"a":true,"b":[2,1,{"c":"é\\"","d":null}]}',
    );
    expect(canonicalJson({ b: 1, a: 2 })).toBe(canonicalJson({ a: 2, b: 1 }));
    expect(canonicalJson([1, 2])).not.toBe(canonicalJson([2, 1]));
    expect(canonicalJson({ a: undefined })).toBe('{}');
  });
});

describe('G2: the command id', () => {
  const origin: CommandOrigin = {
    actor: { type: 'user', id: 'user_1' },
    route: 'POST /organizations/:orgId/api-keys',
    targets: ['org_1'],
  };

  it('is the same for a retry with the same Idempotency-Key, and a UUID', () => {
    const id = commandIdOf(origin, 'k');
    expect(commandIdOf({ ...origin, actor: { id: 'user_1', type: 'user' } }, 'k')).toBe(id);
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it.each<[string, Partial<CommandOrigin>]>([
    ['another person', { actor: { type: 'user', id: 'user_2' } }],
    ['a key with the same id', { actor: { type: 'key', id: 'user_1' } }],
    ['another organization', { targets: ['org_2'] }],
    ['another route', { route: 'DELETE /organizations/:orgId/api-keys' }],
    ['parts that only join to the same text', { targets: ['org', '_1'] }],
  ])('is another for %s', (_, change) => {
    expect(commandIdOf({ ...origin, ...change }, 'k')).not.toBe(commandIdOf(origin, 'k'));
  });

  it('is another for another key, and random without one', () => {
    expect(commandIdOf(origin, 'k2')).not.toBe(commandIdOf(origin, 'k'));
    expect(commandIdOf(origin, undefined)).not.toBe(commandIdOf(origin, undefined));
  });

  it('has a digest of what was asked, blind to the order of fields alone', () => {
    const digest = requestDigest('createKey', { name: 'a', role: 'viewer' });
    expect(requestDigest('createKey', { role: 'viewer', name: 'a' })).toBe(digest);
    expect(requestDigest('createKey', { role: 'viewer', name: 'b' })).not.toBe(digest);
    expect(requestDigest('updateKey', { role: 'viewer', name: 'a' })).not.toBe(digest);
  });

  it.each(['', 'a b', 'ä', 'x'.repeat(256), 'tab\t'])('refuses the Idempotency-Key %p', (key) => {
    expect(() => idempotencyKeyOf(requestWith('Idempotency-Key', key))).toThrow('Idempotency-Key');
  });

  it('takes 1 to 255 visible ASCII characters, once', () => {
    expect(idempotencyKeyOf(requestWith('idempotency-KEY', 'x'.repeat(255)))).toHaveLength(255);
    expect(idempotencyKeyOf(requestWith())).toBeUndefined();
    const twice = requestWith('Idempotency-Key', 'a', 'Idempotency-Key', 'a');
    expect(() => idempotencyKeyOf(twice)).toThrow('Idempotency-Key');
  });
});

describe('Mcpstack-Position', () => {
  it.each(['', 'abc', '-1', '1.5', '007', '99999999999999999', '1,2'])('refuses %p', (value) => {
    expect(() => positionOf(requestWith('Mcpstack-Position', value))).toThrow('Mcpstack-Position');
  });
  it.each(['0', '42', '9007199254740991'])('takes %p', (value) => {
    expect(positionOf(requestWith('mcpstack-position', value))).toBe(value);
  });
});

describe('If-Match', () => {
  it.each(['7', 'W/"7"', '""', '"07"', '"x"', '"1", "2"', '"-1"', '*, "1"', ''])('refuses %p', (value) => {
    expect(() => ifMatchOf(requestWith('If-Match', value))).toThrow('If-Match: must be the ETag');
  });

  it('is a revision; nothing and * demand none', () => {
    expect(ifMatchOf(requestWith('if-match', '"7"'))).toEqual({ ifRevision: '7' });
    expect(ifMatchOf(requestWith('If-Match', '*'))).toEqual({});
    expect(ifMatchOf(requestWith())).toEqual({});
    const twice = requestWith('If-Match', '"7"', 'If-Match', '"8"');
    expect(() => ifMatchOf(twice)).toThrow('If-Match');
  });
});

describe('a time', () => {
  it.each([
    ['2030-01-31T12:00:00Z', '2030-01-31T12:00:00.000Z'],
    ['2030-01-31T12:00:00.1234567Z', '2030-01-31T12:00:00.123Z'],
    ['2030-01-31T23:30:00-02:00', '2030-02-01T01:30:00.000Z'],
    ['2028-02-29T00:00:00+14:00', '2028-02-28T10:00:00.000Z'],
  ])('%s is %s', (text, utc) => {
    expect(isoTime(text)).toBe(utc);
  });

  it.each([
    '2030-02-30T12:00:00Z',
    '2030-02-29T12:00:00Z',
    '2030-04-31T12:00:00Z',
    '2030-13-01T12:00:00Z',
    '2030-00-01T12:00:00Z',
    '2030-01-00T12:00:00Z',
    '2030-01-31T24:00:00Z',
    '2030-01-31T12:60:00Z',
    '2030-01-31T12:00:60Z',
    '2030-01-31T12:00:00',
    '2030-01-31',
    '2030-01-31 12:00:00Z',
    '2030-01-31T12:00:00+24:00',
    '9999-12-31T23:59:59-10:00',
    '0000-01-01T00:00:00+10:00',
    '+010000-01-01T00:00:00Z',
    '1700000000000',
    1_700_000_000_000,
    null,
    '',
  ])('%p is none', (value) => {
    expect(isoTime(value)).toBeUndefined();
  });

  it('control: the platform takes 30 February for the 2nd of March', () => {
    expect(new Date('2030-02-30T12:00:00Z').getUTCMonth()).toBe(2);
  });
});

describe('X-Request-Id', () => {
  it('keeps a sane one and replaces any other', () => {
    expect(requestIdFrom('a.B_c-9')).toBe('a.B_c-9');
    for (const odd of ['', 'a b', 'x'.repeat(65), 'a\n{"level":"x"}', 'a, b', undefined, ['a']])
      expect(requestIdFrom(odd)).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('G1: is never the key of another make that the request shows', () => {
    const key = 'acme_live_0123456789';
    for (const shown of [`Bearer ${key}`, key, [key]])
      expect(requestIdFrom(key, [undefined, shown])).toMatch(/^[0-9a-f-]{36}$/);
    // Control: any other stays, also one that happens to stand in the header.
    expect(requestIdFrom('acme_trace_0123456789', [`Bearer ${key}`])).toBe('acme_trace_0123456789');
    expect(requestIdFrom('acme', [`Bearer ${key}`])).toBe('acme');
  });

  it('G1: is never a credential of ours, whatever kind and however it is wrapped', () => {
    const session = makeSessionToken('mcpstack', newSessionName(newId('user')));
    for (const token of [makeToken('service'), makeToken('publishable'), session])
      for (const odd of [token, `a-${token}`.slice(0, 64), `${token.slice(0, 40)}.b`])
        expect(requestIdFrom(odd)).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('a JSON body', () => {
  const read = (text: string | Buffer) => readJsonBody(Buffer.from(text), JSON.parse);

  it('is an object, or nothing', () => {
    expect(read('{"a":1}')).toEqual({ a: 1 });
    expect(read('')).toBeUndefined();
  });

  it.each(['[]', '1', 'null', '"x"', '{', '{"a":1}x', Buffer.from([0x7b, 0xff, 0x7d])])(
    'refuses %p',
    (text) => {
      expect(() => read(text)).toThrow(/^The body (must be a JSON object|is not valid)/);
    },
  );

  it('is bounded in depth, without recursion', () => {
    const deep = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
    expect(read(deep(8))).toBeDefined();
    expect(() => read(deep(9))).toThrow('nested deeper than 8');
    expect(() => read(deep(10_000))).toThrow('nested deeper than 8');
    expect(() => read(deep(100_000))).toThrow('nested deeper than 8');
  });

  it('is bounded in values, as the route says', () => {
    const wide = (count: number) => ({ a: Array.from({ length: count }, () => 0) });
    expect(() => refuseMoreValues(wide(999), 1_000)).not.toThrow();
    expect(() => refuseMoreValues(wide(1_000), 1_000)).toThrow('more than 1000 values');
    expect(() => refuseMoreValues({ a: [[1], [2]] }, 4)).toThrow('more than 4 values');
  });

  it.each<[string, string, string]>([
    ['a key twice', '{"name":"a","name":"b"}', 'name'],
    ['a key twice, once in escapes', '{"name":"a","n\\u0061me":"b"}', 'name'],
    [
      'a key twice in an item of a list',
      '{"limits":[{"name":1},{"name":1,"x":{},"name":2}]}',
      'limits.1.name',
    ],
    ['1e400', '{"cost":1e400}', 'cost'],
    ['-1e400 in a list', '{"costs":[0,-1E+400]}', 'costs.1'],
    ['-0', '{"cost":-0}', 'cost'],
    ['-0.0e3', '{"a":{"cost": -0.0e3 }}', 'a.cost'],
    ['a negative number too small to be told from -0', '{"cost":-1e-400}', 'cost'],
    ['a lone surrogate', '{"name":"\\ud800"}', 'name'],
    ['a lone surrogate as key', '{"\\udc00":1}', '\ufffd'],
  ])('refuses %s, and names the field', (_, text, field) => {
    // Control: the platform's own parser takes it without a word.
    expect(JSON.parse(text)).toBeDefined();
    let problem: ProblemError | undefined;
    try {
      read(text);
    } catch (error) {
      problem = error as ProblemError;
    }
    expect(problem).toMatchObject({ code: 'validation-failed', errors: [{ field }] });
  });

  it('takes what only looks odd', () => {
    const odd = {
      a: 'x"y\\',
      'b"': [{ a: 1 }, { a: 2 }, [], {}],
      c: { a: '{"a":1,"a":2} -0 1e400' },
      e: [0, -1.5e-3, 1e22, true, null],
      f: '\ud83d\ude00',
    };
    expect(read(JSON.stringify(odd, null, 2))).toEqual(odd);
    expect(read('{"\\\\":1,"\\"":2,"":3}')).toEqual({ '\\': 1, '"': 2, '': 3 });
  });
});

describe('the route table', () => {
  it('tells a known path from an unknown one', () => {
    const table = new RouteTable();
    table.add('GET', '/a/:id/b.c');
    table.add('DELETE', '/a/:id/b.c');
    expect(table.methodsOf('/a/1/b.c?x=/a')).toEqual(['DELETE', 'GET']);
    for (const path of ['/a/1/bxc', '/a//b.c', '/a/1/2/b.c', '/a/1/b.c/'])
      expect(table.methodsOf(path)).toEqual([]);
  });
});
