/**
 * Stands for issuance, on the wire alone: the decisions, and how they are carried out on a real log, are the real
 * ones.
 */
import { randomUUID } from 'node:crypto';
import { COMMAND_SUBJECTS, ProblemError, toWireProblem, type CommandEnvelope } from '@mcpstack/contracts';
import {
  agent,
  agentCodec,
  key,
  keyCodec,
  streamName,
  type AgentCommand,
  type AgentEvent,
  type DomainOfAgent,
} from '@mcpstack/domain';
import { handleCommand, type EventStore } from '@mcpstack/event-store';
import type { Msg, NatsConnection } from '@nats-io/transport-node';

type Envelope = CommandEnvelope<Record<string, string>>;
type Served = 'recordKeyExpiry' | 'recordDomainCheck' | 'contestDomain';

export class LogIssuance {
  /** Every command that arrived. */
  readonly commands: { name: Served; envelope: Envelope }[] = [];
  /** Answers in the place of the log when it answers something; `lost`: carries it out and says nothing. */
  behave: (name: Served, envelope: Envelope) => ProblemError | 'lost' | undefined = () => undefined;
  /** The id that a command is carried out under; by default its own. */
  commandIdOf: (envelope: Envelope) => string = ({ commandId }) => commandId;
  /** How what is due of a key is decided. */
  keyDecider: typeof key = key;

  constructor(
    nats: NatsConnection,
    private readonly store: EventStore,
  ) {
    for (const name of ['recordKeyExpiry', 'recordDomainCheck', 'contestDomain'] as const) {
      nats.subscribe(COMMAND_SUBJECTS[name], {
        queue: 'issuance',
        callback: (error, message) => {
          if (!error) void this.#take(name, message);
        },
      });
    }
  }

  /** Carries out a command on an agent. */
  onAgent(
    agentId: string,
    command: AgentCommand,
    cause = { commandId: randomUUID() as string, metadata: { correlationId: 'r', requestDigest: 'd' } },
  ) {
    const stream = streamName('agent', agentId);
    return handleCommand<Parameters<typeof agent.decide>[1], AgentCommand, AgentEvent>({
      store: this.store,
      stream,
      codec: agentCodec,
      decider: agent,
      command,
      ...cause,
    });
  }

  async #take(name: Served, message: Msg): Promise<void> {
    const { id, data } = message.json<{ id: string; data: Envelope }>();
    this.commands.push({ name, envelope: data });
    try {
      const behaviour = this.behave(name, data);
      if (behaviour instanceof ProblemError) throw behaviour;
      const response = await this.#carryOut(name, data);
      if (behaviour !== 'lost') message.respond(JSON.stringify({ id, response, isDisposed: true }));
    } catch (error) {
      message.respond(JSON.stringify({ id, err: toWireProblem(error as ProblemError), isDisposed: true }));
    }
  }

  async #carryOut(name: Served, envelope: Envelope): Promise<unknown> {
    const { actor, input, requestId, requestDigest } = envelope;
    const at = new Date().toISOString();
    const cause = {
      commandId: this.commandIdOf(envelope),
      metadata: { correlationId: requestId, requestDigest },
    };
    if (name === 'recordKeyExpiry') {
      const { organizationId = '', keyId = '' } = input;
      const command = { type: 'RecordKeyExpiry', at, actor, organizationId, keyId } as const;
      const stream = streamName('key', keyId);
      const { position } = await handleCommand({
        store: this.store,
        stream,
        codec: keyCodec,
        decider: this.keyDecider,
        command,
        ...cause,
      });
      return { position: `${position}` };
    }
    const type = name === 'recordDomainCheck' ? 'RecordDomainCheck' : 'ContestDomain';
    const fresh = type === 'ContestDomain' ? { challenge: challengeOf() } : {};
    const command = { type, at, actor, ...input, ...fresh } as unknown as AgentCommand;
    const { position, state } = await this.onAgent(input['agentId']!, command, cause);
    if (state.status === 'none') throw new ProblemError('not-found', 'There is no such domain.');
    const domain: DomainOfAgent = state.domains[input['domainId']!]!;
    return {
      position: `${position}`,
      domain: { ...domain, organizationId: state.organizationId, agentId: state.id },
    };
  }
}

export function challengeOf(): string {
  return `mcpstack-verify=${randomUUID().replaceAll('-', '').padEnd(43, '0')}`;
}
