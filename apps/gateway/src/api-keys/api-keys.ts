/** Bodies and answers of the service key routes. */
import { PERMISSIONS, ROLES, type ApiKey, type Actor, type Permission, type Role } from '@mcpstack/contracts';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayUnique, IsArray, IsIn, Matches, MaxLength, ValidateIf } from 'class-validator';
import { IsName } from '../http/is-name.ts';

const NAME = { example: 'automation-bot', minLength: 1, maxLength: 100 } as const;

/** Optional means absent: `null` is a value, and none of these takes it. */
const IsGiven = (): PropertyDecorator => ValidateIf((_, value) => value !== undefined);

export class CreateKeyBody {
  @ApiProperty(NAME)
  @IsName()
  name!: string;

  @ApiProperty({ enum: ROLES, example: 'developer' })
  @IsIn(ROLES)
  role!: Role;

  @ApiPropertyOptional({
    enum: PERMISSIONS,
    isArray: true,
    description: 'Narrows the role to these. Absent: all that the role may.',
  })
  @IsIn(PERMISSIONS, { each: true })
  @ArrayUnique()
  @ArrayMaxSize(PERMISSIONS.length)
  @IsArray()
  @IsGiven()
  permissions?: Permission[];
}

export class RenameKeyBody {
  @ApiProperty(NAME)
  @IsName()
  name!: string;
}

export const MAX_PAGE_LIMIT = 100;

export class PageQuery {
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: MAX_PAGE_LIMIT, default: 50 })
  @Matches(/^(?:[1-9][0-9]?|100)$/, { message: `limit must be a number from 1 to ${MAX_PAGE_LIMIT}` })
  @IsGiven()
  limit?: string;

  @ApiPropertyOptional({ description: 'The `nextCursor` of the page before.' })
  @MaxLength(512)
  @Matches(/^[\x21-\x7e]+$/, { message: 'cursor is none that a list answered' })
  @IsGiven()
  cursor?: string;
}

export class ActorAnswer implements Actor {
  @ApiProperty({ enum: ['user', 'key', 'system'] })
  type!: Actor['type'];

  @ApiProperty()
  id!: string;
}

export class ApiKeyAnswer implements ApiKey {
  @ApiProperty({ example: 'key_0aB3dE5gH7jK9mN1pQ3sT5' })
  id!: string;

  @ApiProperty()
  organizationId!: string;

  @ApiProperty({ enum: ['service'] })
  kind!: 'service';

  @ApiProperty()
  name!: string;

  @ApiProperty({ enum: ROLES })
  role!: Role;

  @ApiProperty({ enum: PERMISSIONS, isArray: true })
  permissions!: readonly Permission[];

  @ApiProperty({ enum: ['active', 'revoked'] })
  state!: 'active' | 'revoked';

  @ApiProperty({ format: 'date-time' })
  createdAt!: string;

  @ApiProperty({ type: ActorAnswer })
  createdBy!: ActorAnswer;

  @ApiPropertyOptional({ format: 'date-time' })
  revokedAt?: string;
}

export class CreatedKeyAnswer extends ApiKeyAnswer {
  @ApiPropertyOptional({ description: 'The key itself. Shown in this answer and never again.' })
  secret?: string;

  @ApiPropertyOptional({ description: 'A retry whose secret was shown before and cannot be shown again.' })
  secretAlreadyShown?: true;
}

export class ApiKeyList {
  @ApiProperty({ type: [ApiKeyAnswer] })
  data!: ApiKeyAnswer[];

  @ApiPropertyOptional({ description: 'Asks for the next page; absent on the last one.' })
  nextCursor?: string;
}

/** A key field by field, so that nothing passes that the answer does not name. */
export function keyAnswer(key: ApiKey): ApiKeyAnswer {
  return {
    id: key.id,
    organizationId: key.organizationId,
    kind: key.kind,
    name: key.name,
    role: key.role,
    permissions: key.permissions,
    state: key.state,
    createdAt: key.createdAt,
    createdBy: { type: key.createdBy.type, id: key.createdBy.id },
    ...(key.revokedAt !== undefined && { revokedAt: key.revokedAt }),
  };
}
