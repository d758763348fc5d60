/** Address blocks against a model in big integers that knows nothing of the library. */
import fc from 'fast-check';
import { blockContains, normalBlock } from './address-block.ts';

const blockOf = (text: string) => {
  const found = normalBlock(text);
  return 'block' in found ? found.block : undefined;
};
const problemOf = (text: string) => {
  const found = normalBlock(text);
  return 'problem' in found ? found.problem : undefined;
};

interface Modelled {
  bits: 32 | 128;
  value: bigint;
  prefix: number;
}
const spell = ({ bits, value }: Modelled) =>
  bits === 32
    ? [24n, 16n, 8n, 0n].map((shift) => Number((value >> shift) & 0xffn)).join('.')
    : Array.from({ length: 8 }, (_, index) =>
        ((value >> BigInt(112 - 16 * index)) & 0xffffn).toString(16),
      ).join(':');
const masked = ({ bits, value, prefix }: Modelled) =>
  (value >> BigInt(bits - prefix)) << BigInt(bits - prefix);

/** From few bits, so that blocks lie in one another often. */
const address = fc.constantFrom<32 | 128>(32, 128).chain((bits) =>
  fc.record({
    bits: fc.constant(bits),
    value: fc.oneof(
      fc.bigInt({ min: 0n, max: (1n << BigInt(bits)) - 1n }),
      fc.bigInt({ min: 0n, max: 7n }).map((top) => top << BigInt(bits - 3)),
    ),
    prefix: fc.oneof(fc.integer({ min: 0, max: bits }), fc.integer({ min: 0, max: 4 })),
  }),
);
const MAPPED = 0xffffn;
const isMapped = ({ bits, value }: Modelled) => bits === 128 && value >> 32n === MAPPED;
const block = address.map((one) => ({ ...one, value: masked(one) })).filter((one) => !isMapped(one));

describe('address blocks', () => {
  it('are stored in one spelling, which is stable', () => {
    fc.assert(
      fc.property(block, (one) => {
        const found = blockOf(`${spell(one)}/${one.prefix}`)!;
        expect(blockOf(found)).toBe(found);
        expect(blockOf(found.toUpperCase())).toBe(found);
      }),
    );
  });

  it('with bits beyond the prefix are refused, and the right block is named', () => {
    let refused = 0;
    fc.assert(
      fc.property(address, (one) => {
        if (isMapped(one)) return;
        const text = `${spell(one)}/${one.prefix}`;
        const right = blockOf(`${spell({ ...one, value: masked(one) })}/${one.prefix}`)!;
        if (masked(one) === one.value) return expect(blockOf(text)).toBe(right);
        refused += 1;
        expect(problemOf(text)).toContain(right);
      }),
      { numRuns: 500 },
    );
    expect(refused).toBeGreaterThan(50);
  });

  it('contain each other as sets of addresses do', () => {
    let within = 0;
    fc.assert(
      fc.property(block, block, (outer, inner) => {
        const wanted =
          outer.bits === inner.bits &&
          outer.prefix <= inner.prefix &&
          masked({ ...inner, prefix: outer.prefix }) === outer.value;
        const text = ({ prefix, ...rest }: Modelled) => blockOf(`${spell({ ...rest, prefix })}/${prefix}`)!;
        expect(blockContains(text(outer), text(inner))).toBe(wanted);
        if (wanted) within += 1;
      }),
      { numRuns: 2_000 },
    );
    expect(within).toBeGreaterThan(50);
  });

  it.each([
    ['203.0.113.0/24', '203.0.113.0/24'],
    ['203.0.113.7', '203.0.113.7/32'],
    ['2001:DB8:0:0::/32', '2001:db8::/32'],
    ['2001:db8::1', '2001:db8::1/128'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['::/0', '::/0'],
    ['10.0.0.7/8', undefined],
    ['2001:db8::1/32', undefined],
    ['::ffff:10.0.0.1', undefined],
    ['::ffff:a00:0/104', undefined],
    ['10.0.0.0/33', undefined],
    ['::/129', undefined],
    ['10.0.0.0/08', undefined],
    ['10.0.0.0/', undefined],
    ['10.0.0.0/8/8', undefined],
    ['10.0.0.0/-1', undefined],
    ['010.0.0.1', undefined],
    ['10.1', undefined],
    ['167772161', undefined],
    ['0x0a.0.0.1', undefined],
    ['256.0.0.1', undefined],
    ['fe80::1%eth0', undefined],
    [' 10.0.0.1', undefined],
    ['10.0.0.1\n', undefined],
    ['example.com', undefined],
    ['', undefined],
    ['1'.repeat(100), undefined],
  ])('%s is %s', (text, wanted) => expect(blockOf(text)).toBe(wanted));
});
