/** Read model: one record per server, and the list of an organization's servers. */
import type { Server } from '@mcpstack/contracts';
import { evolveServer, noServer, type KnownServer, type ServerEvent } from '@mcpstack/domain';
import { listRecords } from './list-records.ts';
import { names } from './namespace.ts';
import { requireBeginning, type Projected, type ReadModel, type Write } from './read-model.ts';
import { READ_SCRIPTS } from './read-scripts.ts';
import type { ReadModels } from './reading.ts';
import { readable, rowsIn, type Found } from './row.ts';
import type { TrustedReader } from './trusted-reader.ts';

export const servers: ReadModel<KnownServer, ServerEvent> = {
  category: 'server',
  recordName: names.server,
  toldIn: ({ organizationId }) => organizationId,
  project(before, event, { id, position }): Projected<KnownServer> {
    const made = event.type === 'ServerCreated' ? event.data.serverId : undefined;
    requireBeginning(before, event, { made, id });
    const after = evolveServer(before ?? noServer, event);
    if (after.status === 'none') throw new Error(`${event.type} ended in no server`);
    return { record: after, writes: listed(before, after, position) };
  },
};

function listed(before: KnownServer | undefined, after: KnownServer, position: bigint): Write[] {
  const name = names.serversOf(after.organizationId);
  if (!before) return [['ZADD', name, `${position}`, after.id]];
  return after.status === 'removed' && before.status !== 'removed' ? [['ZREM', name, after.id]] : [];
}

function serverOf({ data: { status, ...shown }, revision }: Found<KnownServer>): Server {
  return { ...shown, state: status, revision };
}

export function serverReads(reader: TrustedReader): Pick<ReadModels, 'getServer' | 'listServers'> {
  return {
    getServer: async (organizationId, serverId) =>
      reader.read(READ_SCRIPTS.records, [names.server(serverId)], (reply) => {
        const found = readable<KnownServer>(rowsIn(reply)[0]!);
        // A foreign server and an unknown one give the same answer (G8).
        return found?.data.organizationId === organizationId ? serverOf(found) : undefined;
      }),
    listServers: async (organizationId, request = {}) =>
      listRecords(reader, request, {
        list: { name: names.serversOf(organizationId), order: 'newest' },
        category: 'server',
        itemOf: serverOf,
      }),
  };
}
