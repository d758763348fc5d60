/** What a service key may be, as it arrives: every rule of shape. What it means is for the decisions to say. */
import {
  PERMISSIONS,
  QUOTA_INTERVALS,
  ROLES,
  type KeyScope,
  type KeyTerms,
  type Permission,
  type Quota,
  type RateLimit,
  type Role,
} from '@mcpstack/contracts';
import { applyDecorators } from '@nestjs/common';
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
  Length,
  Matches,
  Max,
  Min,
  ValidateBy,
  ValidateNested,
} from 'class-validator';
import { IsIdOf, MayBeAbsent, Nested } from '../envelope.ts';
import { IsTime } from '../fields.ts';

const MAX_SCOPE_IDS = 50;
const MAX_BLOCKS = 64;
const MAX_TAGS = 20;
const MAX_LIMITS = 10;
const MOST_UNITS = 1_000_000_000;
const SHORTEST_WINDOW_MS = 1_000;
const LONGEST_WINDOW_MS = 86_400_000;

/** A list of so many different texts, each as the last decorators say. */
export function IsListOf(what: string, { min = 0, max }: { min?: number; max: number }): PropertyDecorator {
  const message = `must be a list of ${min > 0 ? `${min} to ${max}` : `at most ${max}`} ${what}`;
  return applyDecorators(
    ArrayMaxSize(max, { message }),
    ArrayMinSize(min, { message }),
    ArrayUnique({ message: 'must not name anything twice' }),
    IsArray({ message }),
  );
}

/** A list of objects of one class, told apart by their names. */
function IsListNamed(type: () => new () => object, what: string): PropertyDecorator {
  const message = `must be a list of at most ${MAX_LIMITS} ${what}`;
  return applyDecorators(
    ArrayMaxSize(MAX_LIMITS, { message }),
    ArrayUnique((one: { name?: unknown } | null) => one?.name, { message: 'must not use a name twice' }),
    IsArray({ message }),
    IsObject({ each: true, message }),
    ValidateNested({ each: true }),
    Type(type),
  );
}

/** Labels of the caller's own. */
export function IsTags(): PropertyDecorator {
  return applyDecorators(
    Matches(/^[a-z0-9][a-z0-9._:-]{0,63}$/, {
      each: true,
      message:
        'must hold tags of 1 to 64 of a-z, 0-9, dot, underscore, colon and dash, beginning with a letter or digit',
    }),
    IsListOf('tags', { max: MAX_TAGS }),
  );
}

export function IsEnvironment(): PropertyDecorator {
  return Matches(/^[a-z0-9][a-z0-9-]{0,31}$/, {
    message: 'must be 1 to 32 of a-z, 0-9 and dash, beginning with a letter or digit',
  });
}

/** SHA-256 of a token. */
export function IsDigest(): PropertyDecorator {
  return Matches(/^[0-9a-f]{64}$/, { message: 'must be a SHA-256 in lower-case hexadecimal' });
}

function IsLimitName(): PropertyDecorator {
  return Matches(/^[a-z0-9][a-z0-9-]{0,31}$/, { message: 'must be 1 to 32 of a-z, 0-9 and dash' });
}

function IsWhole(from: number, to: number): PropertyDecorator {
  const message = `must be a whole number from ${from} to ${to}`;
  return applyDecorators(Max(to, { message }), Min(from, { message }), IsInt({ message }));
}

/** At least one of the lists: a scope without any would look like a limit and be none. */
function LimitsSomething(): PropertyDecorator {
  return ValidateBy({
    name: 'limitsSomething',
    validator: {
      validate: (value: { agents?: unknown; servers?: unknown } | null) =>
        value?.agents !== undefined || value?.servers !== undefined,
      defaultMessage: () => 'must name agents or servers',
    },
  });
}

class ScopeBody implements KeyScope {
  @MayBeAbsent()
  @IsIdOf('agent', { each: true })
  @IsListOf('ids of agents', { min: 1, max: MAX_SCOPE_IDS })
  agents?: string[];

  @MayBeAbsent()
  @IsIdOf('server', { each: true })
  @IsListOf('ids of servers', { min: 1, max: MAX_SCOPE_IDS })
  servers?: string[];
}

class RateLimitBody implements RateLimit {
  @IsLimitName()
  name!: string;

  @IsWhole(1, MOST_UNITS)
  limit!: number;

  @IsWhole(SHORTEST_WINDOW_MS, LONGEST_WINDOW_MS)
  windowMs!: number;
}

class QuotaBody implements Quota {
  @IsLimitName()
  name!: string;

  @IsWhole(1, MOST_UNITS)
  limit!: number;

  @IsIn(QUOTA_INTERVALS, { message: `must be one of ${QUOTA_INTERVALS.join(', ')}` })
  interval!: Quota['interval'];
}

/** The terms of which each may be left out: all that a change names. */
export class NarrowingBody implements Partial<KeyTerms> {
  @MayBeAbsent()
  @IsIn(PERMISSIONS, { each: true, message: 'must name permissions that exist' })
  @IsListOf('permissions', { max: PERMISSIONS.length })
  permissions?: Permission[];

  @MayBeAbsent()
  @LimitsSomething()
  @Nested(() => ScopeBody)
  scope?: ScopeBody;

  @MayBeAbsent()
  @IsTime()
  expiresAt?: string;

  @MayBeAbsent()
  @Length(1, 64, { each: true, message: 'must hold CIDR blocks or addresses' })
  @IsString({ each: true, message: 'must hold CIDR blocks or addresses' })
  @IsListOf('CIDR blocks or addresses', { min: 1, max: MAX_BLOCKS })
  allowedIps?: string[];

  @MayBeAbsent()
  @IsListNamed(() => RateLimitBody, 'limits')
  limits?: RateLimitBody[];

  @MayBeAbsent()
  @IsListNamed(() => QuotaBody, 'quotas')
  quotas?: QuotaBody[];
}

export class TermsBody extends NarrowingBody implements KeyTerms {
  @IsIn(ROLES, { message: `must be one of ${ROLES.join(', ')}` })
  role!: Role;
}
