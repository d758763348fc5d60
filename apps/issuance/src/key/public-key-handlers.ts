/** Handlers of the commands that are about publishable keys alone. Their value is no secret and stays readable. */
import { deriveId, type PublicKeyOutput } from '@mcpstack/contracts';
import { noAgent, type AgentState } from '@mcpstack/domain';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Confirmation } from '../confirmation.ts';
import { causeOf, Decisions, type Decided } from '../decisions.ts';
import { plain } from '../envelope.ts';
import { Mint } from '../mint.ts';
import { AddTemporaryOriginCommand, CreatePublicKeyCommand, UpdatePublicKeyCommand } from './commands.ts';
import { isWithdrawn, KeyMaking, lostRights } from './making.ts';
import { publicKey } from './view.ts';

@CommandHandler(CreatePublicKeyCommand)
export class CreatePublicKeyHandler implements ICommandHandler<CreatePublicKeyCommand> {
  constructor(
    private readonly decisions: Decisions,
    private readonly confirmation: Confirmation,
    private readonly mint: Mint,
    private readonly making: KeyMaking,
  ) {}

  /** Of racing tries each makes a value; the answer shows the one that stands. */
  async execute(command: CreatePublicKeyCommand): Promise<PublicKeyOutput> {
    const { actor, commandId, requestId } = command;
    const { development = false, ...input } = plain(command.input);
    const [authority, agent] = await Promise.all([
      this.decisions.authority(actor, input.organizationId),
      this.decisions.load('agent', input.agentId),
    ]);
    const { token, credential } = this.mint.publishableKey();
    const keyId = deriveId('key', commandId);
    const decided = await this.decisions.decide('key', keyId, command, {
      type: 'CreatePublicKey',
      at: this.decisions.now(),
      actor,
      authority,
      keyId,
      ...input,
      development,
      value: token,
      credential,
      agent: agent.state,
    });
    const { state } = decided;
    const isOurs = state.status !== 'none' && 'value' in state && state.value === token;
    // Once more for the retry of one that was not final.
    if (isWithdrawn(state)) await this.takeBack(command, keyId);
    if (isOurs) await this.checkStillAllowed(command, keyId);
    await this.confirmation.visible(decided.position, requestId);
    return outputOf(decided, this.decisions.now());
  }

  /** Whoever lost the rights meanwhile made nothing (G8); its value can be read in the list, so that is final. */
  private async checkStillAllowed(command: CreatePublicKeyCommand, keyId: string): Promise<void> {
    const { organizationId } = command.input;
    const authority = await this.decisions.authority(command.actor, organizationId);
    if (!authority?.permissions.includes('api-keys:write')) await this.takeBack(command, keyId);
  }

  private async takeBack(command: CreatePublicKeyCommand, keyId: string): Promise<never> {
    const { organizationId } = command.input;
    const { position } = await this.making.withdraw(causeOf(command), { organizationId, keyId });
    await this.confirmation.final(position, command.requestId);
    throw lostRights();
  }
}

@CommandHandler(UpdatePublicKeyCommand)
export class UpdatePublicKeyHandler implements ICommandHandler<UpdatePublicKeyCommand> {
  constructor(
    private readonly decisions: Decisions,
    private readonly confirmation: Confirmation,
  ) {}

  /** Final whenever origins were named (G3), also when none was left to remove. */
  async execute(command: UpdatePublicKeyCommand): Promise<PublicKeyOutput> {
    const { actor, requestId } = command;
    const { ifRevision, ...input } = plain(command.input);
    const decided = await this.decisions.decide(
      'key',
      input.keyId,
      command,
      {
        type: 'UpdatePublicKey',
        at: this.decisions.now(),
        actor,
        authority: await this.decisions.authority(actor, input.organizationId),
        ...input,
      },
      { ifRevision },
    );
    if (input.origins) await this.confirmation.final(decided.position, requestId);
    else await this.confirmation.visible(decided.position, requestId);
    return outputOf(decided, this.decisions.now());
  }
}

@CommandHandler(AddTemporaryOriginCommand)
export class AddTemporaryOriginHandler implements ICommandHandler<AddTemporaryOriginCommand> {
  constructor(
    private readonly decisions: Decisions,
    private readonly confirmation: Confirmation,
  ) {}

  async execute(command: AddTemporaryOriginCommand): Promise<PublicKeyOutput> {
    const { actor, requestId } = command;
    const input = plain(command.input);
    const [authority, agent] = await Promise.all([
      this.decisions.authority(actor, input.organizationId),
      this.agentOf(input),
    ]);
    const decided = await this.decisions.decide('key', input.keyId, command, {
      type: 'AddTemporaryOrigin',
      at: this.decisions.now(),
      actor,
      authority,
      ...input,
      agent,
    });
    await this.confirmation.visible(decided.position, requestId);
    return outputOf(decided, this.decisions.now());
  }

  /**
   * Where there is no such key there is no agent either; the decision answers that the key is not there. Nothing more
   * is read for a key of another organization than for one that never was.
   */
  private async agentOf({
    keyId,
    organizationId,
  }: {
    keyId: string;
    organizationId: string;
  }): Promise<AgentState> {
    const { state } = await this.decisions.load('key', keyId);
    const isThere =
      state.status !== 'none' && state.kind === 'publishable' && state.organizationId === organizationId;
    return isThere ? (await this.decisions.load('agent', state.agentId)).state : noAgent;
  }
}

function outputOf({ state, stateRevision, position }: Decided<'key'>, at: string): PublicKeyOutput {
  return { publicKey: publicKey(state, { stateRevision, at }), position: position.toString() };
}
