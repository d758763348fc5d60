import { CATEGORIES } from '@mcpstack/domain';
import { PROJECTED_CATEGORIES, readModelOf } from './models.ts';
import { CONTROL, generationOf, isGeneration, names, PREFIX } from './namespace.ts';
import { READ_SCRIPTS } from './read-scripts.ts';
import { WRITE_SCRIPTS } from './write-scripts.ts';

/** Redis Cluster's slot of a key: CRC-16 (XMODEM) of the hash tag, modulo 16384. */
function slotOf(key: string): number {
  const tag = /\{([^}]+)\}/.exec(key)?.[1] ?? key;
  let crc = 0;
  for (const byte of Buffer.from(tag)) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1) & 0xffff;
  }
  return crc % 16_384;
}

describe('all names of a deployment share one slot', () => {
  it('reckons slots as Redis does', () => {
    expect(slotOf('123456789')).toBe(0x31c3 % 16_384);
    expect(slotOf('a{foo}b')).toBe(12_182);
  });

  it.each([
    ...Object.values(names).map((name) =>
      typeof name === 'string'
        ? name
        : (name as (...ids: unknown[]) => string)('some-id', { type: 'user', id: 'x' }),
    ),
    ...PROJECTED_CATEGORIES.map((category) => readModelOf(`${category}-id_1`)!.model.recordName('id_1')),
    'meta',
  ])('%s', (name) => {
    expect(slotOf(`${PREFIX}g-7:${name}`)).toBe(slotOf(CONTROL));
  });

  it('control: without the tag they do not', () => {
    expect(slotOf('mcpstack:p0:g-7:meta')).not.toBe(slotOf('mcpstack:p0:control'));
  });
});

describe('generations', () => {
  it.each(['g-1', 'g-120'])('%s is one', (text) => expect(isGeneration(text)).toBe(true));
  it.each(['g-0', 'g-', 'g-1:x', 'h-1', '', null, 'g-01'])('%p is none', (text) =>
    expect(isGeneration(text)).toBe(false),
  );
  it('are found in full names', () => {
    expect(generationOf(`${PREFIX}g-12:key:key_1`)).toBe('g-12');
    expect(generationOf(CONTROL)).toBeUndefined();
    expect(generationOf('other:g-12:key:key_1')).toBeUndefined();
  });
});

describe('read models', () => {
  it('fold every category of ours but the evidence, and nothing else', () => {
    expect([...PROJECTED_CATEGORIES, 'checkpoint'].sort()).toEqual([...CATEGORIES].sort());
    for (const stream of ['', 'key', 'checkpoint-1', 'constructor-1', '-key'])
      expect(readModelOf(stream)).toBeUndefined();
  });
});

describe('scripts', () => {
  it('each has a name of its own and no text twice', () => {
    const all = [...Object.values(READ_SCRIPTS), ...Object.values(WRITE_SCRIPTS)];
    expect(new Set(all.map((script) => script.sha1)).size).toBe(all.length);
  });

  it('no read writes', () => {
    const writing = /'(SET|HSET|HDEL|ZADD|ZREM|SADD|LPUSH|LTRIM|DEL|UNLINK|HINCRBY)'/;
    for (const script of Object.values(READ_SCRIPTS)) expect(script.text).not.toMatch(writing);
    expect(WRITE_SCRIPTS.apply.text).toMatch(writing);
  });
});
