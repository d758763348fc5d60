import { ProblemError } from '@mcpstack/contracts';
import { MAX_PAGE_SIZE, type Reading } from '@mcpstack/read-models';
import { Log } from '@mcpstack/service-kit';
import { SystemCommands } from '../system-commands.ts';
import { KeyExpiry } from './key-expiry.ts';

const { signal } = new AbortController();
const reading = <Value>(value: Value): Reading<Value> => ({
  value,
  beganAtMs: 0,
  position: '1',
  trusted: true,
  freshUntilMs: Infinity,
  freshForMs: () => 0,
});

/** Keys that are due until `send` has taken them; the order of the list is always the same. */
function scene(count: number, send: (keyId: string) => Promise<void>) {
  const due = new Set(Array.from({ length: count }, (_, index) => `key_${index}`));
  const limits: number[] = [];
  const sent: string[] = [];
  const listDueKeys = (_untilMs: number, limit: number) => {
    limits.push(limit);
    return Promise.resolve(
      reading([...due].slice(0, limit).map((keyId) => ({ organizationId: 'org_1', keyId }))),
    );
  };
  const client = {
    send: async (_name: string, { input }: { input: unknown }) => {
      const { keyId } = input as { keyId: string };
      sent.push(keyId);
      await send(keyId);
      due.delete(keyId);
      return { position: '1' };
    },
  };
  const log = new Log('spec', 'silent');
  const expiry = new KeyExpiry({
    models: { listDueKeys },
    commands: new SystemCommands(client as never),
    log,
  });
  return { expiry, due, sent, limits };
}

describe('a poll for keys that are due', () => {
  it('says that there is more until all of a backlog is sent, and never asks for more than may be listed', async () => {
    const { expiry, due, sent, limits } = scene(450, () => Promise.resolve());
    let polls = 1;
    while (await expiry.poll(signal)) polls += 1;
    expect(polls).toBe(5);
    expect(due.size).toBe(0);
    expect(new Set(sent).size).toBe(450);
    expect(sent).toHaveLength(450);
    expect(Math.max(...limits)).toBeLessThanOrEqual(MAX_PAGE_SIZE);
  });

  it('has at most eight commands under way', async () => {
    let atOnce = 0;
    let most = 0;
    const { expiry } = scene(50, async () => {
      most = Math.max(most, (atOnce += 1));
      await new Promise((resolve) => setImmediate(resolve));
      atOnce -= 1;
    });
    await expiry.poll(signal);
    expect(most).toBe(8);
  });

  it('gives up soon when issuance is away', async () => {
    const away = new ProblemError('unavailable', 'Away.');
    const { expiry, sent, due } = scene(100, () => Promise.reject(away));
    await expect(expiry.poll(signal)).rejects.toBe(away);
    expect(sent.length).toBeLessThanOrEqual(16);
    expect(due.size).toBe(100);
  });

  it('keys that are never answered hold up nobody', async () => {
    const { expiry, due } = scene(30, (keyId) =>
      Number(keyId.slice(4)) < 8
        ? Promise.reject(new ProblemError('unavailable', 'Away.'))
        : Promise.resolve(),
    );
    for (let polls = 0; polls < 3; polls += 1) await expiry.poll(signal).catch(() => undefined);
    expect([...due]).toEqual(Array.from({ length: 8 }, (_, index) => `key_${index}`));
  });

  it('a hundred refused keys do not crowd out the others', async () => {
    const { expiry, due, sent } = scene(150, (keyId) =>
      Number(keyId.slice(4)) < 100 ? Promise.reject(new ProblemError('not-found', 'No.')) : Promise.resolve(),
    );
    while (await expiry.poll(signal));
    expect(due.size).toBe(100);
    expect(sent).toHaveLength(150);
  });

  it('sends nothing once it is told to stop', async () => {
    const { expiry, sent } = scene(10, () => Promise.resolve());
    await expiry.poll(AbortSignal.abort());
    expect(sent).toEqual([]);
  });
});
