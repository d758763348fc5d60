/**
 * Handlers of the commands on invitations. The token is a secret as a key's is: shown once (G1), the same to a retry
 * (G2). The e-mail address stands in a profile of its own, and goes when the invitation has come to an end.
 */
import {
  deriveId,
  ProblemError,
  type InviteMemberOutput,
  type MemberOutput,
  type Positioned,
} from '@mcpstack/contracts';
import { Injectable, type Provider } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { highest } from '../positions.ts';
import { Confirmation } from '../confirmation.ts';
import { causeOf, Decisions, stepOf, type Cause, type Decided } from '../decisions.ts';
import { claimOf, KeptReplies } from '../kept-replies.ts';
import { Mint, type Minted } from '../mint.ts';
import { Erasure, ISSUANCE } from '../user/erasure.ts';
import { requirePerson } from '../user/person.ts';
import { OrganizationActing } from './acting.ts';
import { AcceptInvitationCommand, InviteMemberCommand, RevokeInvitationCommand } from './commands.ts';
import { foundInvitation, invitationView, memberOf } from './view.ts';

const DEFAULT_LIFE_MS = 7 * 24 * 60 * 60 * 1_000;

/** Profiles of people who are invited: nobody's own yet, so the system writes them. */
@Injectable()
export class InvitedProfiles {
  constructor(
    private readonly decisions: Decisions,
    private readonly erasure: Erasure,
  ) {}

  async keep(cause: Cause, profileId: string, email: string): Promise<void> {
    await this.decisions.decide('user', profileId, stepOf(cause, 'invited-profile'), {
      type: 'ChangeProfile',
      at: this.decisions.now(),
      actor: ISSUANCE,
      userId: profileId,
      email,
    });
  }

  /** @returns the position from which on it is gone. */
  erase(cause: Cause, profileId: string): Promise<bigint> {
    return this.erasure.erase(stepOf(cause, 'erase-profile'), profileId, ISSUANCE);
  }
}

@CommandHandler(InviteMemberCommand)
export class InviteMemberHandler extends OrganizationActing implements ICommandHandler<InviteMemberCommand> {
  constructor(
    decisions: Decisions,
    confirmation: Confirmation,
    private readonly profiles: InvitedProfiles,
    private readonly replies: KeptReplies,
    private readonly mint: Mint,
  ) {
    super(decisions, confirmation);
  }

  async execute(command: InviteMemberCommand): Promise<InviteMemberOutput> {
    const invitationId = deriveId('invitation', command.commandId);
    const { organizationId } = command.input;
    const minted = this.mint.invitation({ invitationId, organizationId });
    const { state, position } = await this.invite(command, invitationId, minted);
    const invitation = foundInvitation(state, invitationId);
    if (!invitation) throw new Error('a member was invited and the invitation is not there');

    // Of racing tries one event stands. Only the try whose credential it carries holds its token.
    const { digest } = invitation.credential;
    const token =
      digest === minted.credential.digest ? minted.token : await this.replies.open(claimOf(command, digest));
    await this.confirmation.visible(position, command.requestId);
    return {
      invitation: invitationView(state, invitation),
      ...(token === undefined ? { secretAlreadyShown: true } : { token }),
      position: position.toString(),
    };
  }

  private async invite(
    command: InviteMemberCommand,
    invitationId: string,
    { token, credential }: Minted,
  ): Promise<Decided<'organization'>> {
    const { organizationId, role, email, expiresAt } = command.input;
    const profileId = deriveId('user', command.commandId);
    const acting = await this.acting(command);
    const cause = this.withoutEmail(command);
    let isKept = false;
    try {
      return await this.decisions.decide(
        'organization',
        organizationId,
        cause,
        {
          type: 'InviteMember',
          ...acting,
          invitationId,
          role,
          profileId,
          credential,
          expiresAt: expiresAt ?? new Date(Date.parse(acting.at) + DEFAULT_LIFE_MS).toISOString(),
        },
        {
          beforeAppend: async () => {
            await this.replies.keep(token, claimOf(command, credential.digest));
            isKept = true;
            await this.profiles.keep(cause, profileId, email);
          },
        },
      );
    } catch (error) {
      if (isKept && isRefusal(error)) await this.profiles.erase(cause, profileId);
      throw error;
    }
  }

  /**
   * The digest of the request is stored with the event, and anybody could confirm a guess of the address with it.
   * Under the pepper nobody can, and it still tells a retry from another request, also once there is a newer pepper.
   */
  private withoutEmail(command: InviteMemberCommand): Cause {
    return this.mint.blinded(causeOf(command));
  }
}

/** Whether nothing will come of the command. After anything else a retry, or a rival try, needs the address. */
function isRefusal(error: unknown): boolean {
  return (
    error instanceof ProblemError && error.code !== 'idempotency-key-reused' && error.cause === undefined
  );
}

@CommandHandler(RevokeInvitationCommand)
export class RevokeInvitationHandler
  extends OrganizationActing
  implements ICommandHandler<RevokeInvitationCommand>
{
  constructor(
    decisions: Decisions,
    confirmation: Confirmation,
    private readonly profiles: InvitedProfiles,
  ) {
    super(decisions, confirmation);
  }

  /** Erases also when it was revoked already: the first try may not have got that far. */
  async execute(command: RevokeInvitationCommand): Promise<Positioned> {
    const { organizationId, invitationId } = command.input;
    const decided = await this.decisions.decide('organization', organizationId, command, {
      type: 'RevokeInvitation',
      ...(await this.acting(command)),
      invitationId,
    });
    const position = await eraseProfile(this.profiles, { ...causeOf(command), invitationId }, decided);
    await this.confirmation.visible(position, command.requestId);
    return { position: position.toString() };
  }
}

@CommandHandler(AcceptInvitationCommand)
export class AcceptInvitationHandler
  extends OrganizationActing
  implements ICommandHandler<AcceptInvitationCommand>
{
  constructor(
    decisions: Decisions,
    confirmation: Confirmation,
    private readonly profiles: InvitedProfiles,
    private readonly mint: Mint,
  ) {
    super(decisions, confirmation);
  }

  async execute(command: AcceptInvitationCommand): Promise<MemberOutput> {
    const { actor, input, requestId } = command;
    const { organizationId, invitationId, digest } = input;
    const userId = requirePerson(actor);
    const { state: before } = await this.decisions.load('organization', organizationId);
    const invitation = foundInvitation(before, invitationId);
    const isProven = invitation !== undefined && this.mint.recognizes(digest, invitation.credential);
    const makerAuthority =
      isProven && invitation.createdBy.type === 'key'
        ? await this.decisions.authority(invitation.createdBy, organizationId)
        : undefined;
    const cause = this.mint.blinded(causeOf(command));
    const decided = await this.decisions.decide('organization', organizationId, cause, {
      type: 'AcceptInvitation',
      at: this.decisions.now(),
      actor,
      organizationId,
      invitationId,
      // An invitation keeps its credential for ever: what was read a moment ago is still so.
      isProven,
      ...(makerAuthority && { makerAuthority }),
    });
    const position = await eraseProfile(this.profiles, { ...cause, invitationId }, decided);
    await this.confirmation.visible(position, requestId);
    const member = memberOf(decided.state, userId);
    return { member, revokedKeyIds: [], position: position.toString() };
  }
}

/** The invitation has come to an end, and with it the reason to know the address. */
async function eraseProfile(
  profiles: InvitedProfiles,
  { invitationId, ...cause }: Cause & { invitationId: string },
  { state, position }: Decided<'organization'>,
): Promise<bigint> {
  const invitation = foundInvitation(state, invitationId);
  if (!invitation) throw new Error('an invitation ended and is not there');
  return highest([position, await profiles.erase(cause, invitation.profileId)]);
}

export const INVITATION_HANDLERS: readonly Provider[] = [
  InvitedProfiles,
  InviteMemberHandler,
  RevokeInvitationHandler,
  AcceptInvitationHandler,
];
