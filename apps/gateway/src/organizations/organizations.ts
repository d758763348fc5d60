/** Bodies and answers of the organization routes. */
import { ROLES, type Organization, type OrganizationPolicy, type Role } from '@mcpstack/contracts';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayNotEmpty, ArrayUnique, IsArray, IsBoolean, IsIn, IsInt, Max, Min } from 'class-validator';
import { IsGiven } from '../http/fields.ts';
import { IsName } from '../http/is-name.ts';

/** Create and rename take the same. */
export class OrganizationBody {
  @ApiProperty({ example: 'Acme', minLength: 1, maxLength: 100 })
  @IsName()
  name!: string;
}

export class OrganizationAnswer implements Omit<Organization, 'policy'> {
  @ApiProperty({ example: 'org_4fZ0q2m1c8bVdJw5rT7yXa' })
  id!: string;

  @ApiProperty({ example: 'Acme' })
  name!: string;

  @ApiProperty({ enum: ['active', 'suspended'] })
  state!: Organization['state'];

  @ApiProperty({ format: 'date-time' })
  createdAt!: string;

  @ApiProperty({ example: '7', description: 'What the ETag holds.' })
  revision!: string;

  @ApiProperty({ enum: ROLES, example: 'owner', description: 'What the caller is there.' })
  role!: Role;
}

export class OrganizationList {
  @ApiProperty({ type: [OrganizationAnswer] })
  data!: OrganizationAnswer[];
}

const LIFE = {
  type: 'integer',
  minimum: 1,
  maximum: 3650,
  example: 365,
  description: 'A new key expires within this many days.',
} as const;
const EXPIRY = { type: Boolean, example: true, description: 'A new key must expire.' } as const;
const KEY_ROLES = {
  enum: ROLES,
  isArray: true,
  minItems: 1,
  maxItems: ROLES.length,
  uniqueItems: true,
  description: 'A new key has one of these roles. Absent: any that its maker may give.',
} as const;
const MAKER_LOSS = {
  enum: ['list', 'revoke'],
  description:
    'What becomes of the keys of a member who is demoted, suspended or removed, once a key holds more than the ' +
    'member still does: `list` shows them, `revoke` revokes them before the change is answered.',
};

/** The whole policy: a rule that is left out is none. */
export class PolicyBody implements OrganizationPolicy {
  @ApiPropertyOptional(LIFE)
  @Max(3650)
  @Min(1)
  @IsInt()
  @IsGiven()
  longestKeyLifeDays?: number;

  @ApiPropertyOptional(EXPIRY)
  @IsBoolean()
  @IsGiven()
  expiryRequired?: boolean;

  @ApiPropertyOptional(KEY_ROLES)
  @IsIn(ROLES, { each: true })
  @ArrayUnique()
  @ArrayNotEmpty()
  @IsArray()
  @IsGiven()
  allowedKeyRoles?: Role[];

  @ApiProperty(MAKER_LOSS)
  @IsIn(['list', 'revoke'])
  onMakerLoss!: OrganizationPolicy['onMakerLoss'];
}

export class PolicyAnswer implements OrganizationPolicy {
  @ApiPropertyOptional(LIFE)
  longestKeyLifeDays?: number;

  @ApiPropertyOptional(EXPIRY)
  expiryRequired?: boolean;

  @ApiPropertyOptional(KEY_ROLES)
  allowedKeyRoles?: readonly Role[];

  @ApiProperty(MAKER_LOSS)
  onMakerLoss!: OrganizationPolicy['onMakerLoss'];
}

/** Field by field, so that nothing passes that the answer does not name. */
export function organizationAnswer(
  { id, name, state, createdAt, revision }: Organization,
  role: Role,
): OrganizationAnswer {
  return { id, name, state, createdAt, revision, role };
}

/** A policy field by field, as an answer and as a command's input. */
export function policyOf(policy: OrganizationPolicy): PolicyAnswer {
  const { longestKeyLifeDays, expiryRequired, allowedKeyRoles, onMakerLoss } = policy;
  return {
    ...(longestKeyLifeDays !== undefined && { longestKeyLifeDays }),
    ...(expiryRequired !== undefined && { expiryRequired }),
    ...(allowedKeyRoles !== undefined && { allowedKeyRoles }),
    onMakerLoss,
  };
}
