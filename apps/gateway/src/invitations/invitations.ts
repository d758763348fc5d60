/** Bodies and answers of the invitation routes. */
import { ROLES, type Invitation, type Role, type UserProfile } from '@mcpstack/contracts';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsString, MaxLength, MinLength } from 'class-validator';
import { ActorAnswer, actorAnswer } from '../http/actor-answer.ts';
import { IsGiven, IsIsoTime } from '../http/fields.ts';
import { IsEmailAddress } from '../http/is-name.ts';
import { ListOf } from '../http/pages.ts';

export class InviteBody {
  @ApiProperty({ format: 'email', example: 'ada@example.com', maxLength: 254 })
  @IsEmailAddress()
  email!: string;

  @ApiProperty({ enum: ROLES, example: 'developer' })
  @IsIn(ROLES)
  role!: Role;

  @ApiPropertyOptional({
    format: 'date-time',
    description: 'Until when it can be accepted: at most 30 days ahead, 7 days if absent.',
  })
  @IsIsoTime()
  @IsGiven()
  expiresAt?: string;
}

export class AcceptBody {
  @ApiProperty({ description: 'As it was shown to whoever invited.', maxLength: 256 })
  @MaxLength(256)
  @MinLength(1)
  @IsString()
  token!: string;
}

export class InvitationAnswer implements Omit<Invitation, 'profileId'> {
  @ApiProperty({ example: 'inv_2c4E6g8I0k2M4o6Q8s0U2w' })
  id!: string;

  @ApiProperty({ example: 'org_4fZ0q2m1c8bVdJw5rT7yXa' })
  organizationId!: string;

  @ApiPropertyOptional({ example: 'ada@example.com', description: 'While it is pending.' })
  email?: string;

  @ApiProperty({ enum: ROLES, example: 'developer' })
  role!: Role;

  @ApiProperty({ enum: ['pending', 'accepted', 'revoked'] })
  state!: Invitation['state'];

  @ApiProperty({ format: 'date-time', description: 'After this it cannot be accepted any more.' })
  expiresAt!: string;

  @ApiProperty({ format: 'date-time' })
  createdAt!: string;

  @ApiProperty({ type: ActorAnswer })
  createdBy!: ActorAnswer;

  @ApiPropertyOptional({ example: 'user_1b3D5f7H9j1L3n5P7r9T1v', description: 'Who accepted it.' })
  acceptedBy?: string;
}

export class CreatedInvitationAnswer extends InvitationAnswer {
  @ApiPropertyOptional({ description: 'Whoever shows it becomes the member. Shown once, in this answer.' })
  token?: string;

  @ApiPropertyOptional({
    type: Boolean,
    enum: [true],
    description: 'A retry whose token was shown before and cannot be shown again.',
  })
  secretAlreadyShown?: true;
}

export class InvitationList extends ListOf(InvitationAnswer) {}

/** Field by field. The stream of the invited person's profile is an inner matter; their address is shown. */
export function invitationAnswer(invitation: Invitation, profile?: UserProfile): InvitationAnswer {
  const { id, organizationId, role, state, expiresAt, createdAt, createdBy, acceptedBy } = invitation;
  return {
    id,
    organizationId,
    ...(profile?.email !== undefined && { email: profile.email }),
    role,
    state,
    expiresAt,
    createdAt,
    createdBy: actorAnswer(createdBy),
    ...(acceptedBy !== undefined && { acceptedBy }),
  };
}
