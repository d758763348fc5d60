/** The fold of auditors against the domain's own, over logs that the deciders made. */
import { codecFor, evolveKey, noKey, type KeyEvent, type KeyState } from '@mcpstack/domain';
import { expectedValue, LogFold } from '@mcpstack/replay';
import { randomOf } from './decided-log.ts';
import { RandomLog } from './random-log.ts';

function folded(log: RandomLog): LogFold {
  const fold = new LogFold({ forReadModels: true });
  for (const event of log.events) fold.apply(event);
  return fold;
}

it('comes for keys to what the domain comes to; control: another event, another key', () => {
  for (let seed = 1; seed <= 20; seed += 1) {
    const log = new RandomLog(randomOf(seed)).grow(300);
    const fold = folded(log);
    expect([...fold.broken]).toEqual([]);
    const states = new Map<string, KeyState>();
    for (const event of log.events) {
      if (!event.stream.startsWith('key-')) continue;
      const decoded = codecFor('key').decode(event) as KeyEvent;
      states.set(event.stream, evolveKey(states.get(event.stream) ?? noKey, decoded));
    }
    expect(states.size).toBeGreaterThan(10);
    for (const [stream, state] of states) {
      const name = `key:${stream.slice('key-'.length)}`;
      expect(expectedValue(fold, name, 'data')).toEqual(state);
      const [renamed] = [
        { type: 'KeyRenamed', data: { name: 'x' }, at: '', actor: { type: 'user', id: '' } },
      ] as const;
      expect(expectedValue(fold, name, 'data')).not.toEqual(evolveKey(state, renamed as never));
    }
  }
});

describe('what cannot be folded is never skipped', () => {
  const log = new RandomLog(randomOf(3)).grow(120);
  const [first] = log.events;
  const at = (index: number) => ({ ...log.events[index]! });

  it.each([
    ['an unknown type', { type: 'OrganizationTeleported' }, 'unknown-event'],
    ['an unknown version', { metadata: { ...first!.metadata, schemaVersion: 9 } }, 'unknown-event'],
    ['an unknown category', { stream: 'planet-1', revision: 0n }, 'unknown-event'],
    ['a second beginning', { revision: 1n }, 'invalid-event'],
    [
      'data that does not fit',
      { type: 'OrganizationRenamed', data: { nom: 'x' }, revision: 1n },
      'invalid-event',
    ],
    ['a gap', { type: 'OrganizationSuspended', data: {}, revision: 2n }, 'missing-events'],
    [
      'a revision that came before',
      { type: 'OrganizationSuspended', data: {}, revision: 0n },
      'missing-events',
    ],
  ])('%s', (_, changes, code) => {
    const fold = new LogFold();
    fold.apply(at(0));
    const event = { ...at(0), position: 7n, ...changes };
    fold.apply(event);
    const { fault } = fold.broken.get(event.stream)!;
    expect(fault).toMatchObject({ code, stream: event.stream, position: 7, type: event.type });
    // What follows in the stream changes nothing any more; other streams go on.
    const before = structuredClone(fold.state.organizations.get(first!.stream.slice(13)));
    if (event.stream === first!.stream) {
      fold.apply({ ...at(0), type: 'OrganizationSuspended', data: {}, revision: 9n });
      expect(fold.state.organizations.get(before!.id)).toEqual({ ...before, revision: 9 });
    }
  });

  it('but the stream of a person may have been cut: what stood before is gone', () => {
    const fold = new LogFold();
    const event = (revision: bigint, type: string, data: object) =>
      ({ ...at(0), stream: 'user-user_1', revision, type, data }) as never;
    fold.apply(event(0n, 'UserProfileChanged', { userId: 'user_1', name: 'Ada' }));
    fold.apply(event(4n, 'UserProfileChanged', { userId: 'user_1', email: 'a@example.com' }));
    expect(fold.broken.size).toBe(0);
    expect(fold.state.users.get('user_1')?.profile).toEqual({ userId: 'user_1', email: 'a@example.com' });
  });
});
