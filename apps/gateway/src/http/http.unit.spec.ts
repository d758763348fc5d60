import { Socket } from 'node:net';
import { IncomingMessage } from 'node:http';
import type { FastifyRequest } from 'fastify';
import { canonicalJson } from './canonical-json.ts';
import { commandIdOf, idempotencyKeyOf, requestDigest, type CommandOrigin } from './idempotency.ts';
import { readJsonBody } from './json-body.ts';
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
    expect(requestDigest('renameKey', { role: 'viewer', name: 'a' })).not.toBe(digest);
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

describe('X-Request-Id', () => {
  it('keeps a sane one and replaces any other', () => {
    expect(requestIdFrom('a.B_c-9')).toBe('a.B_c-9');
    for (const odd of ['', 'a b', 'x'.repeat(65), 'a\n{"level":"x"}', 'a, b', undefined, ['a']])
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

  it('is bounded in depth and in values, without recursion', () => {
    const deep = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
    expect(read(deep(8))).toBeDefined();
    expect(() => read(deep(9))).toThrow('nested deeper than 8');
    expect(() => read(deep(100_000))).toThrow('nested deeper than 8');
    const wide = (count: number) => JSON.stringify({ a: Array.from({ length: count }, () => 0) });
    expect(read(wide(999))).toBeDefined();
    expect(() => read(wide(1_000))).toThrow('more than 1000 values');
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
