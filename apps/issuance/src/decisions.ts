/** Loads, decides and appends for the handlers: which stream, which codec, which decider, and what time. */
import { isDeepStrictEqual } from 'node:util';
import { isId, ProblemError, uuidFrom, type Actor } from '@mcpstack/contracts';
import {
  agent,
  agentCodec,
  authorityOf,
  key,
  keyCodec,
  notFound,
  organization,
  organizationCodec,
  server,
  serverCodec,
  streamName,
  user,
  userCodec,
  webhook,
  webhookCodec,
  type AgentCommand,
  type AgentEvent,
  type AgentState,
  type Authority,
  type Decider,
  type EventCodec,
  type KeyCommand,
  type KeyEvent,
  type KeyState,
  type OrganizationCommand,
  type OrganizationEvent,
  type OrganizationState,
  type ServerCommand,
  type ServerEvent,
  type ServerState,
  type UserCommand,
  type UserEvent,
  type UserState,
  type WebhookCommand,
  type WebhookEvent,
  type WebhookState,
} from '@mcpstack/domain';
import {
  handleCommand,
  KnownFolds,
  loadStream,
  type EventStore,
  type HandledCommand,
  type LoadedStream,
} from '@mcpstack/event-store';

/** Of a command as it arrived: what its events are stored with. */
export interface Cause {
  commandId: string;
  requestId: string;
  requestDigest: string;
}

/** Of a command with everything else left out. */
export function causeOf({ commandId, requestId, requestDigest }: Cause): Cause {
  return { commandId, requestId, requestDigest };
}

/** The cause of one of several steps of a command: a command of its own, the same for every retry. */
export function stepOf({ commandId, requestId, requestDigest }: Cause, step: string): Cause {
  return { commandId: uuidFrom(`${step}:${commandId}`), requestId, requestDigest };
}

/** The aggregates that commands decide on. */
export interface Aggregates {
  organization: { state: OrganizationState; command: OrganizationCommand; event: OrganizationEvent };
  user: { state: UserState; command: UserCommand; event: UserEvent };
  agent: { state: AgentState; command: AgentCommand; event: AgentEvent };
  server: { state: ServerState; command: ServerCommand; event: ServerEvent };
  key: { state: KeyState; command: KeyCommand; event: KeyEvent };
  webhook: { state: WebhookState; command: WebhookCommand; event: WebhookEvent };
}
export type Aggregate = keyof Aggregates;
type State<Of extends Aggregate> = Aggregates[Of]['state'];
type Event<Of extends Aggregate> = Aggregates[Of]['event'];
export type Decided<Of extends Aggregate> = HandledCommand<State<Of>, Event<Of>>;

const PARTS: {
  [Of in Aggregate]: {
    decider: Decider<State<Of>, Aggregates[Of]['command'], Event<Of>>;
    codec: EventCodec<Event<Of>>;
  };
} = {
  organization: { decider: organization, codec: organizationCodec },
  user: { decider: user, codec: userCodec },
  agent: { decider: agent, codec: agentCodec },
  server: { decider: server, codec: serverCodec },
  key: { decider: key, codec: keyCodec },
  webhook: { decider: webhook, codec: webhookCodec },
};

export interface DecideOptions {
  /** What the caller has seen; anything else is `precondition-failed`. Decimal. */
  ifRevision?: string | undefined;
  /** Runs after the decision and before the append: whatever must be safe by then. Its error ends the command. */
  beforeAppend?: () => Promise<void>;
}

/** Who acts, and where: both read from the log itself. */
export interface Standing {
  organization: OrganizationState;
  authority: Authority | undefined;
}

export class Decisions {
  /**
   * Every command reads its organization, which may have thousands of members and as many events. Other streams are
   * short, or hold what must be gone once it is erased.
   */
  private readonly organizations = new KnownFolds<OrganizationState>();

  constructor(
    readonly store: EventStore,
    /** ISO 8601, UTC. */
    readonly now: () => string = () => new Date().toISOString(),
  ) {}

  /** The organization, and what the actor may do in it at this moment. Reads at most two streams. */
  async standing(actor: Actor, organizationId: string): Promise<Standing> {
    const [there, maker] = await Promise.all([
      this.load('organization', organizationId),
      actor.type === 'key' && isId('key', actor.id) ? this.load('key', actor.id) : undefined,
    ]);
    return {
      organization: there.state,
      authority: authorityOf(actor, there.state, maker?.state, this.now()),
    };
  }

  /** What the actor may do in the organization at this moment. */
  async authority(actor: Actor, organizationId: string): Promise<Authority | undefined> {
    return (await this.standing(actor, organizationId)).authority;
  }

  /** The state of one aggregate, and where its stream stands. */
  load<Of extends Aggregate>(category: Of, id: string): Promise<LoadedStream<State<Of>>> {
    const { decider, codec } = PARTS[category];
    return loadStream<State<Of>, Event<Of>>({
      store: this.store,
      stream: streamName(category, id),
      codec,
      decider,
      ...this.rulesOf(category),
    });
  }

  /** Carries out one command on one aggregate, once, however often it is tried. */
  decide<Of extends Aggregate>(
    category: Of,
    id: string,
    { commandId, requestId, requestDigest }: Cause,
    command: Aggregates[Of]['command'],
    { ifRevision, beforeAppend }: DecideOptions = {},
  ): Promise<Decided<Of>> {
    const { decider, codec } = PARTS[category];
    return handleCommand<State<Of>, Aggregates[Of]['command'], Event<Of>>({
      store: this.store,
      stream: streamName(category, id),
      codec,
      decider,
      command,
      commandId,
      metadata: { correlationId: requestId, requestDigest },
      ...(ifRevision !== undefined && { ifRevision: BigInt(ifRevision) }),
      beforeAppend: async () => {
        await this.refuseLostKey(command);
        await beforeAppend?.();
      },
      ...this.rulesOf(category),
    });
  }

  /**
   * What a key may do in its organization stands in another stream than the organization, and was read before the first
   * attempt. While others change the organization there may be many: a key that was revoked meanwhile acts no more.
   */
  private async refuseLostKey(command: Aggregates[Aggregate]['command']): Promise<void> {
    if (!('keyAuthority' in command) || !command.keyAuthority) return;
    const { actor, organizationId, keyAuthority } = command;
    const authority = await this.authority(actor, organizationId);
    if (!authority) throw notFound();
    if (!isDeepStrictEqual(authority, keyAuthority))
      throw new ProblemError('conflict', 'The key that asks was changed at the same time; try again.');
  }

  /** What may be said of the streams of a category: what of them is known, whether they are erased. */
  private rulesOf<Of extends Aggregate>(category: Of): { known?: KnownFolds<State<Of>>; truncatable?: true } {
    if (category === 'user') return { truncatable: true };
    if (category !== 'organization') return {};
    return { known: this.organizations as unknown as KnownFolds<State<Of>> };
  }
}
