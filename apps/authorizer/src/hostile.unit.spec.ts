import { EXPLAIN_SUBJECT, makeToken, type VerifyBatchReply } from '@mcpstack/contracts';
import type { KeyLookup, Reading } from '@mcpstack/read-models';
import { ParsingVerifier } from '../test/parsed.ts';
import { reading } from '../test/records.ts';

const DIGEST = 'a'.repeat(64);
const TOKEN = makeToken('service');

function counting(maxInFlight = 8_192, gate = Promise.resolve()) {
  const seen = { reads: [] as number[] };
  const verifier = new ParsingVerifier({
    models: {
      findMany: async (tokens): Promise<Reading<readonly KeyLookup[]>> => {
        seen.reads.push(tokens.length);
        await gate;
        return reading(
          tokens.map(() => ({ status: 'unknown' as const })),
          { freshUntilMs: Infinity },
        );
      },
      areUnchanged: () => Promise.reject(new Error('not looked at')),
      waitFor: () => Promise.resolve(true),
      take: () => Promise.reject(new Error('asked')),
      giveBack: () => Promise.resolve(),
    },
    peppers: { candidates: (digest) => [digest] },
    tokenPrefix: 'mcpstack',
    maxInFlight,
  });
  return { verifier, seen };
}
const bytes = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
const batchOf = (count: number) =>
  bytes({
    requests: Array.from({ length: count }, (_, n) => ({ digest: n.toString(16).padStart(64, '0') })),
  });
const codes = (reply: VerifyBatchReply) =>
  'replies' in reply ? reply.replies.map(({ code }) => code) : reply.code;
const flipped = Array.from({ length: TOKEN.length * 7 }, (_, bit) => {
  const text = Buffer.from(TOKEN);
  text[bit % TOKEN.length]! ^= 1 << Math.floor(bit / TOKEN.length);
  return text.toString('latin1');
}).filter((text) => text.startsWith('mcpstack_sk_') || text.startsWith('mcpstack_pk_'));

it.each([
  [
    'tokens of other lengths',
    [0, 1, 11, 12, 60, 62, 600, 4_000, 1_048_576].map((n) => `mcpstack_sk_${'a'.repeat(n)}`),
  ],
  ['every truncation', Array.from({ length: TOKEN.length - 12 }, (_, cut) => TOKEN.slice(0, 12 + cut))],
  ['every flipped bit', flipped],
])('%s: MALFORMED before any I/O, by themselves and in a batch', async (_, tokens) => {
  const { verifier, seen } = counting();
  for (const key of tokens) {
    expect(await verifier.verify(bytes({ key }))).toMatchObject({ valid: false, code: 'MALFORMED' });
    expect([codes(await verifier.verifyBatch(bytes({ requests: [{ key }] })))].flat()).toEqual(['MALFORMED']);
  }
  expect(seen.reads).toEqual([]);
  // The control: the whole token is asked for.
  expect(await verifier.verify(bytes({ key: TOKEN }))).toMatchObject({ code: 'NOT_FOUND' });
  expect(seen.reads).toEqual([1]);
});

it.each([
  ['nothing', ''],
  ['no JSON', '{"requests":['],
  ['an array', []],
  ['no requests', {}],
  ['requests that are no array', { requests: { 0: {} } }],
  ['an unknown field', { requests: [], more: 1 }],
  ['one too many', { requests: Array.from({ length: 1_001 }, () => ({ digest: DIGEST })) }],
  ['too long', `{"requests":[]${' '.repeat(1_048_576)}}`],
])('a batch of %s is MALFORMED as a whole', async (_, value) => {
  const { verifier, seen } = counting();
  expect(codes(await verifier.verifyBatch(bytes(value)))).toBe('MALFORMED');
  expect(seen.reads).toEqual([]);
});

it('a batch of 0, and of 1,000 in reads of 256', async () => {
  const { verifier, seen } = counting();
  expect(codes(await verifier.verifyBatch(batchOf(0)))).toEqual([]);
  expect(codes(await verifier.verifyBatch(batchOf(1_000)))).toEqual(
    Array.from({ length: 1_000 }, () => 'NOT_FOUND'),
  );
  expect(seen.reads).toEqual([256, 256, 256, 232]);
});

it('a malformed element is answered for itself, and the same digest is read once', async () => {
  const { verifier, seen } = counting();
  const requests = [{ digest: DIGEST }, [], { digest: DIGEST, cost: -1 }, null, { digest: DIGEST }];
  expect(codes(await verifier.verifyBatch(bytes({ requests })))).toEqual([
    'NOT_FOUND',
    'MALFORMED',
    'MALFORMED',
    'MALFORMED',
    'NOT_FOUND',
  ]);
  expect(seen.reads).toEqual([1]);
});

it('explain as a field is MALFORMED, and says whom to ask', async () => {
  const reply = await counting().verifier.verify(bytes({ digest: DIGEST, explain: true }));
  expect(reply).toMatchObject({ code: 'MALFORMED' });
  expect(reply.message).toContain(EXPLAIN_SUBJECT);
});

it.each([
  ['userAgent with a control character', { userAgent: 'a\n' }, 'MALFORMED'],
  ['userAgent too long', { userAgent: 'a'.repeat(513) }, 'MALFORMED'],
  ['userAgent', { userAgent: 'é'.repeat(512) }, 'NOT_FOUND'],
  ['reused negative', { reused: -1 }, 'MALFORMED'],
  ['reused too many', { reused: 1_000_001 }, 'MALFORMED'],
  ['reused', { reused: 1_000_000 }, 'NOT_FOUND'],
  ['refresh false', { refresh: false }, 'MALFORMED'],
  ['refresh with a cost', { refresh: true, cost: 0 }, 'MALFORMED'],
])('%s', async (_, more, code) => {
  expect(await counting().verifier.verify(bytes({ digest: DIGEST, ...more }))).toMatchObject({ code });
});

it('each check of a batch counts against the bound, and what is refused holds nothing', async () => {
  let release!: () => void;
  const { verifier } = counting(1_500, new Promise((resolve) => (release = resolve)));
  const first = verifier.verifyBatch(batchOf(1_000));
  expect(codes(await verifier.verifyBatch(batchOf(501)))).toBe('UNAVAILABLE');
  const second = verifier.verifyBatch(batchOf(500));
  expect(await verifier.verify(bytes({ digest: DIGEST }))).toMatchObject({ code: 'UNAVAILABLE' });
  release();
  expect(codes(await first)).toHaveLength(1_000);
  expect(codes(await second)).toHaveLength(500);
  expect(await verifier.verify(bytes({ digest: DIGEST }))).toMatchObject({ code: 'NOT_FOUND' });
});
