/** Handlers of the commands on people's profiles. */
import type { Positioned } from '@mcpstack/contracts';
import { Injectable, type Provider } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { highest } from '../positions.ts';
import { Confirmation } from '../confirmation.ts';
import { Decisions, type Decided } from '../decisions.ts';
import { plain } from '../envelope.ts';
import { ChangeProfileCommand, EraseProfileCommand } from './commands.ts';
import { requirePerson } from './person.ts';

@Injectable()
class ProfileHandler {
  constructor(
    protected readonly decisions: Decisions,
    protected readonly confirmation: Confirmation,
  ) {}

  protected async answer({ position }: Decided<'user'>, requestId: string): Promise<Positioned> {
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
      ...plain(input),
    });
    return this.answer(decided, requestId);
  }
}

@CommandHandler(EraseProfileCommand)
export class EraseProfileHandler extends ProfileHandler implements ICommandHandler<EraseProfileCommand> {
  async execute(command: EraseProfileCommand): Promise<Positioned> {
    const { actor, input, requestId } = command;
    const decided = await this.decisions.decide('user', input.userId, command, {
      type: 'EraseProfile',
      at: this.decisions.now(),
      actor,
      userId: input.userId,
    });
    return this.answer(decided, requestId);
  }
}

export const USER_HANDLERS: readonly Provider[] = [ChangeProfileHandler, EraseProfileHandler];
