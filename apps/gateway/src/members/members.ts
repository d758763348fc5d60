/** Bodies and answers of the member routes. */
import { ROLES, type Member, type Role, type UserProfile } from '@mcpstack/contracts';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import { ListOf } from '../http/pages.ts';

export class ChangeMemberBody {
  @ApiProperty({ enum: ROLES, example: 'developer' })
  @IsIn(ROLES)
  role!: Role;
}

export class MemberAnswer implements Member {
  @ApiProperty({ example: 'org_4fZ0q2m1c8bVdJw5rT7yXa' })
  organizationId!: string;

  @ApiProperty({ example: 'user_1b3D5f7H9j1L3n5P7r9T1v' })
  userId!: string;

  @ApiProperty({ enum: ROLES, example: 'developer' })
  role!: Role;

  @ApiProperty({ enum: ['active', 'suspended'] })
  state!: Member['state'];

  @ApiProperty({ format: 'date-time' })
  joinedAt!: string;

  @ApiPropertyOptional({ example: 'Ada', description: 'Of the profile, where there is one.' })
  name?: string;

  @ApiPropertyOptional({ example: 'ada@example.com', description: 'Of the profile, where there is one.' })
  email?: string;
}

export class ChangedMemberAnswer extends MemberAnswer {
  @ApiProperty({
    type: [String],
    example: ['key_0aB3dE5gH7jK9mN1pQ3sT5'],
    description: "Keys that were revoked with it, by the organization's policy.",
  })
  revokedKeyIds!: string[];
}

export class MemberList extends ListOf(MemberAnswer) {}

/** Field by field, so that nothing passes that the answer does not name. */
export function memberAnswer(
  { organizationId, userId, role, state, joinedAt }: Member,
  profile?: UserProfile,
): MemberAnswer {
  return {
    organizationId,
    userId,
    role,
    state,
    joinedAt,
    ...(profile?.name !== undefined && { name: profile.name }),
    ...(profile?.email !== undefined && { email: profile.email }),
  };
}
