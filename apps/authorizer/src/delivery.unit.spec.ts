import { ProblemError, type ProblemCode } from '@mcpstack/contracts';
import { waitFor } from '@mcpstack/testing';
import { Delivery, type DeliveryOptions } from './delivery.ts';

const INPUT = { source: 'authorizer-of-spec', number: 1, windows: [] };
const ID = '00000000-0000-8000-8000-000000000001';
const problem = (code: ProblemCode) => new ProblemError(code, 'Repeat the request.');

/** A delivery to an issuance that fails with these first, then takes everything. */
function delivering(failures: readonly (Error | 'silence')[], more: Partial<DeliveryOptions> = {}) {
  const sent: { name: string; envelope: { commandId: string } }[] = [];
  const refused: unknown[] = [];
  const send = ((name: string, envelope: { commandId: string }) => {
    const failure = failures[sent.length];
    sent.push({ name, envelope });
    if (failure === 'silence') return new Promise(() => undefined);
    return failure === undefined ? Promise.resolve({ position: '1' }) : Promise.reject(failure);
  }) as unknown as DeliveryOptions['client']['send'];
  const delivery = new Delivery({
    client: { send },
    onRefused: (error) => refused.push(error),
    firstPauseMs: 1,
    ...more,
  });
  return { delivery, sent, refused };
}

describe('a command', () => {
  it('is the system’s, and the same in every try', async () => {
    const { delivery, sent, refused } = delivering([problem('unavailable'), problem('not-final')]);
    expect(await delivery.deliver('recordUsage', ID, INPUT)).toBe(true);
    expect(sent).toHaveLength(3);
    expect(new Set(sent.map((command) => JSON.stringify(command))).size).toBe(1);
    expect(sent[0]).toMatchObject({
      name: 'recordUsage',
      envelope: { commandId: ID, actor: { type: 'system', id: 'authorizer' }, input: INPUT },
    });
    expect(refused).toEqual([]);
  });

  it.each<ProblemCode>(['validation-failed', 'forbidden', 'not-found'])(
    'that is refused (%s) is not sent again, and told of',
    async (code) => {
      const { delivery, sent, refused } = delivering([problem(code)]);
      expect(await delivery.deliver('recordUsage', ID, INPUT)).toBe(false);
      expect(sent).toHaveLength(1);
      expect(refused).toMatchObject([{ code }]);
    },
  );

  it('that issuance trips over is given up some time', async () => {
    const always = Array.from({ length: 99 }, () => problem('internal'));
    const { delivery, sent, refused } = delivering(always);
    delivery.giveUpAfter(30_000);
    expect(await delivery.deliver('recordUsage', ID, INPUT)).toBe(false);
    expect(sent).toHaveLength(20);
    expect(refused).toHaveLength(1);
  });
});

describe('stopping', () => {
  it('tries at once what waits for an answer or in a pause', async () => {
    const { delivery, sent } = delivering(['silence'], { firstPauseMs: 60_000 });
    const delivered = delivery.deliver('recordUsage', ID, INPUT);
    delivery.giveUpAfter(5_000);
    expect(await delivered).toBe(true);
    expect(sent).toHaveLength(2);
    const paused = delivering([problem('unavailable')], { firstPauseMs: 60_000 });
    const later = paused.delivery.deliver('recordUsage', ID, INPUT);
    await waitFor(() => paused.sent.length === 1);
    paused.delivery.giveUpAfter(5_000);
    expect(await later).toBe(true);
  });

  it('goes on for longer than that while anything is taken', async () => {
    const client = {
      send: () => new Promise((resolve) => setTimeout(resolve, 60, { position: '1' })),
    } as unknown as DeliveryOptions['client'];
    const delivery = new Delivery({ client, onRefused: () => undefined });
    delivery.giveUpAfter(600);
    for (let n = 0; n < 15; n += 1) expect(await delivery.deliver('recordUsage', ID, INPUT)).toBe(true);
  });

  it('ends in time though nobody answers', async () => {
    const { delivery } = delivering(Array.from({ length: 99 }, () => 'silence'));
    const delivered = delivery.deliver('recordUsage', ID, INPUT);
    const began = performance.now();
    delivery.giveUpAfter(50);
    await delivery.idle();
    expect(await delivered).toBe(false);
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});
