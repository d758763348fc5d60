/**
 * Handlers of the commands on keys. Creating is the one place where a secret exists in plain (G1); it
 * happens once however often it is tried (G2), and for nobody who may not (G8). Revoking answers when it
 * is final (G3).
 */
import {
  deriveId,
  permissionsOf,
  ProblemError,
  uuidFrom,
  type ApiKey,
  type CreateKeyOutput,
  type RenameKeyOutput,
  type RevokeKeyOutput,
} from '@mcpstack/contracts';
import { key, type CreateKey, type KeyState, type WithdrawKey } from '@mcpstack/domain';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Confirmation } from '../confirmation.ts';
import { Decisions } from '../decisions.ts';
import { KeptReplies, type Claim } from '../kept-replies.ts';
import { Mint } from '../mint.ts';
import { CreateKeyCommand, RenameKeyCommand, RevokeKeyCommand } from './commands.ts';

@CommandHandler(CreateKeyCommand)
export class CreateKeyHandler implements ICommandHandler<CreateKeyCommand> {
  constructor(
    private readonly decisions: Decisions,
    private readonly replies: KeptReplies,
    private readonly confirmation: Confirmation,
    private readonly mint: Mint,
  ) {}

  async execute(command: CreateKeyCommand): Promise<CreateKeyOutput> {
    const { token, credential } = this.mint.serviceKey();
    const create: CreateKey = {
      type: 'CreateKey',
      at: this.decisions.now(),
      actor: command.actor,
      authority: await this.decisions.authority(command.actor, command.input.organizationId),
      keyId: deriveId('key', command.commandId),
      ...command.input,
      credential,
    };
    await this.keepReply(command, create, token);
    const { state, position } = await this.decisions.key(command, create);
    if (state.status === 'none') throw new Error('the key is not there');

    // Of racing tries of one command all appends succeed, and one event stands. Only the try whose
    // credential it carries made the key; every other is a retry, whatever its append answered.
    const isOurs = state.credential.digest === credential.digest;
    await this.checkStillAllowed(command, create, isOurs);
    if (state.status === 'revoked' && state.reason === 'maker-lost-rights') throw lostRights();
    const secret = isOurs ? token : await this.replies.open(claimOf(command, state.credential.digest));
    await this.confirmation.visible(position, command.requestId);
    return {
      key: apiKey(state),
      ...(secret === undefined ? { secretAlreadyShown: true } : { secret }),
      position: position.toString(),
    };
  }

  /** A refused command keeps nothing, and neither does one that has been carried out before. */
  private async keepReply(command: CreateKeyCommand, create: CreateKey, token: string): Promise<void> {
    if (command.idempotencyKey === undefined) return;
    const before: KeyState = await this.decisions.loadKey(create.keyId);
    if (before.status !== 'none') return;
    key.decide(create, before);
    await this.replies.keep(token, claimOf(command, create.credential.digest));
  }

  /**
   * The rights are read again after the append: whoever lost them meanwhile gets no secret (G8). Nobody
   * knows it yet, so a crash before this line is harmless; the key is revoked so that the list tells the
   * truth. A retry gets no secret either, but revokes nothing: its key may have been in use for long.
   */
  private async checkStillAllowed(
    command: CreateKeyCommand,
    create: CreateKey,
    isOurs: boolean,
  ): Promise<void> {
    const authority = await this.decisions.authority(command.actor, create.organizationId);
    try {
      key.decide({ ...create, authority }, key.initial);
    } catch (error) {
      if (!isOurs || !(error instanceof ProblemError)) throw error;
      await this.withdraw(command, create);
      throw lostRights(error.permission);
    }
  }

  private async withdraw(command: CreateKeyCommand, { organizationId, keyId }: CreateKey): Promise<void> {
    const withdraw: WithdrawKey = {
      type: 'WithdrawKey',
      at: this.decisions.now(),
      actor: { type: 'system', id: 'issuance' },
      organizationId,
      keyId,
    };
    // A command of its own: under the id of the create it would be taken for a retry of it.
    await this.decisions.key({ ...command, commandId: uuidFrom(`withdraw:${command.commandId}`) }, withdraw);
  }
}

@CommandHandler(RenameKeyCommand)
export class RenameKeyHandler implements ICommandHandler<RenameKeyCommand> {
  constructor(
    private readonly decisions: Decisions,
    private readonly confirmation: Confirmation,
  ) {}

  async execute(command: RenameKeyCommand): Promise<RenameKeyOutput> {
    const { actor, input, requestId } = command;
    const { state, position } = await this.decisions.key(command, {
      type: 'RenameKey',
      at: this.decisions.now(),
      actor,
      authority: await this.decisions.authority(actor, input.organizationId),
      ...input,
    });
    await this.confirmation.visible(position, requestId);
    return { key: apiKey(state), position: position.toString() };
  }
}

@CommandHandler(RevokeKeyCommand)
export class RevokeKeyHandler implements ICommandHandler<RevokeKeyCommand> {
  constructor(
    private readonly decisions: Decisions,
    private readonly confirmation: Confirmation,
  ) {}

  /** Waits for finality also when the key was revoked already: the first try may not have got that far. */
  async execute(command: RevokeKeyCommand): Promise<RevokeKeyOutput> {
    const { actor, input, requestId } = command;
    const { position } = await this.decisions.key(command, {
      type: 'RevokeKey',
      at: this.decisions.now(),
      actor,
      authority: await this.decisions.authority(actor, input.organizationId),
      ...input,
    });
    await this.confirmation.final(position, requestId);
    return { position: position.toString() };
  }
}

/** A key as the world may see it. Throws where there is none: no decision ends that way. */
function apiKey(state: KeyState): ApiKey {
  if (state.status === 'none') throw new Error('the key is not there');
  const { id, organizationId, kind, name, role, status, createdAt, createdBy } = state;
  return {
    id,
    organizationId,
    kind,
    name,
    role,
    permissions: permissionsOf(role, state.permissions),
    state: status,
    createdAt,
    createdBy,
    ...(status === 'revoked' && { revokedAt: state.revokedAt }),
  };
}

function lostRights(permission = 'api-keys:write'): ProblemError {
  return new ProblemError('forbidden', 'Your rights changed while the key was being made. It was revoked.', {
    permission,
  });
}

function claimOf({ idempotencyKey, commandId, actor }: CreateKeyCommand, credentialDigest: string): Claim {
  return { idempotencyKey, commandId, actor, credentialDigest };
}
