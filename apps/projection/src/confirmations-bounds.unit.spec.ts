/** Who waits for a confirmation: how many, until when, and what an ended session no longer says. */
import { jest } from '@jest/globals';
import { finalAfterMs } from '@mcpstack/contracts';
import { Confirmations } from './confirmations.ts';

const FRESHNESS = { deltaMs: 100, stampLifeMs: 500, leaseLifeMs: 100 };
let confirmations: Confirmations;
beforeEach(() => {
  jest.useFakeTimers();
  confirmations = new Confirmations({
    freshness: FRESHNESS,
    leaseHeld: () => true,
    nowMs: () => performance.now(),
  });
});
afterEach(() => {
  confirmations.dismiss();
  jest.useRealTimers();
});
const ask = (need: string, timeoutMs: number) => confirmations.ask({ position: '5', need, timeoutMs });

it('G3: once the session is over, nothing that it applied is confirmed', async () => {
  confirmations.begin();
  confirmations.advance(9n);
  expect(await ask('visible', 50)).toEqual({ confirmed: true });
  confirmations.end();
  const reply = ask('visible', 50);
  await jest.advanceTimersByTimeAsync(50);
  expect(await reply).toEqual({ confirmed: false, reason: 'no session with Redis' });
});

it('who waits for what is final is told as soon as the session is old enough, though nothing else happens', async () => {
  confirmations.begin();
  confirmations.advance(5n);
  const told = jest.fn();
  void ask('final', 60_000).then(told);
  await jest.advanceTimersByTimeAsync(finalAfterMs(FRESHNESS) - 1);
  expect(told).not.toHaveBeenCalled();
  await jest.advanceTimersByTimeAsync(3);
  expect(told).toHaveBeenCalledWith({ confirmed: true });
});

it('no more than 10,000 wait', async () => {
  const waiting = Array.from({ length: 10_000 }, () => ask('visible', 60_000));
  expect(await ask('visible', 1)).toEqual({ confirmed: false, reason: 'too many wait already' });
  confirmations.begin();
  confirmations.advance(5n);
  expect(await Promise.all(waiting)).toEqual(waiting.map(() => ({ confirmed: true })));
});
