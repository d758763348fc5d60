/** What the contract cannot do to a server that it did not start. */
import type { LeftOut } from './contract.ts';

const cannot = (what: string) => `the suite cannot ${what} a server that it did not start`;

export const LEFT_OUT_BY_URL: readonly LeftOut[] = [
  {
    case: 'the signal ends a subscription at once, also while the server is away',
    reason: cannot('kill'),
  },
  {
    case: 'truncation: subscribers are shown nothing of it, wherever they resume (after a scavenge, where the log needs one)',
    reason:
      'a node leaves its newest chunk alone, and the suite cannot scavenge a server that it did not start',
  },
  { case: 'G2: a retry after a restart of the server gets the original answer', reason: cannot('restart') },
  {
    case: 'G4: server down: every call ends with an error within its deadline, and recovers by itself',
    reason: cannot('kill'),
  },
  {
    case: 'G4: server hung: every call ends with an error within its deadline, and recovers by itself',
    reason: cannot('pause'),
  },
  {
    case: 'G2: an append to a hung server is in doubt; the same append later stands once',
    reason: cannot('pause'),
  },
  {
    case: 'G2: kill -9 during appends: nothing acknowledged is lost, nothing stands twice',
    reason: cannot('kill'),
  },
  {
    case: 'G5: kill -9 during a subscription: no gap, no duplicate, and its state is told',
    reason: cannot('kill'),
  },
  { case: 'G4: a hung server during a subscription: it goes on where it was', reason: cannot('pause') },
  {
    case: 'wrong credentials are refused, and no error shows them or the right ones',
    reason: 'the suite does not know whether this server has users, and cannot kill it',
  },
];
