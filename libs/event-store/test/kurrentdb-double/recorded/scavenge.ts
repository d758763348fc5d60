/** scavenge/*: in the recording, one database in this order. */
import { all, appendIds, event, scenario, several, type Scenario } from './scenario.ts';

const STREAMS = ['gone', '$$gone', 'tomb', 'mc', '$$mc', 'keep'];

/** The revisions that `$all` shows of each stream. */
async function shown({ client }: Scenario): Promise<Record<string, string[]>> {
  const streams: Record<string, string[]> = Object.fromEntries(STREAMS.map((name) => [name, []]));
  for (const { event: one } of await all(client.readAll())) streams[one!.streamId]?.push(`${one!.revision}`);
  return streams;
}

export function scavengeScenarios(): void {
  const positions: Record<string, bigint> = {};
  scenario('scavenge', {}, (it) => {
    it('scavenge/all', async (world) => {
      const { client } = world;
      await client.appendToStream('gone', [event('x'), event('y')], { streamState: 'no_stream' });
      await client.deleteStream('gone');
      await client.appendToStream('tomb', event(), { streamState: 'no_stream' });
      await client.tombstoneStream('tomb');
      await client.appendToStream('mc', several(5), { streamState: 'no_stream' });
      await client.setStreamMetadata('mc', { maxCount: 2 });
      await client.appendToStream('keep', event(), { streamState: 'no_stream' });
      for (const { event: one } of await all(client.readAll()))
        positions[`${one!.streamId}@${one!.revision}`] = one!.position.commit;
      const before = await shown(world);
      await world.double.scavenge();
      return { http: 200, before, after: await shown(world) };
    });
    it('scavenge/deleted-then-retry-same-ids-no_stream', appendIds('gone', 'x', 'no_stream'));
    it('scavenge/read-recreated', async ({ client }) => all(client.readStream('gone')));
    it('scavenge/tombstoned-append', ({ client }) =>
      client.appendToStream('tomb', event(), { streamState: 'no_stream' }));
    it('scavenge/subscribe-from-scavenged-position', async ({ client }) => {
      const commit = positions['mc@0']!;
      const seen: string[] = [];
      const source = client.subscribeToAll({ fromPosition: { commit, prepare: commit } });
      (source as unknown as NodeJS.EventEmitter).on('error', () => undefined);
      for await (const { event: one } of source) {
        if (!one!.streamId.startsWith('$')) seen.push(`${one!.streamId}@${one!.revision}`);
        if (one!.streamId === 'keep') break;
      }
      return seen;
    });
    it('scavenge/readAll-from-scavenged-position', async ({ client }) => {
      const commit = positions['gone@0']!;
      const events = await all(client.readAll({ fromPosition: { commit, prepare: commit }, maxCount: 1 }));
      return events.map(({ event: one }) => `${one!.streamId}@${one!.revision}`);
    });
  });
}
