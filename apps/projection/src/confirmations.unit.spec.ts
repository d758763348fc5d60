import { finalAfterMs } from '@mcpstack/contracts';
import { Confirmations } from './confirmations.ts';

const FRESHNESS = { deltaMs: 100, stampLifeMs: 193, leaseLifeMs: 100 };
const FINAL_AFTER_MS = finalAfterMs(FRESHNESS);
let held = true;
let confirmations: Confirmations;

beforeEach(() => {
  held = true;
  const nowMs = () => performance.now();
  confirmations = new Confirmations({ freshness: FRESHNESS, leaseHeld: () => held, nowMs });
});
afterEach(() => confirmations.dismiss());

const ask = (need: string, position = '5', timeoutMs = 50) =>
  confirmations.ask({ position, need, timeoutMs });

describe('G6: visible', () => {
  it('once the position is applied in this session', async () => {
    expect(await ask('visible')).toEqual({ confirmed: false, reason: 'no session with Redis' });
    confirmations.begin();
    confirmations.advance(4n);
    const waiting = ask('visible', '5', 5_000);
    confirmations.advance(5n);
    expect(await waiting).toEqual({ confirmed: true });
    expect(await ask('visible', '6')).toEqual({ confirmed: false, reason: 'the read models are at 5' });
  });

  it('position -1, of an empty log, as soon as a session is there and only while the lease is held', async () => {
    expect(await ask('visible', '-1')).toMatchObject({ confirmed: false });
    confirmations.begin();
    expect(await ask('visible', '-1')).toEqual({ confirmed: true });
    held = false;
    expect(await ask('visible', '-1')).toMatchObject({ confirmed: false });
  });

  it('what an earlier session applied counts for nothing', async () => {
    confirmations.begin();
    confirmations.advance(9n);
    confirmations.begin();
    expect(await ask('visible')).toMatchObject({ confirmed: false });
  });

  it('who waits is served by the next session', async () => {
    const waiting = ask('visible', '5', 5_000);
    confirmations.begin();
    confirmations.end();
    confirmations.begin();
    confirmations.advance(7n);
    expect(await waiting).toEqual({ confirmed: true });
  });

  it('and is dismissed when the projection is not active any more', async () => {
    const waiting = ask('visible', '5', 5_000);
    confirmations.dismiss();
    expect(await waiting).toMatchObject({ confirmed: false });
  });
});

describe('G3: final', () => {
  it('not before T and a margin after the session began', async () => {
    const began = performance.now();
    confirmations.begin();
    confirmations.advance(5n);
    expect(await ask('visible')).toEqual({ confirmed: true });
    expect((await ask('final')).reason).toMatch(/too young/);
    expect(await ask('final', '5', 5_000)).toEqual({ confirmed: true });
    expect(performance.now() - began).toBeGreaterThanOrEqual(FINAL_AFTER_MS);
  });

  it('nothing is confirmed once the lease has run out', async () => {
    confirmations.begin();
    confirmations.advance(5n);
    held = false;
    expect(await ask('visible')).toMatchObject({ confirmed: false, reason: 'the lease has run out' });
  });

  it.each([
    undefined,
    null,
    {},
    { position: '1', need: 'final' },
    { position: '-2', need: 'final', timeoutMs: 10 },
    { position: 1, need: 'final', timeoutMs: 10 },
    { position: '1', need: 'maybe', timeoutMs: 10 },
    { position: '1', need: 'final', timeoutMs: 1e9 },
  ])('refuses %j', async (request) =>
    expect(await confirmations.ask(request)).toMatchObject({ confirmed: false, reason: 'malformed request' }),
  );
});
