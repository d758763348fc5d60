/** Server: events and state. These names and shapes are a storage format (G10): never edit, add. */
import type { Actor } from '@mcpstack/contracts';
import { z } from 'zod';
import { eventCodec, firstVersion } from '../codec.ts';
import type { DomainEvent } from '../decider.ts';
import { id, name, text } from '../schemas.ts';

const serverCreated = z.strictObject({
  serverId: id('srv'),
  organizationId: id('org'),
  name,
  url: text.exactOptional(),
});
const serverRenamed = z.strictObject({ name });
const serverUrlChanged = z.strictObject({ url: text });
const serverRemoved = z.strictObject({});

export type ServerCreated = DomainEvent<'ServerCreated', z.infer<typeof serverCreated>>;
export type ServerRenamed = DomainEvent<'ServerRenamed', z.infer<typeof serverRenamed>>;
export type ServerUrlChanged = DomainEvent<'ServerUrlChanged', z.infer<typeof serverUrlChanged>>;
export type ServerRemoved = DomainEvent<'ServerRemoved', z.infer<typeof serverRemoved>>;
export type ServerEvent = ServerCreated | ServerRenamed | ServerUrlChanged | ServerRemoved;

export const serverCodec = eventCodec<ServerEvent>({
  ServerCreated: firstVersion(serverCreated),
  ServerRenamed: firstVersion(serverRenamed),
  ServerUrlChanged: firstVersion(serverUrlChanged),
  ServerRemoved: firstVersion(serverRemoved),
});

export interface KnownServer {
  status: 'active' | 'removed';
  id: string;
  organizationId: string;
  name: string;
  url?: string;
  createdAt: string;
  createdBy: Actor;
}
export type ServerState = { status: 'none' } | KnownServer;

export const noServer: ServerState = { status: 'none' };

export function evolveServer(state: ServerState, event: ServerEvent): ServerState {
  if (event.type === 'ServerCreated') {
    const { serverId, ...rest } = event.data;
    return { status: 'active', id: serverId, ...rest, createdAt: event.at, createdBy: event.actor };
  }
  if (state.status === 'none') return state;
  switch (event.type) {
    case 'ServerRenamed':
      return { ...state, name: event.data.name };
    case 'ServerUrlChanged':
      return { ...state, url: event.data.url };
    case 'ServerRemoved':
      return { ...state, status: 'removed' };
    default:
      return event satisfies never;
  }
}
