/** The double is held to the recording of a real node: each applicable case, through the real client. */
import { appendScenarios } from './recorded/appends.ts';
import { idempotenceScenarios } from './recorded/idempotence.ts';
import { LEFT_OUT, isLeftOut } from './recorded/left-out.ts';
import { RECORDED, expectSameOrder, masked, noted } from './recorded/recording.ts';
import { refusalScenarios } from './recorded/refusals.ts';
import { RUN } from './recorded/scenario.ts';
import { scavengeScenarios } from './recorded/scavenge.ts';
import { streamScenarios } from './recorded/streams.ts';
import { subscriptionScenarios } from './recorded/subscriptions.ts';

appendScenarios();
idempotenceScenarios();
streamScenarios();
subscriptionScenarios();
refusalScenarios();
scavengeScenarios();

describe('the recording', () => {
  it('has each case either run or left out with a reason, none both, none unknown', () => {
    const recorded = [...RECORDED.keys()];
    const leftOut = recorded.filter((name) => LEFT_OUT.some((one) => isLeftOut(name, one)));
    expect(recorded.filter((name) => !RUN.has(name) && !leftOut.includes(name))).toEqual([]);
    expect(leftOut.filter((name) => RUN.has(name))).toEqual([]);
    expect([...RUN].filter((name) => !RECORDED.has(name))).toEqual([]);
    for (const one of LEFT_OUT) {
      expect([one.cases, recorded.some((name) => isLeftOut(name, one))]).toEqual([one.cases, true]);
      expect(one.reason).not.toBe('');
    }
    expect({ recorded: recorded.length, run: RUN.size, leftOut: leftOut.length }).toEqual({
      recorded: 316,
      run: 246,
      leftOut: 70,
    });
  });

  // The controls: a comparison that masks too much would let anything pass.
  it('tells another revision, another error and another order of positions apart', () => {
    const then = RECORDED.get('append/bigint/too-high')!.error;
    const other = { ...(then as object), actualState: '5n' };
    expect(masked(other)).not.toEqual(masked(then));
    expect(masked(noted(Object.assign(new Error('x'), { type: 'unknown' })))).not.toEqual(masked(then));
    expect(() =>
      expectSameOrder([
        [1n, 10n],
        [2n, 5n],
      ]),
    ).toThrow();
    expect(() =>
      expectSameOrder([
        [1n, 10n],
        [1n, 11n],
      ]),
    ).toThrow();
    expectSameOrder([
      [5n, 7n],
      [1n, 2n],
      [5n, 7n],
    ]);
  });
});
