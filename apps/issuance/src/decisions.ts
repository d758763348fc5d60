/** Loads, decides and appends for the handlers: which stream, which codec, which decider, and what time. */
import { isId, type Actor } from '@mcpstack/contracts';
import {
  authorityOf,
  key,
  keyCodec,
  organization,
  organizationCodec,
  streamName,
  type Authority,
  type KeyCommand,
  type KeyEvent,
  type KeyState,
  type OrganizationCommand,
  type OrganizationEvent,
  type OrganizationState,
} from '@mcpstack/domain';
import { handleCommand, loadStream, type EventStore, type HandledCommand } from '@mcpstack/event-store';

/** Of a command as it arrived: what its events are stored with. */
export interface Cause {
  commandId: string;
  requestId: string;
  requestDigest: string;
}

export class Decisions {
  constructor(
    private readonly store: EventStore,
    /** ISO 8601, UTC. */
    readonly now: () => string = () => new Date().toISOString(),
  ) {}

  /** What the actor may do in the organization at this moment, read from the log itself. */
  async authority(actor: Actor, organizationId: string): Promise<Authority | undefined> {
    const [there, maker] = await Promise.all([
      this.loadOrganization(organizationId),
      actor.type === 'key' && isId('key', actor.id) ? this.loadKey(actor.id) : undefined,
    ]);
    return authorityOf(actor, there, maker);
  }

  async loadOrganization(id: string): Promise<OrganizationState> {
    const stream = streamName('organization', id);
    const options = { store: this.store, stream, codec: organizationCodec, decider: organization };
    return (await loadStream<OrganizationState, OrganizationEvent>(options)).state;
  }

  async loadKey(id: string): Promise<KeyState> {
    const stream = streamName('key', id);
    const options = { store: this.store, stream, codec: keyCodec, decider: key };
    return (await loadStream<KeyState, KeyEvent>(options)).state;
  }

  organization(
    cause: Cause,
    command: OrganizationCommand,
  ): Promise<HandledCommand<OrganizationState, OrganizationEvent>> {
    return handleCommand({
      store: this.store,
      stream: streamName('organization', command.organizationId),
      codec: organizationCodec,
      decider: organization,
      command,
      ...stored(cause),
    });
  }

  key(cause: Cause, command: KeyCommand): Promise<HandledCommand<KeyState, KeyEvent>> {
    return handleCommand({
      store: this.store,
      stream: streamName('key', command.keyId),
      codec: keyCodec,
      decider: key,
      command,
      ...stored(cause),
    });
  }
}

function stored({ commandId, requestId, requestDigest }: Cause) {
  return { commandId, metadata: { correlationId: requestId, requestDigest } };
}
