/** Bodies and queries of the service key routes. */
import {
  isId,
  LONGEST_OVERLAP_MS,
  ProblemError,
  ROLES,
  type Actor,
  type KeyStateName,
  type Role,
  type RotateKeyInput,
} from '@mcpstack/contracts';
import type { KeyFilter } from '@mcpstack/read-models';
import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayUnique,
  Equals,
  IsArray,
  IsIn,
  IsInt,
  IsObject,
  IsString,
  Matches,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { IsGiven, IsIsoTime } from '../http/fields.ts';
import { IsName } from '../http/is-name.ts';
import { PageQuery } from '../http/pages.ts';
import { fieldProblem } from '../http/problem-response.ts';
import { KeyTermsBody } from './key-terms.ts';

export const NAME = { example: 'automation-bot', minLength: 1, maxLength: 100 } as const;
const TAG = /^[a-z0-9][a-z0-9._:-]{0,63}$/;
const TAG_RULE =
  'tag must be 1 to 64 of a-z, 0-9, dot, underscore, colon and dash, beginning with a letter or digit';
const ENVIRONMENT = /^[a-z0-9][a-z0-9-]{0,31}$/;
const ENVIRONMENT_RULE = 'environment must be 1 to 32 of a-z, 0-9 and dash, and not begin with a dash';
const MAX_TAGS = 20;
export const DIGEST = /^[0-9a-f]{64}$/;
const DIGEST_RULE = 'digest must be a SHA-256 as 64 hexadecimal digits in lower case';
export const STATES = [
  'active',
  'suspended',
  'expired',
  'revoked',
] as const satisfies readonly KeyStateName[];

export const IsTags = (): PropertyDecorator =>
  applyDecorators(
    ApiPropertyOptional({
      type: [String],
      maxItems: MAX_TAGS,
      uniqueItems: true,
      example: ['team:payments'],
    }),
    Matches(TAG, { each: true, message: `each ${TAG_RULE}` }),
    IsString({ each: true }),
    ArrayUnique(),
    ArrayMaxSize(MAX_TAGS),
    IsArray(),
    IsGiven(),
  );
export const IsEnvironment = (): PropertyDecorator =>
  applyDecorators(
    ApiPropertyOptional({ pattern: ENVIRONMENT.source, example: 'production' }),
    Matches(ENVIRONMENT, { message: ENVIRONMENT_RULE }),
    IsString(),
    IsGiven(),
  );
const IsDigest = (): PropertyDecorator =>
  applyDecorators(
    ApiPropertyOptional({
      pattern: DIGEST.source,
      description: 'SHA-256 of a token that you made yourself. Then no secret is made or shown.',
    }),
    Matches(DIGEST, { message: DIGEST_RULE }),
    IsString(),
    IsGiven(),
  );
const IsTagFilter = (): PropertyDecorator =>
  applyDecorators(
    ApiPropertyOptional({ pattern: TAG.source }),
    Matches(TAG, { message: TAG_RULE }),
    IsString(),
    IsGiven(),
  );
const IsRoleFilter = (): PropertyDecorator =>
  applyDecorators(ApiPropertyOptional({ enum: ROLES }), IsIn(ROLES), IsGiven());
const MAKER = /^(?:user|key)_[0-9A-Za-z]{1,64}$/;
const IsMaker = (): PropertyDecorator =>
  applyDecorators(
    ApiPropertyOptional({ pattern: MAKER.source, description: 'The id of the user or key that made it.' }),
    Matches(MAKER, { message: 'createdBy must be the id of a user or a key' }),
    IsString(),
    IsGiven(),
  );
const IsUnusedSince = (): PropertyDecorator =>
  applyDecorators(
    ApiPropertyOptional({ format: 'date-time', description: 'Last used, or else made, before this time.' }),
    IsIsoTime(),
    IsGiven(),
  );

export class CreateKeyBody extends KeyTermsBody {
  @ApiProperty(NAME)
  @IsName()
  name!: string;

  @ApiProperty({ enum: ROLES, example: 'developer' })
  @IsIn(ROLES)
  role!: Role;

  @IsTags()
  tags?: string[];

  @IsEnvironment()
  environment?: string;

  @IsDigest()
  digest?: string;
}

export class UpdateKeyBody extends KeyTermsBody {
  @ApiPropertyOptional(NAME)
  @IsName()
  @IsGiven()
  name?: string;

  @ApiPropertyOptional({ enum: ROLES, description: 'One that may no more than the present one.' })
  @IsIn(ROLES)
  @IsGiven()
  role?: Role;

  @IsTags()
  tags?: string[];
}

const LONGEST_OVERLAP_S = LONGEST_OVERLAP_MS / 1_000;
const DEFAULT_OVERLAP_S = 86_400;

export class PreviousSecretBody {
  @ApiPropertyOptional({
    type: 'integer',
    minimum: 0,
    maximum: LONGEST_OVERLAP_S,
    default: DEFAULT_OVERLAP_S,
  })
  @Max(LONGEST_OVERLAP_S)
  @Min(0)
  @IsInt()
  @IsGiven()
  validForSeconds?: number;

  @ApiPropertyOptional({
    enum: [true],
    description: 'Until the new one has been seen in use, and 7 days at most. Not together with the other.',
  })
  @Equals(true)
  @IsGiven()
  untilNextSeen?: true;
}

export class RotateKeyBody {
  @ApiPropertyOptional({ type: PreviousSecretBody, description: 'How the present secret ends.' })
  @Type(() => PreviousSecretBody)
  @ValidateNested()
  @IsObject()
  @IsGiven()
  previous?: PreviousSecretBody;

  @IsDigest()
  digest?: string;
}

/** @throws ProblemError `validation-failed` unless exactly one of the two is chosen. */
export function previousOf({ previous }: RotateKeyBody): RotateKeyInput['previous'] {
  if (!previous) return { validForMs: DEFAULT_OVERLAP_S * 1_000 };
  const { validForSeconds, untilNextSeen } = previous;
  if ((validForSeconds === undefined) === (untilNextSeen === undefined))
    throw fieldProblem('previous', 'must hold validForSeconds or untilNextSeen, one of the two');
  return validForSeconds === undefined ? { untilNextSeen: true } : { validForMs: validForSeconds * 1_000 };
}

export const FILTER_FIELDS = ['state', 'tag', 'role', 'environment', 'createdBy', 'unusedSince'] as const;

export class ListKeysQuery extends PageQuery {
  @ApiPropertyOptional({ enum: STATES })
  @IsIn(STATES)
  @IsGiven()
  state?: KeyStateName;

  @IsTagFilter()
  tag?: string;

  @IsRoleFilter()
  role?: Role;

  @IsEnvironment()
  environment?: string;

  @IsMaker()
  createdBy?: string;

  @IsUnusedSince()
  unusedSince?: string;
}

export class KeyFilterBody {
  @IsTagFilter()
  tag?: string;

  @IsMaker()
  createdBy?: string;

  @IsRoleFilter()
  role?: Role;

  @IsEnvironment()
  environment?: string;

  @IsUnusedSince()
  unusedSince?: string;
}

/** What of a query or body selects keys, as the read models take it. */
export function filterOf(query: KeyFilterBody & { state?: KeyStateName }): KeyFilter {
  const { state, tag, role, environment, createdBy, unusedSince } = query;
  return {
    ...(state !== undefined && { state }),
    ...(tag !== undefined && { tag }),
    ...(role !== undefined && { role }),
    ...(environment !== undefined && { environment }),
    ...(createdBy !== undefined && { createdBy: makerOf(createdBy) }),
    ...(unusedSince !== undefined && { unusedSince }),
  };
}

function makerOf(id: string): Actor {
  return { type: isId('key', id) ? 'key' : 'user', id };
}

/** What is not even spelled as a key id is unknown, without asking anybody. */
export function refuseUnknown(keyId: string): void {
  if (!isId('key', keyId)) throw noKey();
}

/** One answer for a key that is unknown, foreign, or of the other kind. */
export function noKey(): ProblemError {
  return new ProblemError('not-found', 'There is no such key in this organization.');
}

/** @throws ProblemError `validation-failed` for a change that changes nothing. */
export function refuseEmpty(body: object): void {
  if (Object.values(body).every((value) => value === undefined))
    throw new ProblemError('validation-failed', 'Name at least one field to change.');
}
