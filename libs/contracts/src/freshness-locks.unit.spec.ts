/** G4: locks of freshness.ts that no walk of the model needs, since others hold where one fails; each by itself. */
import {
  ConnectionTrust,
  DEFAULT_FRESHNESS,
  leaseGoodUntilMs,
  StandStill,
  type Observation,
} from './freshness.ts';

function trustedUntil(stampOf: (identity: string, counter: number) => Observation['stamp']): number {
  const trust = new ConnectionTrust({ stampLifeMs: 1_000 });
  for (let counter = 1; counter <= 4; counter += 1)
    trust.observe({ beganAtMs: counter, identity: 'here', stamp: stampOf('here', counter) });
  return trust.trustedUntilMs;
}

it('a stamp that names another server says nothing of this one', () => {
  expect(trustedUntil((_, counter) => ({ session: 's', counter, identity: 'elsewhere' }))).toBe(-Infinity);
  // The control: the same stamps, of this server.
  expect(trustedUntil((identity, counter) => ({ session: 's', counter, identity }))).toBe(1_002);
});

it('nobody takes a lease while it is good, were the watch a hundredth faster than the clock of who holds it', () => {
  const watch = new StandStill(DEFAULT_FRESHNESS);
  const endsMs = leaseGoodUntilMs(0, DEFAULT_FRESHNESS) * 1.01;
  watch.mayTake(1, 0);
  expect(watch.mayTake(1, endsMs)).toBe(false);
  expect(watch.mayTake(1, endsMs + 10)).toBe(true);
});
