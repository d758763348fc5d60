/** What a service key may be, as bodies name it and answers show it: shapes and bounds. Issuance decides the rest. */
import {
  ID_PREFIXES,
  PERMISSIONS,
  QUOTA_INTERVALS,
  type KeyScope,
  type KeyTerms,
  type Permission,
  type Quota,
  type RateLimit,
} from '@mcpstack/contracts';
import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsIn,
  IsInt,
  IsObject,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateBy,
  ValidateNested,
} from 'class-validator';
import { IsGiven, IsIsoTime } from '../http/fields.ts';

const MAX_SCOPED = 50;
const MAX_LIMITS = 10;
const MAX_ALLOWED_IPS = 64;
const LIMIT_NAME = /^[a-z0-9][a-z0-9-]{0,31}$/;
const LIMIT_NAME_RULE = 'name must be 1 to 32 of a-z, 0-9 and dash, and not begin with a dash';

/** Spelling alone; whether the agent or server exists is decided with the command. */
function IsScopeList(kind: 'agent' | 'server'): PropertyDecorator {
  const spelled = new RegExp(`^${ID_PREFIXES[kind]}_[0-9A-Za-z]{1,64}$`);
  const items = { type: 'string', pattern: spelled.source };
  return applyDecorators(
    ApiPropertyOptional({ type: 'array', items, minItems: 1, maxItems: MAX_SCOPED, uniqueItems: true }),
    Matches(spelled, {
      each: true,
      message: `each must be the id of ${kind === 'agent' ? 'an agent' : 'a server'}`,
    }),
    IsString({ each: true }),
    ArrayUnique(),
    ArrayMaxSize(MAX_SCOPED),
    ArrayMinSize(1),
    IsArray(),
    IsGiven(),
  );
}

/** At least one of the lists: a scope without any would look like a limit and be none. */
function LimitsSomething(): PropertyDecorator {
  return ValidateBy({
    name: 'limitsSomething',
    validator: {
      validate: (scope: KeyScope | null) => scope?.agents !== undefined || scope?.servers !== undefined,
      defaultMessage: () => 'must name agents or servers',
    },
  });
}

const nameOf = (one: { name?: unknown } | null): unknown => one?.name;
const TWICE = { message: 'must not use a name twice' };

export class KeyScopeBody implements KeyScope {
  @IsScopeList('agent')
  agents?: string[];

  @IsScopeList('server')
  servers?: string[];
}

export class RateLimitBody implements RateLimit {
  @ApiProperty({ pattern: LIMIT_NAME.source, example: 'requests' })
  @Matches(LIMIT_NAME, { message: LIMIT_NAME_RULE })
  @IsString()
  name!: string;

  @ApiProperty({ type: 'integer', minimum: 1, maximum: 1_000_000_000 })
  @Max(1_000_000_000)
  @Min(1)
  @IsInt()
  limit!: number;

  @ApiProperty({ type: 'integer', minimum: 1_000, maximum: 86_400_000, description: 'Milliseconds.' })
  @Max(86_400_000)
  @Min(1_000)
  @IsInt()
  windowMs!: number;
}

export class QuotaBody implements Quota {
  @ApiProperty({ pattern: LIMIT_NAME.source, example: 'monthly' })
  @Matches(LIMIT_NAME, { message: LIMIT_NAME_RULE })
  @IsString()
  name!: string;

  @ApiProperty({ type: 'integer', minimum: 1, maximum: 1_000_000_000 })
  @Max(1_000_000_000)
  @Min(1)
  @IsInt()
  limit!: number;

  @ApiProperty({ enum: QUOTA_INTERVALS, description: 'A calendar interval, UTC; weeks begin on Monday.' })
  @IsIn(QUOTA_INTERVALS)
  interval!: Quota['interval'];
}

/** Without the role, which is required in some bodies and optional in others. */
export class KeyTermsBody implements Omit<KeyTerms, 'role'> {
  @ApiPropertyOptional({
    enum: PERMISSIONS,
    isArray: true,
    uniqueItems: true,
    description: 'Narrows the role to these. Absent: all that the role may.',
  })
  @IsIn(PERMISSIONS, { each: true })
  @ArrayUnique()
  @ArrayMaxSize(PERMISSIONS.length)
  @IsArray()
  @IsGiven()
  permissions?: Permission[];

  @ApiPropertyOptional({ type: KeyScopeBody, description: 'Limits it to some agents or servers.' })
  @LimitsSomething()
  @Type(() => KeyScopeBody)
  @ValidateNested()
  @IsObject()
  @IsGiven()
  scope?: KeyScopeBody;

  @ApiPropertyOptional({ format: 'date-time', description: 'In the future, at most 3650 days ahead.' })
  @IsIsoTime()
  @IsGiven()
  expiresAt?: string;

  @ApiPropertyOptional({
    type: [String],
    minItems: 1,
    maxItems: MAX_ALLOWED_IPS,
    uniqueItems: true,
    example: ['203.0.113.0/24', '2001:db8::/32'],
    description: 'CIDR blocks or addresses. Absent: any address.',
  })
  @MaxLength(64, { each: true })
  @IsString({ each: true })
  @ArrayUnique()
  @ArrayMaxSize(MAX_ALLOWED_IPS)
  @ArrayMinSize(1)
  @IsArray()
  @IsGiven()
  allowedIps?: string[];

  @ApiPropertyOptional({ type: [RateLimitBody], maxItems: MAX_LIMITS })
  @Type(() => RateLimitBody)
  @ValidateNested({ each: true })
  @ArrayUnique(nameOf, TWICE)
  @IsObject({ each: true })
  @ArrayMaxSize(MAX_LIMITS)
  @IsArray()
  @IsGiven()
  limits?: RateLimitBody[];

  @ApiPropertyOptional({ type: [QuotaBody], maxItems: MAX_LIMITS })
  @Type(() => QuotaBody)
  @ValidateNested({ each: true })
  @ArrayUnique(nameOf, TWICE)
  @IsObject({ each: true })
  @ArrayMaxSize(MAX_LIMITS)
  @IsArray()
  @IsGiven()
  quotas?: QuotaBody[];
}

/** The terms that a body names, as a command takes them. */
export function termsOf(body: KeyTermsBody): Omit<KeyTerms, 'role'> {
  const { permissions, scope, expiresAt, allowedIps, limits, quotas } = body;
  return {
    ...(permissions && { permissions }),
    ...(scope && { scope: scopeOf(scope) }),
    ...(expiresAt !== undefined && { expiresAt }),
    ...(allowedIps && { allowedIps }),
    ...(limits && { limits: limits.map(limitOf) }),
    ...(quotas && { quotas: quotas.map(quotaOf) }),
  };
}

export function scopeOf({ agents, servers }: KeyScope): KeyScopeBody {
  return { ...(agents && { agents: [...agents] }), ...(servers && { servers: [...servers] }) };
}

export function limitOf({ name, limit, windowMs }: RateLimit): RateLimitBody {
  return { name, limit, windowMs };
}

export function quotaOf({ name, limit, interval }: Quota): QuotaBody {
  return { name, limit, interval };
}
