/** Handlers of the commands on servers. */
import { deriveId, type Positioned, type ServerOutput } from '@mcpstack/contracts';
import { Injectable, type Provider } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Confirmation } from '../confirmation.ts';
import { Decisions, type Decided } from '../decisions.ts';
import { plain } from '../envelope.ts';
import { CreateServerCommand, RemoveServerCommand, UpdateServerCommand } from './commands.ts';

type AnyServerCommand = CreateServerCommand | UpdateServerCommand | RemoveServerCommand;

@Injectable()
class ServerHandler {
  constructor(
    protected readonly decisions: Decisions,
    protected readonly confirmation: Confirmation,
  ) {}

  protected async acting({ actor, input: { organizationId } }: AnyServerCommand) {
    const authority = await this.decisions.authority(actor, organizationId);
    return { at: this.decisions.now(), actor, organizationId, authority };
  }

  protected async answer(
    { state, stateRevision, position }: Decided<'server'>,
    requestId: string,
  ): Promise<ServerOutput> {
    if (state.status === 'none') throw new Error('the server is not there');
    await this.confirmation.visible(position, requestId);
    const { status, ...shown } = state;
    return {
      server: { ...shown, state: status, revision: stateRevision.toString() },
      position: position.toString(),
    };
  }
}

@CommandHandler(CreateServerCommand)
export class CreateServerHandler extends ServerHandler implements ICommandHandler<CreateServerCommand> {
  async execute(command: CreateServerCommand): Promise<ServerOutput> {
    const serverId = deriveId('server', command.commandId);
    const decided = await this.decisions.decide('server', serverId, command, {
      type: 'CreateServer',
      ...(await this.acting(command)),
      serverId,
      ...plain(command.input),
    });
    return this.answer(decided, command.requestId);
  }
}

@CommandHandler(UpdateServerCommand)
export class UpdateServerHandler extends ServerHandler implements ICommandHandler<UpdateServerCommand> {
  async execute(command: UpdateServerCommand): Promise<ServerOutput> {
    const { ifRevision, ...asked } = plain(command.input);
    const decided = await this.decisions.decide(
      'server',
      asked.serverId,
      command,
      { type: 'UpdateServer', ...(await this.acting(command)), ...asked },
      { ifRevision },
    );
    return this.answer(decided, command.requestId);
  }
}

@CommandHandler(RemoveServerCommand)
export class RemoveServerHandler extends ServerHandler implements ICommandHandler<RemoveServerCommand> {
  async execute(command: RemoveServerCommand): Promise<Positioned> {
    const { serverId } = command.input;
    const { position } = await this.decisions.decide('server', serverId, command, {
      type: 'RemoveServer',
      ...(await this.acting(command)),
      serverId,
    });
    await this.confirmation.visible(position, command.requestId);
    return { position: position.toString() };
  }
}

export const SERVER_HANDLERS: readonly Provider[] = [
  CreateServerHandler,
  UpdateServerHandler,
  RemoveServerHandler,
];
