/** Bodies and answers of the webhook routes. */
import {
  ALL_EVENT_TYPES,
  AUDIT_EVENT_TYPES,
  LONGEST_OVERLAP_MS,
  WEBHOOK_DISABLE_REASONS,
  type ReplayWebhookRequest,
  type Webhook,
  type WebhookDisableReason,
} from '@mcpstack/contracts';
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
  ValidateNested,
} from 'class-validator';
import { ActorAnswer } from '../http/actor-answer.ts';
import { IsGiven, IsIsoTime } from '../http/fields.ts';
import { IsName } from '../http/is-name.ts';
import { ListOf } from '../http/pages.ts';
import { fieldProblem } from '../http/problem-response.ts';

const MAX_URL_LENGTH = 2_048;
const LONGEST_OVERLAP_S = LONGEST_OVERLAP_MS / 1_000;
const DEFAULT_OVERLAP_S = 86_400;
const STATES = ['active', 'disabled'] as const;
const TYPES = [ALL_EVENT_TYPES, ...AUDIT_EVENT_TYPES];
const NAME = { example: 'siem', minLength: 1, maxLength: 100 } as const;
const URL_DOCS = {
  format: 'uri',
  example: 'https://siem.example.com/hooks/mcpstack',
  maxLength: MAX_URL_LENGTH,
  description: 'Absolute, https, of the public internet. It may hold a secret, and only admins see it.',
} as const;
const TYPES_DOCS = {
  isArray: true,
  enum: TYPES,
  example: ['KeyRevoked', 'KeyExpiring'] as string[],
  description: 'Types of audit events; `*` alone stands for all, also those to come.',
};

const IsTypes = (): PropertyDecorator => (target, property) => {
  const message = 'must be types of audit events, or * alone';
  const name = property as string;
  IsIn(TYPES, { each: true, message })(target, name);
  ArrayUnique({ message: 'must not name anything twice' })(target, name);
  ArrayMaxSize(TYPES.length, { message })(target, name);
  ArrayMinSize(1, { message })(target, name);
  IsArray({ message })(target, name);
};

export class CreateWebhookBody {
  @ApiPropertyOptional(NAME)
  @IsName()
  @IsGiven()
  name?: string;

  @ApiProperty(URL_DOCS)
  @MaxLength(MAX_URL_LENGTH)
  @IsString()
  url!: string;

  @ApiPropertyOptional({ ...TYPES_DOCS, default: [ALL_EVENT_TYPES] })
  @IsTypes()
  @IsGiven()
  eventTypes?: string[];
}

export class UpdateWebhookBody {
  @ApiPropertyOptional(NAME)
  @IsName()
  @IsGiven()
  name?: string;

  @ApiPropertyOptional(URL_DOCS)
  @MaxLength(MAX_URL_LENGTH)
  @IsString()
  @IsGiven()
  url?: string;

  @ApiPropertyOptional(TYPES_DOCS)
  @IsTypes()
  @IsGiven()
  eventTypes?: string[];
}

export class PreviousWebhookSecretBody {
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
}

export class RotateWebhookSecretBody {
  @ApiPropertyOptional({
    type: PreviousWebhookSecretBody,
    description: 'How long messages are also signed with the present secret.',
  })
  @Type(() => PreviousWebhookSecretBody)
  @ValidateNested()
  @IsObject()
  @IsGiven()
  previous?: PreviousWebhookSecretBody;
}

export function overlapOf({ previous }: RotateWebhookSecretBody): { validForMs: number } {
  return { validForMs: (previous?.validForSeconds ?? DEFAULT_OVERLAP_S) * 1_000 };
}

export class ReplayWebhookBody {
  @ApiPropertyOptional({
    example: '1841',
    description:
      'What comes after it is sent again. It must not lie ahead of what was delivered: nothing is skipped.',
  })
  @Matches(/^(0|[1-9][0-9]{0,15})$/, { message: 'must be the position of an event' })
  @IsGiven()
  position?: string;

  @ApiPropertyOptional({ format: 'date-time', description: 'Everything from then on is sent again.' })
  @IsIsoTime()
  @IsGiven()
  time?: string;
}

/** @throws ProblemError `validation-failed` unless exactly one of the two is chosen. */
export function fromOf({ position, time }: ReplayWebhookBody): ReplayWebhookRequest['from'] {
  if (position !== undefined && time === undefined) return { position };
  if (time !== undefined && position === undefined) return { time };
  throw fieldProblem('position', 'must be given, or a time: one of the two');
}

export class WebhookSecretAnswer {
  @ApiProperty({ type: 'integer', minimum: 1 })
  version!: number;

  @ApiProperty({ format: 'date-time' })
  createdAt!: string;

  @ApiPropertyOptional({ format: 'date-time', description: 'Until when messages are also signed with it.' })
  validUntil?: string;
}

export class WebhookAnswer implements Omit<Webhook, 'eventTypes' | 'state'> {
  @ApiProperty({ example: 'whk_8i0K2m4O6q8S0u2W4y6A8c' })
  id!: string;

  @ApiProperty({ example: 'org_4fZ0q2m1c8bVdJw5rT7yXa' })
  organizationId!: string;

  @ApiPropertyOptional({ example: 'siem' })
  name?: string;

  @ApiProperty({ example: 'https://siem.example.com/hooks/mcpstack' })
  url!: string;

  @ApiProperty(TYPES_DOCS)
  eventTypes!: string[];

  @ApiProperty({ enum: STATES })
  state!: (typeof STATES)[number];

  @ApiPropertyOptional({ format: 'date-time' })
  disabledAt?: string;

  @ApiPropertyOptional({
    enum: WEBHOOK_DISABLE_REASONS,
    description: '`failing`: nothing but failure for five days. `gone`: the receiver answered 410.',
  })
  disabledReason?: WebhookDisableReason;

  @ApiPropertyOptional({ format: 'date-time', description: 'Since when there was nothing but failure.' })
  failingSince?: string;

  @ApiProperty({ type: [WebhookSecretAnswer], description: 'Those that sign, oldest first.' })
  secrets!: WebhookSecretAnswer[];

  @ApiProperty({ format: 'date-time' })
  createdAt!: string;

  @ApiProperty({ type: ActorAnswer })
  createdBy!: ActorAnswer;

  @ApiProperty({ example: '7', description: 'What the ETag holds.' })
  revision!: string;
}

export class WebhookList extends ListOf(WebhookAnswer) {}

export class CreatedWebhookAnswer extends WebhookAnswer {
  @ApiPropertyOptional({
    example: 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oDR4bNFuZ6Pbo=',
    description: 'What messages are signed with. Shown in this answer and never again.',
  })
  secret?: string;

  @ApiPropertyOptional({ enum: [true], description: 'A retry whose secret was shown before.' })
  secretAlreadyShown?: true;
}
