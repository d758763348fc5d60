import { z } from 'zod';
import { AT, CREDENTIAL, KEY_ID, ORGANIZATION_ID, OWNER } from '../test/samples.ts';
import { codecFor } from './categories.ts';
import { eventCodec, firstVersion, nextVersion } from './codec.ts';
import type { DomainEvent } from './decider.ts';
import { InvalidEventError, UnknownEventError } from './errors.ts';
import { keyCodec } from './key/events.ts';

const metadata = { schemaVersion: 1, at: AT, actor: OWNER };
const created = {
  type: 'KeyCreated',
  data: {
    keyId: KEY_ID,
    organizationId: ORGANIZATION_ID,
    kind: 'service',
    name: 'bot',
    role: 'viewer',
    credential: CREDENTIAL,
  },
  metadata,
};

function thrownBy(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

describe('what is none of ours is refused loudly (G10)', () => {
  it.each([
    ['type', { ...created, type: 'KeyExploded' }],
    ['type that objects inherit', { ...created, type: 'constructor' }],
    ['version', { ...created, metadata: { ...metadata, schemaVersion: 3 } }],
  ])('an unknown %s', (_what, stored) => {
    expect(thrownBy(() => keyCodec.decode(stored))).toBeInstanceOf(UnknownEventError);
  });

  it('an event of another category, and an unknown category', () => {
    expect(thrownBy(() => codecFor('organization').decode(created))).toBeInstanceOf(UnknownEventError);
    expect(thrownBy(() => codecFor('keys'))).toBeInstanceOf(UnknownEventError);
    expect(thrownBy(() => codecFor('toString'))).toBeInstanceOf(UnknownEventError);
  });
});

describe('what does not fit is refused, and its values are not told', () => {
  const MARK = 'tell-tale-value';
  it.each<[string, unknown, unknown]>([
    ['an unknown field', { ...created.data, [MARK]: 1 }, metadata],
    ['an unknown role', { ...created.data, role: MARK }, metadata],
    ['a wrong type', { ...created.data, name: { [MARK]: MARK } }, metadata],
    ['a foreign kind of id', { ...created.data, keyId: MARK }, metadata],
    ['a digest that is none', { ...created.data, credential: { digest: MARK, pepperVersion: 1 } }, metadata],
    ['a missing field', { keyId: KEY_ID }, metadata],
    ['no data', MARK, metadata],
    ['no metadata', created.data, undefined],
    ['no time', created.data, { ...metadata, at: MARK }],
    ['no actor', created.data, { ...metadata, actor: { type: MARK, id: MARK } }],
    ['a version that is no number', created.data, { ...metadata, schemaVersion: MARK }],
  ])('%s', (_what, data, meta) => {
    const error = thrownBy(() => keyCodec.decode({ type: 'KeyCreated', data, metadata: meta }));
    expect(error).toBeInstanceOf(InvalidEventError);
    const told = JSON.stringify([(error as Error).message, (error as Error).stack, (error as Error).cause]);
    expect(told).not.toContain(MARK);
    // Control: the message does say something, namely the place.
    expect((error as Error).message).toMatch(/KeyCreated does not fit its schema at (data|metadata)/);
  });

  it('nor is such an event ever written', () => {
    const event = { ...keyCodec.decode(created), data: { ...created.data, role: 'emperor' } };
    expect(thrownBy(() => keyCodec.encode(event as never))).toBeInstanceOf(InvalidEventError);
  });
});

describe('older versions are upcast on read (G10)', () => {
  // Three shapes of one event that exists in this test only.
  const v1 = z.strictObject({ seconds: z.number() });
  const v2 = z.strictObject({ milliseconds: z.number() });
  const v3 = z.strictObject({ milliseconds: z.number(), why: z.string() });
  type Waited = DomainEvent<'Waited', z.infer<typeof v3>>;

  const second = nextVersion(firstVersion(v1), v2, ({ seconds }) => ({ milliseconds: seconds * 1000 }));
  const codec = eventCodec<Waited>({
    Waited: nextVersion(second, v3, (data) => ({ ...data, why: 'unknown' })),
  });
  const decode = (schemaVersion: number, data: unknown) =>
    codec.decode({ type: 'Waited', data, metadata: { ...metadata, schemaVersion } }).data;

  it('through every version in between', () => {
    expect(decode(1, { seconds: 2 })).toEqual({ milliseconds: 2000, why: 'unknown' });
    expect(decode(2, { milliseconds: 5 })).toEqual({ milliseconds: 5, why: 'unknown' });
    expect(decode(3, { milliseconds: 5, why: 'tea' })).toEqual({ milliseconds: 5, why: 'tea' });
  });

  it('each checked with its own schema, and none beyond the last', () => {
    expect(thrownBy(() => decode(1, { milliseconds: 2 }))).toBeInstanceOf(InvalidEventError);
    expect(thrownBy(() => decode(3, { milliseconds: 2 }))).toBeInstanceOf(InvalidEventError);
    expect(thrownBy(() => decode(4, { milliseconds: 2, why: '' }))).toBeInstanceOf(UnknownEventError);
  });

  it('and written in the last version only', () => {
    const event: Waited = { type: 'Waited', data: { milliseconds: 1, why: 'x' }, at: AT, actor: OWNER };
    expect(codec.encode(event)).toEqual({ type: 'Waited', schemaVersion: 3, data: event.data });
    expect(codec.versions).toEqual({ Waited: 3 });
  });

  it('and a wrong upcast does not get past the codec', () => {
    const wrong = eventCodec<Waited>({
      Waited: nextVersion(second, v3, () => ({ milliseconds: 'soon' }) as never),
    });
    const stored = { type: 'Waited', data: { milliseconds: 1 }, metadata: { ...metadata, schemaVersion: 2 } };
    expect(thrownBy(() => wrong.decode(stored))).toBeInstanceOf(InvalidEventError);
  });
});
