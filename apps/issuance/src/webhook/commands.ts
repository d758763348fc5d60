/** Commands on webhooks, as they arrive. */
import {
  AUDIT_EVENT_TYPES,
  LONGEST_OVERLAP_MS,
  WEBHOOK_DISABLE_REASONS,
  type CreateWebhookInput,
  type CreateWebhookOutput,
  type DisableWebhookInput,
  type Positioned,
  type RotateWebhookSecretInput,
  type UpdateWebhookInput,
  type WebhookDisableReason,
  type WebhookIdInput,
  type WebhookOutput,
} from '@mcpstack/contracts';
import { IsIn, IsInt, IsString, Length, Max, Min } from 'class-validator';
import { Envelope, IsIdOf, IsName, IsRevision, MayBeAbsent, Nested } from '../envelope.ts';
import { IsTime } from '../fields.ts';
import { IsListOf } from '../key/terms.ts';

/** Whether it is a URL that may be sent to, the decision says. */
const LONGEST_URL = 2_048;
const LONGEST_TYPE = 100;

/** Whether they are types of events, the decision says. */
const IsTypes = () => (target: object, property: string) => {
  IsString({ each: true })(target, property);
  Length(1, LONGEST_TYPE, { each: true })(target, property);
  IsListOf('types of events', { min: 1, max: AUDIT_EVENT_TYPES.length })(target, property);
};

class CreateWebhookBody implements CreateWebhookInput {
  @IsIdOf('organization')
  organizationId!: string;

  @MayBeAbsent()
  @IsName()
  name?: string;

  @IsString()
  @Length(1, LONGEST_URL)
  url!: string;

  @MayBeAbsent()
  @IsTypes()
  eventTypes?: string[];
}

class WebhookIdBody implements WebhookIdInput {
  @IsIdOf('organization')
  organizationId!: string;

  @IsIdOf('webhook')
  webhookId!: string;
}

class UpdateWebhookBody extends WebhookIdBody implements UpdateWebhookInput {
  @MayBeAbsent()
  @IsName()
  name?: string;

  @MayBeAbsent()
  @IsString()
  @Length(1, LONGEST_URL)
  url?: string;

  @MayBeAbsent()
  @IsTypes()
  eventTypes?: string[];

  @MayBeAbsent()
  @IsRevision()
  ifRevision?: string;
}

class OverlapBody {
  @Min(0)
  @Max(LONGEST_OVERLAP_MS)
  @IsInt()
  validForMs!: number;
}

class RotateWebhookSecretBody extends WebhookIdBody implements RotateWebhookSecretInput {
  @Nested(() => OverlapBody)
  previous!: OverlapBody;
}

class DisableWebhookBody extends WebhookIdBody implements DisableWebhookInput {
  @IsIn(WEBHOOK_DISABLE_REASONS)
  reason!: WebhookDisableReason;

  @MayBeAbsent()
  @IsTime()
  since?: string;
}

export class CreateWebhookCommand extends Envelope<CreateWebhookOutput> {
  @Nested(() => CreateWebhookBody)
  input!: CreateWebhookBody;
}

export class UpdateWebhookCommand extends Envelope<WebhookOutput> {
  @Nested(() => UpdateWebhookBody)
  input!: UpdateWebhookBody;
}

export class RotateWebhookSecretCommand extends Envelope<CreateWebhookOutput> {
  @Nested(() => RotateWebhookSecretBody)
  input!: RotateWebhookSecretBody;
}

export class DisableWebhookCommand extends Envelope<WebhookOutput> {
  @Nested(() => DisableWebhookBody)
  input!: DisableWebhookBody;
}

export class EnableWebhookCommand extends Envelope<WebhookOutput> {
  @Nested(() => WebhookIdBody)
  input!: WebhookIdBody;
}

export class RemoveWebhookCommand extends Envelope<Positioned> {
  @Nested(() => WebhookIdBody)
  input!: WebhookIdBody;
}
