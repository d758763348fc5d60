/** What authorizers counted, as it arrives. For `system` alone. */
import type { LastUsedFrom, Positioned, RecordUsageInput, UsageWindow } from '@mcpstack/contracts';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsInt,
  IsObject,
  Matches,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { Envelope, IsIdOf, MayBeAbsent, Nested } from '../envelope.ts';
import { IsTime } from '../fields.ts';

const MAX_WINDOWS = 1_000;
const LIST = `must be a list of 1 to ${MAX_WINDOWS} windows`;
const COUNT = 'must be a whole number of at least 1';

class LastUsedFromBody implements LastUsedFrom {
  @MayBeAbsent()
  @Matches(/^([0-9.]{7,15}\/24|[0-9a-f:]{2,39}\/48)$/, { message: 'must be an IPv4 /24 or an IPv6 /48' })
  addressPrefix?: string;

  @MayBeAbsent()
  @Matches(/^[A-Za-z0-9][A-Za-z0-9 ._+-]{0,63}$/, { message: 'must be the family of a user agent' })
  userAgent?: string;
}

class UsageWindowBody implements UsageWindow {
  @IsIdOf('key')
  keyId!: string;

  @IsIdOf('organization')
  organizationId!: string;

  @IsTime()
  from!: string;

  @IsTime()
  to!: string;

  @IsInt({ message: COUNT })
  @Min(1, { message: COUNT })
  @Max(Number.MAX_SAFE_INTEGER, { message: COUNT })
  count!: number;

  @IsTime()
  lastUsedAt!: string;

  @MayBeAbsent()
  @Nested(() => LastUsedFromBody)
  lastUsedFrom?: LastUsedFromBody;
}

class RecordUsageBody implements RecordUsageInput {
  @Matches(/^[A-Za-z0-9_-]{16,36}$/, { message: 'must be 16 to 36 letters, digits, dashes, underscores' })
  source!: string;

  @IsInt({ message: COUNT })
  @Min(1, { message: COUNT })
  @Max(Number.MAX_SAFE_INTEGER, { message: COUNT })
  number!: number;

  @ArrayMaxSize(MAX_WINDOWS, { message: LIST })
  @ArrayMinSize(1, { message: LIST })
  @IsArray({ message: LIST })
  @IsObject({ each: true, message: LIST })
  @ValidateNested({ each: true })
  @Type(() => UsageWindowBody)
  windows!: UsageWindowBody[];
}

export class RecordUsageCommand extends Envelope<Positioned> {
  @Nested(() => RecordUsageBody)
  input!: RecordUsageBody;
}
