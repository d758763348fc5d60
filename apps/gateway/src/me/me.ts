/** Bodies and answers of the routes about the caller. */
import {
  PERMISSIONS,
  ROLES,
  type KeyScope,
  type Permission,
  type Role,
  type UserProfile,
} from '@mcpstack/contracts';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ValidateIf } from 'class-validator';
import { IsEmailAddress, IsName } from '../http/is-name.ts';

export class MeScope implements KeyScope {
  @ApiPropertyOptional({ type: [String], example: ['agent_3d5F7h9J1l3N5p7R9t1V3x'] })
  agents?: readonly string[];

  @ApiPropertyOptional({ type: [String], example: ['srv_5f7H9j1L3n5P7r9T1v3X5z'] })
  servers?: readonly string[];
}

export class MeAnswer {
  @ApiProperty({ enum: ['user', 'key'] })
  type!: 'user' | 'key';

  @ApiProperty({ example: 'user_1b3D5f7H9j1L3n5P7r9T1v' })
  id!: string;

  @ApiPropertyOptional({ example: 'org_4fZ0q2m1c8bVdJw5rT7yXa', description: 'Of a key: its organization.' })
  organizationId?: string;

  @ApiPropertyOptional({ enum: ROLES, description: 'Of a key. A person has a role in each organization.' })
  role?: Role;

  @ApiPropertyOptional({ enum: PERMISSIONS, isArray: true, description: 'Of a key: all that it may do.' })
  permissions?: readonly Permission[];

  @ApiPropertyOptional({ type: MeScope, description: 'Of a key that is limited to some agents or servers.' })
  scope?: MeScope;

  @ApiPropertyOptional({ format: 'date-time', description: 'Of a key that expires.' })
  expiresAt?: string;
}

/** An empty text removes; what is absent stays. */
const IsGivenAndNotEmpty = (): PropertyDecorator =>
  ValidateIf((_, value) => value !== undefined && value !== '');

export class ProfileBody {
  @ApiPropertyOptional({ example: 'Ada', maxLength: 100, description: 'An empty text removes it.' })
  @IsName()
  @IsGivenAndNotEmpty()
  name?: string;

  @ApiPropertyOptional({
    example: 'ada@example.com',
    maxLength: 254,
    description: 'An address, or an empty text, which removes it.',
  })
  @IsEmailAddress()
  @IsGivenAndNotEmpty()
  email?: string;
}

export class ProfileAnswer implements UserProfile {
  @ApiProperty({ example: 'user_1b3D5f7H9j1L3n5P7r9T1v' })
  userId!: string;

  @ApiPropertyOptional({ example: 'Ada' })
  name?: string;

  @ApiPropertyOptional({ example: 'ada@example.com' })
  email?: string;
}

/** Field by field; of somebody without a profile, the id alone. */
export function profileAnswer(userId: string, profile: UserProfile | undefined): ProfileAnswer {
  return {
    userId,
    ...(profile?.name !== undefined && { name: profile.name }),
    ...(profile?.email !== undefined && { email: profile.email }),
  };
}
