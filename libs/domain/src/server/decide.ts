/** Server: decisions. */
import type { Authority } from '../authority.ts';
import type { Decider } from '../decider.ts';
import {
  conflict,
  invalidField,
  notFound,
  refuseBadName,
  refuseScoped,
  requirePermission,
} from '../refusals.ts';
import { parsed } from '../web/domain-name.ts';
import type { CreateServer, RemoveServer, ServerCommand, UpdateServer } from './commands.ts';
import { evolveServer, noServer, type KnownServer, type ServerEvent, type ServerState } from './events.ts';

export const server: Decider<ServerState, ServerCommand, ServerEvent> = {
  initial: noServer,
  evolve: evolveServer,
  decide(command, state) {
    switch (command.type) {
      case 'CreateServer':
        return create(command, state);
      case 'UpdateServer':
        return update(command, state);
      case 'RemoveServer':
        return remove(command, state);
      default:
        return command satisfies never;
    }
  },
};

function create(command: CreateServer, state: ServerState): readonly ServerEvent[] {
  const { at, actor, authority, serverId, organizationId, name, url } = command;
  requirePermission(authority, 'servers:write');
  refuseScoped(authority);
  refuseBadName(name);
  refuseBadUrl(url);
  if (state.status !== 'none') {
    // The id derives from the command id: the same server again is a retry.
    if (state.id === serverId && state.organizationId === organizationId && state.name === name) return [];
    throw conflict('A server with this id exists already.');
  }
  const data = { serverId, organizationId, name, ...(url !== undefined && { url }) };
  return [{ type: 'ServerCreated', data, at, actor }];
}

function update(command: UpdateServer, state: ServerState): readonly ServerEvent[] {
  const { at, actor, name, url } = command;
  requirePermission(command.authority, 'servers:write');
  if (name !== undefined) refuseBadName(name);
  refuseBadUrl(url);
  const found = existing(command, state, command.authority);
  if (found.status === 'removed') throw conflict('The server is removed and cannot be changed any more.');
  const events: ServerEvent[] = [];
  if (name !== undefined && name !== found.name)
    events.push({ type: 'ServerRenamed', data: { name }, at, actor });
  if (url !== undefined && url !== found.url)
    events.push({ type: 'ServerUrlChanged', data: { url }, at, actor });
  return events;
}

function remove(command: RemoveServer, state: ServerState): readonly ServerEvent[] {
  requirePermission(command.authority, 'servers:write');
  if (existing(command, state, command.authority).status === 'removed') return [];
  return [{ type: 'ServerRemoved', data: {}, at: command.at, actor: command.actor }];
}

/** Another organization's server, and one beyond the key's scope, are answered exactly as one that never was. */
function existing(
  command: { organizationId: string; serverId: string },
  state: ServerState,
  { scope }: Authority,
): KnownServer {
  const isThere =
    state.status !== 'none' &&
    state.id === command.serverId &&
    state.organizationId === command.organizationId;
  if (!isThere || scope?.servers?.includes(state.id) === false) throw notFound();
  return state;
}

const LONGEST_URL = 2_048;

/** Names and passwords in it would be stored and shown; a fragment never reaches a server. */
function refuseBadUrl(text: string | undefined): void {
  if (text === undefined) return;
  // The parser drops white space and control characters in silence.
  const url = text.length <= LONGEST_URL && !/[\s\p{C}]/u.test(text) ? parsed(text) : undefined;
  if (!url || !/^https?:\/\//i.test(text)) throw invalidField('url', 'must be an absolute http or https URL');
  if (url.username !== '' || url.password !== '')
    throw invalidField('url', 'must not carry a user name or password');
  if (text.includes('#')) throw invalidField('url', 'must not have a fragment');
}
