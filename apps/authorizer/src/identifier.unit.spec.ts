import type { KeyLookup, ReadModels } from '@mcpstack/read-models';
import { Peppers } from '@mcpstack/service-kit';
import { DIGEST, found, OLDER, publicKey, reading, serviceKey, UNTRUSTED } from '../test/records.ts';
import { Identifier, type IdentifierOptions } from './identifier.ts';

const UNKNOWN: KeyLookup = { status: 'unknown' };
const answering = (findMany: ReadModels['findMany'], more: Partial<IdentifierOptions> = {}) =>
  new Identifier({ models: { findMany }, peppers: new Peppers(1, { 1: Buffer.alloc(32) }), ...more });
const ask = (identifier: Identifier, value: unknown) =>
  identifier.identify(Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)));

it('answers in order, whatever the state; nothing of the credential', async () => {
  const lookups = [found(serviceKey({ state: 'revoked' })), UNKNOWN, found(publicKey())];
  let asked: unknown;
  const identifier = answering((tokens) => {
    asked = tokens;
    return Promise.resolve(reading(lookups));
  });
  const digests = [DIGEST, OLDER, DIGEST];
  expect(await ask(identifier, { digests })).toEqual({
    keys: [
      { keyId: 'key_1', organizationId: 'org_1', kind: 'service', state: 'revoked' },
      null,
      { keyId: 'key_1', organizationId: 'org_1', kind: 'publishable', state: 'active' },
    ],
  });
  const peppers = new Peppers(1, { 1: Buffer.alloc(32) });
  expect(asked).toEqual(digests.map((digest) => peppers.candidates(digest)));
});

it.each([
  ['an untrusted reading', reading([found()], UNTRUSTED), 'the stamps have run out'],
  [
    'records that contradict each other',
    reading([{ status: 'unprovable', reason: 'parked' } as const]),
    'parked',
  ],
  ['too few answers', reading([]), 'the read models answered something else'],
])('G4: %s knows nothing', async (_, answer, reason) => {
  expect(
    await ask(
      answering(() => Promise.resolve(answer)),
      { digests: [DIGEST] },
    ),
  ).toEqual({ reason });
});

it.each([
  ['nothing', ''],
  ['null', null],
  ['no digests', {}],
  ['none', { digests: [] }],
  ['too many', { digests: Array.from({ length: 1_001 }, () => DIGEST) }],
  ['a digest in upper case', { digests: [DIGEST.toUpperCase()] }],
  ['a further field', { digests: [DIGEST], state: 'active' }],
  ['too long', `{"digests":["${DIGEST}"]${' '.repeat(80_000)}}`],
])('%s is refused without any I/O', async (_, value) => {
  const reply = await ask(
    answering(() => Promise.reject(new Error('asked'))),
    value,
  );
  expect(reply.keys).toBeUndefined();
  expect(reply.reason).toMatch(/^the request is not/);
});

it('takes 1,000', async () => {
  const digests = Array.from({ length: 1_000 }, () => DIGEST);
  const all = answering((tokens) => Promise.resolve(reading(tokens.map(() => UNKNOWN))));
  expect((await ask(all, { digests })).keys).toHaveLength(1_000);
});

it('answers in time, bounded, and tells of what nobody expected', async () => {
  const errors: unknown[] = [];
  const hung = answering(() => new Promise(() => undefined), { deadlineMs: 50, maxInFlight: 1 });
  const first = ask(hung, { digests: [DIGEST] });
  expect(await ask(hung, { digests: [DIGEST] })).toEqual({ reason: 'too many requests at once' });
  expect(await first).toEqual({ reason: 'not answered within 50 ms' });
  const broken = answering(() => Promise.reject(new TypeError('detail')), {
    onError: (error) => errors.push(error),
  });
  expect(await ask(broken, { digests: [DIGEST] })).toEqual({ reason: 'something went wrong on our side' });
  expect(errors).toHaveLength(1);
});
