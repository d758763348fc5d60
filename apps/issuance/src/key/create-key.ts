/**
 * Creating a key: the one place beside rotating where a secret exists in plain (G1); it happens once however often
 * it is tried (G2), and for nobody who may not (G8).
 */
import { deriveId, type CreateKeyOutput } from '@mcpstack/contracts';
import type { CreateKey, Credential, KeyEvent } from '@mcpstack/domain';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Confirmation } from '../confirmation.ts';
import { causeOf, Decisions, type Decided } from '../decisions.ts';
import { plain } from '../envelope.ts';
import { claimOf, KeptReplies } from '../kept-replies.ts';
import { Mint, type Minted } from '../mint.ts';
import { CreateKeyCommand } from './commands.ts';
import { isWithdrawn, KeyMaking, lossOf, lostRights, scopeIds } from './making.ts';
import { apiKey } from './view.ts';

@CommandHandler(CreateKeyCommand)
export class CreateKeyHandler implements ICommandHandler<CreateKeyCommand> {
  constructor(
    private readonly decisions: Decisions,
    private readonly making: KeyMaking,
    private readonly replies: KeptReplies,
    private readonly confirmation: Confirmation,
    private readonly mint: Mint,
  ) {}

  async execute(command: CreateKeyCommand): Promise<CreateKeyOutput> {
    const { digest, ...input } = plain(command.input);
    const made: Partial<Minted> & { credential: Credential } =
      digest === undefined ? this.mint.serviceKey() : { credential: this.mint.credential(digest) };
    const create = await this.decision(command, input, made.credential);
    const decided = await this.decisions.decide(
      'key',
      create.keyId,
      this.mint.blinded(causeOf(command)),
      create,
      {
        beforeAppend: () => keep(this.replies, command, made),
      },
    );
    const { state, stateRevision, position } = decided;

    await this.checkStillAllowed(command, create, {
      isOurs: isOwn(decided, made),
      isGone: isWithdrawn(state),
    });
    const secret = await shownSecret(this.replies, command, { decided, made });
    await this.confirmation.visible(position, command.requestId);
    return {
      key: apiKey(state, { stateRevision, at: this.decisions.now() }),
      ...secret,
      position: position.toString(),
    };
  }

  private async decision(
    { actor, commandId }: CreateKeyCommand,
    { organizationId, ...terms }: Omit<CreateKeyCommand['input'], 'digest'>,
    credential: Credential,
  ): Promise<CreateKey> {
    const standing = await this.decisions.standing(actor, organizationId);
    const ids = standing.authority ? scopeIds(terms) : [];
    const unknown = await this.making.unknownIds(organizationId, ids);
    const who = { actor, organizationId, keyId: deriveId('key', commandId) };
    return this.making.command(who, standing, terms, { credential, unknown });
  }

  /**
   * The rights are read again after the append: whoever lost them meanwhile gets no secret (G8), and the key is
   * revoked so that the list tells the truth. A retry gets no secret either, but revokes nothing: its key may
   * have been in use for long. What was revoked then it waits for once more.
   */
  private async checkStillAllowed(
    command: CreateKeyCommand,
    create: CreateKey,
    { isOurs, isGone }: { isOurs: boolean; isGone: boolean },
  ): Promise<void> {
    const loss = lossOf(await this.decisions.authority(command.actor, create.organizationId), create);
    if (!loss && !isGone) return;
    if (isOurs || isGone) await this.takeBack(command, create);
    throw loss && !isOurs ? loss : lostRights(loss?.permission);
  }

  private async takeBack(command: CreateKeyCommand, create: CreateKey): Promise<void> {
    const { position } = await this.making.withdraw(this.mint.blinded(causeOf(command)), create);
    // The client knows a token of its own making: it must have stopped working when this answers (G3).
    if (command.input.digest !== undefined) await this.confirmation.final(position, command.requestId);
  }
}

/** A secret as it was made for one try; without a token when the client made it. */
type Made = Partial<Minted> & { credential: Credential };

/** Kept before the append: a refused command keeps nothing, and neither does one that was carried out before. */
export async function keep(
  replies: KeptReplies,
  command: { idempotencyKey?: string; commandId: string; actor: CreateKeyCommand['actor'] },
  { token, credential }: Made,
): Promise<void> {
  if (token !== undefined) await replies.keep(token, claimOf(command, credential.digest));
}

/**
 * Whether this try wrote what stands. Of racing tries of one command all appends succeed, and one event stands. Only
 * the try whose credential it carries made the key; every other is a retry, whatever its append answered.
 */
export function isOwn(
  decided: Pick<Decided<'key'>, 'events' | 'repeated'>,
  { token, credential }: Made,
): boolean {
  // A client-made credential is the same for every try, so that the rest of the event has to tell.
  if (token === undefined) return decided.events.length > 0 && !decided.repeated;
  return credentialOf(decided.events)?.digest === credential.digest;
}

/** What the answer says of the secret: nothing when the client made it. */
export async function shownSecret(
  replies: KeptReplies,
  command: { idempotencyKey?: string; commandId: string; actor: CreateKeyCommand['actor'] },
  { decided, made }: { decided: Decided<'key'>; made: Made },
): Promise<Pick<CreateKeyOutput, 'secret' | 'secretAlreadyShown'>> {
  if (made.token === undefined) return {};
  if (isOwn(decided, made)) return { secret: made.token };
  const stored = credentialOf(decided.events);
  const secret = stored && (await replies.open(claimOf(command, stored.digest)));
  return secret === undefined ? { secretAlreadyShown: true } : { secret };
}

/** Of the secret that the command made. */
function credentialOf(events: readonly KeyEvent[]): Credential | undefined {
  const made = events.find((event) => event.type === 'KeyCreated' || event.type === 'KeyRotated');
  return made?.data.credential;
}
