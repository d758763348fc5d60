/** Commands on webhooks. */
import type { Positioned } from './commands.ts';
import type { OrganizationIdInput } from './commands-organizations.ts';
import type { Webhook, WebhookDisableReason } from './webhooks.ts';

export interface CreateWebhookInput extends OrganizationIdInput {
  name?: string;
  url: string;
  /** Types of audit events, or `*` alone for all, also those to come; all if absent. */
  eventTypes?: readonly string[];
}
/** Its secret is made from a master key, the webhook's id and a version: no event holds it. */
export interface CreateWebhookOutput extends Positioned {
  webhook: Webhook;
  /** `whsec_…`, shown once. Absent when a retry cannot open the kept reply. */
  secret?: string;
  /** A retry whose secret was shown before and cannot be shown again. */
  secretAlreadyShown?: true;
}
export interface WebhookIdInput extends OrganizationIdInput {
  webhookId: string;
}
/** What is absent stays. */
export interface UpdateWebhookInput extends WebhookIdInput {
  name?: string;
  url?: string;
  eventTypes?: readonly string[];
  ifRevision?: string;
}
export interface RotateWebhookSecretInput extends WebhookIdInput {
  /** How long messages are also signed with the present secret: 0 to 7 days. One before it ends at once. */
  previous: { validForMs: number };
}
export interface DisableWebhookInput extends WebhookIdInput {
  reason: WebhookDisableReason;
  /** Since when nothing but failure was seen; with `failing` and `gone`. ISO 8601. */
  since?: string;
}
export interface WebhookOutput extends Positioned {
  webhook: Webhook;
}
