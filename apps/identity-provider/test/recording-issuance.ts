/** Stands for issuance: real NATS, the real contract, no logic. */
import {
  COMMAND_SUBJECTS,
  deriveId,
  type CommandContracts,
  type CommandEnvelope,
  type Organization,
} from '@mcpstack/contracts';
import type { NatsConnection } from '@nats-io/transport-node';

type Input = CommandContracts['createOrganization']['input'];

export class RecordingIssuance {
  readonly commands: { envelope: CommandEnvelope<Input> }[] = [];

  constructor(connection: NatsConnection) {
    connection.subscribe(COMMAND_SUBJECTS.createOrganization, {
      callback: (error, message) => {
        if (error) return;
        // Nest's envelope: the command stands in `data`, and the answer in `response`.
        const { id, data } = message.json<{ id: string; data: CommandEnvelope<Input> }>();
        this.commands.push({ envelope: data });
        const organization: Partial<Organization> = {
          id: deriveId('organization', data.commandId),
          name: data.input.name,
        };
        message.respond(JSON.stringify({ id, response: { organization }, isDisposed: true }));
      },
    });
  }
}
