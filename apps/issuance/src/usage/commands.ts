/** What authorizers counted, as it arrives. For `system` alone. */
import type { Positioned, RecordUsageInput, UsageWindow } from '@mcpstack/contracts';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsInt,
  IsObject,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { Envelope, IsIdOf, Nested } from '../envelope.ts';
import { IsTime } from '../fields.ts';

const MAX_WINDOWS = 1_000;
const LIST = `must be a list of 1 to ${MAX_WINDOWS} windows`;
const COUNT = 'must be a whole number of at least 1';

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
}

class RecordUsageBody implements RecordUsageInput {
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
