/** G9: whoever writes to the log chains what they write, also many at once, and after an old, unchained event. */
import { randomUUID } from 'node:crypto';
import type { CommandName } from '@mcpstack/contracts';
import type { RecordedEvent } from '@mcpstack/event-store';
import { Log } from '@mcpstack/service-kit';
import { chainFaults } from '@mcpstack/testing';
import { Decisions } from '../src/decisions.ts';
import type { RecordUsageCommand } from '../src/usage/commands.ts';
import { RecordUsageHandler } from '../src/usage/record-usage.ts';
import { person, systemActor } from './checks.ts';
import { Harness } from './harness.ts';
import { storeWith } from './parts.ts';
import { RESTRICTING } from './restricting.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start();
  await harness.addInstance();
});
afterAll(() => harness.stop());

async function wholeLog(): Promise<RecordedEvent[]> {
  const head = await harness.store.head();
  const ending = new AbortController();
  const events: RecordedEvent[] = [];
  for await (const event of harness.store.subscribe({ signal: ending.signal })) {
    events.push(event);
    if (event.position >= head) break;
  }
  ending.abort();
  return events;
}

const usage = (keyId: string, batch: { source: string; number: number }) =>
  harness.envelope(
    {
      ...batch,
      windows: [1, 2].map((count) => ({
        keyId,
        organizationId: harness.organizationId,
        from: '2026-01-02T03:04:00.000Z',
        to: '2026-01-02T03:04:10.000Z',
        count,
        lastUsedAt: '2026-01-02T03:04:09.000Z',
      })),
    },
    { actor: { type: 'system', id: 'authorizer' } },
  ) as unknown as RecordUsageCommand;

describe('G9: every stream is chained', () => {
  it('whatever command wrote it', async () => {
    for (const [command, make] of Object.entries(RESTRICTING)) {
      const { input, changes } = await make(harness);
      await harness.send(command as CommandName, input, changes);
    }
    const { organizationId } = harness;
    const actor = person();
    for (const name of ['Ada', 'Grace']) await harness.send('changeProfile', { name }, { actor });
    await harness.send('inviteMember', { organizationId, email: 'm@example.com', role: 'viewer' });
    const keys = [1, 2].map(() => ({
      name: 'imported',
      role: 'developer' as const,
      digest: randomUUID().replaceAll('-', '').repeat(2),
    }));
    await harness.send('importKeys', { organizationId, keys });
    const log = await wholeLog();
    expect(chainFaults(log)).toEqual([]);
    expect(log.filter(({ metadata }) => 'previousDigest' in metadata).length).toBeGreaterThan(20);
    expect(log.filter(({ metadata }) => 'salt' in metadata).length).toBeGreaterThan(2);
  });

  it('two instances and twenty changes of one organization at once', async () => {
    const organizationId = await harness.createOrganization('Raced', harness.owner.id);
    const rename = async (_: unknown, n: number): Promise<unknown> => {
      const commandId = randomUUID();
      const once = () =>
        harness.send('renameOrganization', { organizationId, name: `Raced ${n}` }, { commandId });
      // With many at once on a busy machine one may run out of time; the same command goes on then.
      return once().catch(once).catch(once);
    };
    await Promise.all(Array.from({ length: 20 }, rename));
    const events = await harness.events(`organization-${organizationId}`);
    expect(events).toHaveLength(21);
    expect(chainFaults(events)).toEqual([]);
  });

  it('uses of a key, with each batch taken by two instances at once that both go on from what they remember', async () => {
    const { key } = await harness.createKey();
    const log = new Log('spec', 'silent');
    let minute = 0;
    // Each run at a time of its own, as on a clock that goes on.
    const now = () => new Date(Date.UTC(2026, 0, 2, 4, (minute += 1) % 60)).toISOString();
    const handlers = [1, 2].map(() => new RecordUsageHandler(new Decisions(harness.store, now), log));
    const source = randomUUID();
    for (let number = 1; number <= 10; number += 1) {
      const command = usage(key.id, { source, number });
      // Now the one is first, now the other.
      const inTurn = number % 2 === 0 ? handlers : handlers.toReversed();
      await Promise.all(inTurn.map((handler) => handler.execute(command)));
    }
    const events = await harness.events(`usage-${key.id}`);
    expect(events).toHaveLength(20);
    expect(chainFaults(events)).toEqual([]);
  });

  it('after an old event that carries nothing the next one carries its digest', async () => {
    const { key } = await harness.createKey();
    const stream = `key-${key.id}`;
    const old = { type: 'KeyRenamed', data: { name: 'old' }, metadata: {} };
    const metadata = (await harness.events(stream))[0]!.metadata;
    await harness.store.append(stream, 0n, [
      { ...old, id: randomUUID(), metadata: { ...metadata, schemaVersion: 1 } },
    ]);
    await harness.revokeKey(key.id);
    const events = await harness.events(stream);
    expect(chainFaults(events)).toEqual([`${stream} 1 (KeyRenamed): no link`]);
  });

  it('control: a writer that leaves the digest or the salt out, or carries another, is found', async () => {
    const actor = person();
    const without = (name: string, value?: string) =>
      new Decisions(
        storeWith(harness.store, (store, stream, expected, events, options) => {
          const changed = events.map((event) => {
            const { [name]: _, ...rest } = event.metadata;
            return { ...event, metadata: { ...rest, ...(value !== undefined && { [name]: value }) } };
          });
          return store.append(stream, expected, changed, options);
        }),
      );
    const change = (decisions: Decisions, name: string) =>
      decisions.decide(
        'user',
        actor.id,
        { commandId: randomUUID(), requestId: 'r', requestDigest: 'd' },
        { type: 'ChangeProfile', at: new Date().toISOString(), actor: systemActor, userId: actor.id, name },
      );
    await change(new Decisions(harness.store), 'Ada');
    await change(without('previousDigest'), 'Bea');
    await change(without('previousDigest', '0'.repeat(64)), 'Cleo');
    await change(without('salt'), 'Dora');
    expect(chainFaults(await harness.events(`user-${actor.id}`))).toEqual([
      `user-${actor.id} 1 (UserProfileChanged): no link`,
      `user-${actor.id} 2 (UserProfileChanged): a link to another event`,
      `user-${actor.id} 3 (UserProfileChanged): no salt`,
    ]);
  });
});
