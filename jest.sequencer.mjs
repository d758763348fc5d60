// The order of spec files. Those that take longest begin first, so that no worker is left alone with one at the
// end; and they meet a young worker: each file's modules stay in a worker's memory, and collecting it slows it.
import Sequencer from '@jest/test-sequencer';

const LONGEST_FIRST = [
  /kurrentdb\.contract/,
  /recorded\.int/,
  /jetstream\.contract/,
  /image\.int/,
  /\.e2e\./,
  /\.int\./,
];

/** @param {{ path: string }} test */
function rank({ path }) {
  const at = LONGEST_FIRST.findIndex((pattern) => pattern.test(path));
  return at < 0 ? LONGEST_FIRST.length : at;
}

export default class LongestFirst extends Sequencer {
  /** @param {{ path: string }[]} tests */
  sort(tests) {
    return [...tests].sort((a, b) => rank(a) - rank(b) || (a.path < b.path ? -1 : 1));
  }
}
