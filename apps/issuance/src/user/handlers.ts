/** Handlers of the commands on people's profiles. */
import type { Positioned } from '@mcpstack/contracts';
import { Injectable, type Provider } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { highest } from '../positions.ts';
import { Confirmation } from '../confirmation.ts';
import { Decisions } from '../decisions.ts';
import { plain } from '../envelope.ts';
import { ChangeProfileCommand, EraseProfileCommand } from './commands.ts';
import { Erasure } from './erasure.ts';
import { ErasureSweep } from './erasure-sweep.ts';
import { requirePerson } from './person.ts';

@Injectable()
class ProfileHandler {
  constructor(
    protected readonly decisions: Decisions,
    protected readonly confirmation: Confirmation,
  ) {}

  protected async answer(position: bigint, requestId: string): Promise<Positioned> {
    // A profile that never was stands before the first event; whatever may be read shows as much.
    const from = highest([position, 0n]);
    await this.confirmation.visible(from, requestId);
    return { position: from.toString() };
  }
}

@CommandHandler(ChangeProfileCommand)
export class ChangeProfileHandler extends ProfileHandler implements ICommandHandler<ChangeProfileCommand> {
  async execute(command: ChangeProfileCommand): Promise<Positioned> {
    const { actor, input, requestId } = command;
    const userId = requirePerson(actor);
    const decided = await this.decisions.decide('user', userId, command, {
      type: 'ChangeProfile',
      at: this.decisions.now(),
      actor,
      userId,
      commandId: command.commandId,
      ...plain(input),
    });
    return this.answer(decided.position, requestId);
  }
}

@CommandHandler(EraseProfileCommand)
export class EraseProfileHandler extends ProfileHandler implements ICommandHandler<EraseProfileCommand> {
  constructor(
    decisions: Decisions,
    confirmation: Confirmation,
    private readonly erasure: Erasure,
  ) {
    super(decisions, confirmation);
  }

  /** Answered, it is gone from the log too (of KurrentDB, when the operator has scavenged it). */
  async execute(command: EraseProfileCommand): Promise<Positioned> {
    const { actor, input, requestId } = command;
    return this.answer(await this.erasure.erase(command, input.userId, actor), requestId);
  }
}

export const USER_HANDLERS: readonly Provider[] = [
  Erasure,
  ErasureSweep,
  ChangeProfileHandler,
  EraseProfileHandler,
];
