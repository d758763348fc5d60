/** Commands on servers, as the decisions see them. */
import type { Actor } from '@mcpstack/contracts';
import type { Authority } from '../authority.ts';

interface ServerCommandBase {
  /** ISO 8601, UTC. */
  at: string;
  actor: Actor;
  organizationId: string;
  serverId: string;
  /** `authorityOf` the actor in the organization; `undefined` for whoever has none there. */
  authority: Authority | undefined;
}
export interface CreateServer extends ServerCommandBase {
  type: 'CreateServer';
  name: string;
  url?: string;
}
export interface UpdateServer extends ServerCommandBase {
  type: 'UpdateServer';
  name?: string;
  url?: string;
}
export interface RemoveServer extends ServerCommandBase {
  type: 'RemoveServer';
}
export type ServerCommand = CreateServer | UpdateServer | RemoveServer;
