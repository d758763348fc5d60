/** What is answered of the deliveries to a webhook. */
import {
  AUDIT_SUBJECTS,
  type AuditSubjectKind,
  type WebhookAttempt,
  type WebhookProgress,
} from '@mcpstack/contracts';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

export class WebhookSubjectAnswer {
  @ApiProperty({ enum: Object.keys(AUDIT_SUBJECTS) })
  kind!: AuditSubjectKind;

  @ApiProperty({ example: 'key_0aB3dE5gH7jK9mN1pQ3sT5' })
  id!: string;
}

export class WebhookAttemptAnswer implements WebhookAttempt {
  @ApiProperty({ format: 'date-time' })
  at!: string;

  @ApiProperty({ description: 'The `webhook-id` of the message: the id of the event.' })
  messageId!: string;

  @ApiProperty({ example: 'KeyRevoked', description: 'Of the event; `Ping` of a test.' })
  type!: string;

  @ApiPropertyOptional({ type: WebhookSubjectAnswer })
  subject?: WebhookSubjectAnswer;

  @ApiPropertyOptional({ example: '1841', description: 'Of the event in the log.' })
  position?: string;

  @ApiProperty({ type: 'integer', minimum: 1 })
  attempt!: number;

  @ApiProperty()
  ok!: boolean;

  @ApiPropertyOptional({ type: 'integer', example: 204, description: 'What the receiver answered.' })
  status?: number;

  @ApiPropertyOptional({ description: 'Why it failed.' })
  reason?: string;

  @ApiProperty({ type: 'integer', minimum: 0 })
  durationMs!: number;
}

export class WebhookGapAnswer {
  @ApiProperty({ example: '1841' })
  after!: string;

  @ApiProperty({ example: '90211' })
  before!: string;

  @ApiProperty({ format: 'date-time' })
  at!: string;
}

export class WebhookReplayedAnswer {
  @ApiProperty({ example: '1841' })
  after!: string;

  @ApiProperty({ format: 'date-time' })
  at!: string;

  @ApiProperty({ description: 'Of the request that asked for it, as in `X-Request-Id` and in the logs.' })
  requestId!: string;
}

export class WebhookProgressAnswer implements WebhookProgress {
  @ApiProperty({ example: '1841', description: 'Every event up to here was delivered, or is not wanted.' })
  position!: string;

  @ApiProperty({ type: 'integer', minimum: 0, description: 'Events that wait, of those looked at.' })
  waiting!: number;

  @ApiPropertyOptional({ format: 'date-time', description: 'Since when there is nothing but failure.' })
  failingSince?: string;

  @ApiPropertyOptional({ format: 'date-time' })
  nextAttemptAt?: string;

  @ApiPropertyOptional({
    type: WebhookGapAnswer,
    description: 'Events between these positions were dropped before their turn came.',
  })
  gap?: WebhookGapAnswer;

  @ApiPropertyOptional({
    type: WebhookReplayedAnswer,
    description: 'The latest replay: after which position it began again.',
  })
  replayed?: WebhookReplayedAnswer;
}

export class WebhookDeliveriesAnswer {
  @ApiProperty({ type: WebhookProgressAnswer })
  progress!: WebhookProgressAnswer;

  @ApiProperty({ type: [WebhookAttemptAnswer], description: 'The latest 50, newest first.' })
  data!: WebhookAttemptAnswer[];
}
