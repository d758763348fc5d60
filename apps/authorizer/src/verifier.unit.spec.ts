import type { KeyLookup, Reading } from '@mcpstack/read-models';
import { Peppers } from '@mcpstack/service-kit';
import { ParsingVerifier } from '../test/parsed.ts';
import { found, reading } from '../test/records.ts';
import type { VerifierOptions } from './verifier.ts';

const REQUEST = Buffer.from(JSON.stringify({ digest: 'a'.repeat(64) }));
const unknown = (): Promise<Reading<KeyLookup>> =>
  Promise.resolve({
    value: { status: 'unknown' },
    beganAtMs: performance.now(),
    position: '1',
    trusted: true,
    freshUntilMs: performance.now() + 1_000,
    freshForMs: () => 0,
  });
interface Models extends Partial<VerifierOptions['models']> {
  /** One answer for whichever digest. */
  findByDigests?: () => Promise<Reading<KeyLookup>>;
}
const verifier = ({ findByDigests = unknown, ...models }: Models, more: Partial<VerifierOptions> = {}) =>
  new ParsingVerifier({
    models: {
      findMany: async (tokens) => {
        const { value, ...rest } = await findByDigests();
        return { ...rest, value: tokens.map(() => value) };
      },
      areUnchanged: () => Promise.reject(new Error('not looked at')),
      waitFor: () => Promise.resolve(true),
      take: () => Promise.reject(new Error('asked')),
      giveBack: () => Promise.resolve(),
      ...models,
    },
    peppers: new Peppers(1, { 1: Buffer.alloc(32) }),
    tokenPrefix: 'mcpstack',
    ...more,
  });

describe('G4: every request is answered, in time', () => {
  it('UNAVAILABLE at the deadline when nothing answers', async () => {
    const began = performance.now();
    const hung = verifier({ findByDigests: () => new Promise(() => undefined) }, { deadlineMs: 100 });
    expect(await hung.verify(REQUEST)).toMatchObject({ code: 'UNAVAILABLE', valid: false, freshForMs: 0 });
    expect(performance.now() - began).toBeLessThan(5_000);
  });

  it('UNAVAILABLE at once over the bound, and all is well again afterwards', async () => {
    let release!: () => void;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const busy = verifier({ findByDigests: () => gate.then(unknown) }, { maxInFlight: 3 });
    const taken = [1, 2, 3].map(() => busy.verify(REQUEST));
    expect(await busy.verify(REQUEST)).toMatchObject({
      code: 'UNAVAILABLE',
      message: 'too many requests at once',
    });
    const drained = busy.drained();
    release();
    await drained;
    expect((await Promise.all(taken)).map(({ code }) => code)).toEqual([
      'NOT_FOUND',
      'NOT_FOUND',
      'NOT_FOUND',
    ]);
    expect(await busy.verify(REQUEST)).toMatchObject({ code: 'NOT_FOUND' });
  });

  it('a message of many that was refused counts as many', async () => {
    let release!: () => void;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const busy = verifier({ findByDigests: () => gate.then(unknown) }, { maxInFlight: 3 });
    const taken = [1, 2].map(() => busy.verify(REQUEST));
    const requests = [1, 2].map(() => ({ digest: 'a'.repeat(64) }));
    const batch = Buffer.from(JSON.stringify({ requests }));
    expect(await busy.verifyBatch(batch)).toMatchObject({ code: 'UNAVAILABLE' });
    await busy.verifyBatch(Buffer.from('no JSON'));
    expect(busy.tally.codes).toEqual(
      new Map([
        ['UNAVAILABLE', 2],
        ['MALFORMED', 1],
      ]),
    );
    release();
    await Promise.all(taken);
  });

  it('those that hang on beyond their deadline count against the bound until they end', async () => {
    let release!: () => void;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const hung = verifier({ findByDigests: () => gate.then(unknown) }, { maxInFlight: 3, deadlineMs: 20 });
    await Promise.all([1, 2, 3].map(() => hung.verify(REQUEST)));
    expect(await hung.verify(REQUEST)).toMatchObject({ message: 'too many requests at once' });
    release();
    await hung.drained();
    expect(await hung.verify(REQUEST)).toMatchObject({ code: 'NOT_FOUND' });
  });

  it('UNAVAILABLE, and a report, when something fails that nobody expected', async () => {
    const errors: unknown[] = [];
    const broken = verifier(
      { findByDigests: () => Promise.reject(new TypeError('secret detail')) },
      { onError: (error) => errors.push(error) },
    );
    const reply = await broken.verify(REQUEST);
    expect(reply).toMatchObject({ code: 'UNAVAILABLE' });
    expect(reply.message).not.toMatch(/secret/);
    expect(errors).toHaveLength(1);
  });

  it('G3: a reading that took longer than Δ is not decided on; it is read again, a bounded number of times', async () => {
    let reads = 0;
    const slow = (goodReadAt: number) =>
      verifier({
        findByDigests: async () => {
          reads += 1;
          const reading = await unknown();
          return reads >= goodReadAt ? reading : { ...reading, freshUntilMs: performance.now() - 1 };
        },
      });
    expect(await slow(2).verify(REQUEST)).toMatchObject({ code: 'NOT_FOUND' });
    expect(reads).toBe(2);
    reads = 0;
    expect(await slow(99).verify(REQUEST)).toMatchObject({ code: 'UNAVAILABLE' });
    expect(reads).toBe(3);
  });

  it('MALFORMED without any I/O', async () => {
    const strict = verifier({ findByDigests: () => Promise.reject(new Error('asked')) });
    expect(await strict.verify(Buffer.from('{}'))).toMatchObject({ code: 'MALFORMED' });
  });

  it('G6: waits for the position first, and UNAVAILABLE when it is not reached', async () => {
    const asked: [string, number][] = [];
    const waiting = verifier({
      waitFor: (position, ms) => {
        asked.push([position, ms]);
        return Promise.resolve(position === '1');
      },
    });
    const at = (position: string) => Buffer.from(JSON.stringify({ digest: 'a'.repeat(64), position }));
    expect(await waiting.verify(at('1'))).toMatchObject({ code: 'NOT_FOUND' });
    expect(await waiting.verify(at('2'))).toMatchObject({ code: 'UNAVAILABLE' });
    expect(asked).toEqual([
      ['1', 1_000],
      ['2', 1_000],
    ]);
  });

  describe('with positions that are never reached, which anybody may send with any key', () => {
    const at = Buffer.from(JSON.stringify({ digest: 'a'.repeat(64), position: '9'.repeat(16) }));
    const waiting = (more: Partial<VerifierOptions>) =>
      verifier({ waitFor: () => new Promise(() => undefined) }, { deadlineMs: 100, maxInFlight: 4, ...more });

    it('those beyond the bound are UNAVAILABLE at once, and checks without a position go on', async () => {
      const bounded = waiting({ maxWaiting: 2 });
      const taken = [1, 2].map(() => bounded.verify(at));
      expect((await bounded.verify(at)).message).toBe('too many wait for a position');
      expect(await bounded.verify(REQUEST)).toMatchObject({ code: 'NOT_FOUND' });
      await Promise.all(taken);
    });

    it('control: without the bound of their own they take the room of all others', async () => {
      const unbounded = waiting({ maxWaiting: Infinity });
      const taken = [1, 2, 3, 4].map(() => unbounded.verify(at));
      expect(await unbounded.verify(REQUEST)).toMatchObject({ message: 'too many requests at once' });
      await Promise.all(taken);
    });
  });
});

describe('G7: uses', () => {
  const valid = () =>
    Promise.resolve(reading<KeyLookup>(found(), { freshUntilMs: Infinity, freshForMs: () => 250 }));

  it('are told of for VALID answers alone, with the key that was found', async () => {
    const used: string[] = [];
    const onUse: VerifierOptions['onUse'] = ({ key }) => used.push(key.id);
    expect(await verifier({ findByDigests: valid }, { onUse }).verify(REQUEST)).toMatchObject({
      valid: true,
    });
    await verifier({}, { onUse }).verify(REQUEST);
    await verifier({ findByDigests: valid }, { onUse }).verify(Buffer.from('{}'));
    expect(used).toEqual(['key_1']);
  });

  it('never trouble an answer', async () => {
    const errors: unknown[] = [];
    const broken = verifier(
      { findByDigests: valid },
      {
        onUse: () => {
          throw new Error('full');
        },
        onError: (error) => errors.push(error),
      },
    );
    expect(await broken.verify(REQUEST)).toMatchObject({ valid: true });
    expect(errors).toHaveLength(1);
  });

  it('are not told of for an answer that came too late', async () => {
    let release!: () => void;
    const gate = new Promise<void>((resolve) => (release = resolve));
    let uses = 0;
    const slow = verifier(
      { findByDigests: () => gate.then(valid) },
      { deadlineMs: 20, onUse: () => (uses += 1) },
    );
    expect(await slow.verify(REQUEST)).toMatchObject({ code: 'UNAVAILABLE' });
    release();
    await new Promise((resolve) => setImmediate(resolve));
    expect(uses).toBe(0);
  });
});
