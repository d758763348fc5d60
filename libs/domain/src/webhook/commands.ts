/** Commands on webhooks, as the decisions see them. */
import type { Actor, WebhookDisableReason } from '@mcpstack/contracts';
import type { Authority } from '../authority.ts';

interface WebhookCommandBase {
  /** ISO 8601, UTC. */
  at: string;
  actor: Actor;
  organizationId: string;
  webhookId: string;
  /** `authorityOf` the actor in the organization; `undefined` for whoever has none there. */
  authority: Authority | undefined;
}
interface WebhookTerms {
  name?: string;
  url?: string;
  /** Types, or `*` alone. */
  eventTypes?: readonly string[];
  /** For tests and local use: the URL may be of this machine, and http. */
  local?: boolean;
}
export interface CreateWebhook extends WebhookCommandBase, WebhookTerms {
  type: 'CreateWebhook';
  url: string;
  /** Of the master key that its first secret is made from. */
  keyVersion: number;
}
export interface UpdateWebhook extends WebhookCommandBase, WebhookTerms {
  type: 'UpdateWebhook';
}
export interface RotateWebhookSecret extends WebhookCommandBase {
  type: 'RotateWebhookSecret';
  keyVersion: number;
  previous: { validForMs: number };
}
export interface DisableWebhook extends WebhookCommandBase {
  type: 'DisableWebhook';
  /** People and keys ask; what was seen at delivering, our own service says. */
  reason: WebhookDisableReason;
  since?: string;
}
export interface EnableWebhook extends WebhookCommandBase {
  type: 'EnableWebhook';
}
export interface RemoveWebhook extends WebhookCommandBase {
  type: 'RemoveWebhook';
}
/** Takes back one whose maker lost the rights while it was being made; by the system. */
export interface WithdrawWebhook extends WebhookCommandBase {
  type: 'WithdrawWebhook';
}
export type WebhookCommand =
  | CreateWebhook
  | UpdateWebhook
  | RotateWebhookSecret
  | DisableWebhook
  | EnableWebhook
  | RemoveWebhook
  | WithdrawWebhook;
