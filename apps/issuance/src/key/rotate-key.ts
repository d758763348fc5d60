/**
 * Rotating a key: a new secret for the same key, shown once like that of a new one (G1, G2). It gives all that the
 * key holds, so the rights are looked at twice, like in creating (G8).
 */
import { PERMISSIONS, ProblemError, type CreateKeyOutput } from '@mcpstack/contracts';
import type { Credential, RotateKey } from '@mcpstack/domain';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Confirmation } from '../confirmation.ts';
import { causeOf, Decisions, stepOf, type Decided } from '../decisions.ts';
import { plain } from '../envelope.ts';
import { KeptReplies } from '../kept-replies.ts';
import { Mint, type Minted } from '../mint.ts';
import { RotateKeyCommand } from './commands.ts';
import { isOwn, keep, shownSecret } from './create-key.ts';
import { lossOf } from './making.ts';
import { apiKey } from './view.ts';

@CommandHandler(RotateKeyCommand)
export class RotateKeyHandler implements ICommandHandler<RotateKeyCommand> {
  constructor(
    private readonly decisions: Decisions,
    private readonly replies: KeptReplies,
    private readonly confirmation: Confirmation,
    private readonly mint: Mint,
  ) {}

  /** Answers when what the old secret lost is lost (G3). */
  async execute(command: RotateKeyCommand): Promise<CreateKeyOutput> {
    const { actor, requestId } = command;
    const { digest, ...input } = plain(command.input);
    const made: Partial<Minted> & { credential: Credential } =
      digest === undefined ? this.mint.serviceKey() : { credential: this.mint.credential(digest) };
    const rotate: RotateKey = {
      type: 'RotateKey',
      at: this.decisions.now(),
      actor,
      authority: await this.decisions.authority(actor, input.organizationId),
      ...input,
      credential: made.credential,
    };
    const decided = await this.decisions.decide(
      'key',
      input.keyId,
      this.mint.blinded(causeOf(command)),
      rotate,
      {
        beforeAppend: () => keep(this.replies, command, made),
      },
    );
    const { state, stateRevision, position } = decided;
    await this.checkStillAllowed(command, decided, isOwn(decided, made));
    const secret = await shownSecret(this.replies, command, { decided, made });
    await this.confirmation.final(position, requestId);
    return {
      key: apiKey(state, { stateRevision, at: this.decisions.now() }),
      ...secret,
      position: position.toString(),
    };
  }

  /**
   * Whoever lost the rights meanwhile gets no secret. The rotation stands: they might as well have asked a moment
   * earlier, the secret before works on for as long as they chose, and nobody knows the new one. Revoking the key
   * would take it from those who use it. But a token that the client made is known to it: a secret that nobody knows
   * takes its place at once, and that is final when this answers.
   */
  private async checkStillAllowed(
    command: RotateKeyCommand,
    { state }: Decided<'key'>,
    isOurs: boolean,
  ): Promise<void> {
    if (state.status === 'none' || state.kind !== 'service') throw new Error('the service key is not there');
    const loss = lossOf(await this.decisions.authority(command.actor, state.organizationId), state);
    if (!loss) return;
    const { digest, keyId } = command.input;
    if (!isOurs && digest !== undefined) {
      // An earlier try may have shut it out, and ended before that was final.
      const { position } = await this.decisions.load('key', keyId);
      await this.confirmation.final(position, command.requestId);
    }
    if (!isOurs) throw loss;
    if (digest !== undefined) await this.shutOut(command);
    throw new ProblemError(
      'forbidden',
      'Your rights changed while the key was being rotated. Nobody knows its new secret: have it rotated again.',
      { permission: loss.permission ?? 'api-keys:write' },
    );
  }

  private async shutOut(command: RotateKeyCommand): Promise<void> {
    const { organizationId, keyId } = command.input;
    const { position } = await this.decisions.decide(
      'key',
      keyId,
      this.mint.blinded(stepOf(command, 'shut-out')),
      {
        type: 'RotateKey',
        at: this.decisions.now(),
        actor: { type: 'system', id: 'issuance' },
        authority: { permissions: PERMISSIONS },
        organizationId,
        keyId,
        credential: this.mint.serviceKey().credential,
        previous: { validForMs: 0 },
      },
    );
    await this.confirmation.final(position, command.requestId);
  }
}
