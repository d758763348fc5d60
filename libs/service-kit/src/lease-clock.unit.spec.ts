/** G4: the lease counts from the sending of its renewal, however late the answer is. */
import { DEFAULT_FRESHNESS } from '@mcpstack/contracts';
import { Lease } from './lease.ts';

it('an answer that comes after most of L leaves what is left of it', async () => {
  let nowMs = 0;
  const { leaseLifeMs } = DEFAULT_FRESHNESS;
  const lease = new Lease(
    {
      read: () => Promise.resolve(undefined),
      write: () => {
        nowMs = leaseLifeMs - 10;
        return Promise.resolve(1);
      },
    },
    { freshness: DEFAULT_FRESHNESS, holder: 'a', nowMs: () => nowMs },
  );
  expect(await lease.acquire(new AbortController().signal)).toBe(true);
  expect(lease.held()).toBe(true);
  nowMs = leaseLifeMs;
  expect(lease.held()).toBe(false);
});
