import { newId } from '@mcpstack/contracts';
import { keysOfMaker, type KeysOfMakerDeps } from './keys-of-maker.ts';

const request = {
  organizationId: newId('organization'),
  maker: { type: 'user', id: newId('user') },
  position: '5',
  timeoutMs: 50,
} as const;

let asked: unknown[];
beforeEach(() => (asked = []));

function deps(
  answer: readonly string[] | 'too-many' | 'superseded' | Error,
  confirmed = true,
): KeysOfMakerDeps {
  return {
    confirmations: {
      ask: (what) => {
        asked.push(what);
        return Promise.resolve(confirmed ? { confirmed } : { confirmed, reason: 'the read models are at 4' });
      },
    },
    session: () => ({
      keysOfMaker: (query) => {
        asked.push(query);
        return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
      },
    }),
    mostKeys: 3,
  };
}

describe('G8: the keys of a maker', () => {
  it('once the position is applied', async () => {
    expect(await keysOfMaker(request, deps(['key_1']))).toEqual({ keyIds: ['key_1'] });
    const { organizationId, maker, position, timeoutMs } = request;
    expect(asked).toEqual([
      { position, need: 'visible', timeoutMs },
      { organizationId, maker, limit: 3 },
    ]);
  });

  it('nothing is answered before, and the read models are not asked', async () => {
    expect(await keysOfMaker(request, deps([], false))).toEqual({ reason: 'the read models are at 4' });
    expect(asked).toHaveLength(1);
  });

  it.each([
    ['too-many', 'the maker has more than 3 keys in force'],
    ['superseded', 'the read models were just replaced'],
    [new Error('Redis refused'), 'Redis refused'],
  ] as const)('%s is a reason, never a list that lacks some', async (answer, reason) =>
    expect(await keysOfMaker(request, deps(answer))).toEqual({ reason }),
  );

  it('without a session that is live', async () =>
    expect(await keysOfMaker(request, { ...deps([]), session: () => undefined })).toEqual({
      reason: 'no read models are live',
    }));

  it.each([
    undefined,
    null,
    {},
    { ...request, organizationId: 'org' },
    { ...request, maker: 'user_1' },
    { ...request, maker: { type: 'system', id: 'scheduler' } },
    { ...request, maker: { type: 'user', id: 'key_1' } },
    { ...request, maker: { type: 'key', id: '*' } },
  ])('refuses %j', async (malformed) => {
    expect(await keysOfMaker(malformed, deps([]))).toEqual({ reason: 'malformed request' });
    expect(asked).toEqual([]);
  });
});
