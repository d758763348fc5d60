/**
 * Webhook: decisions. Whoever says where audit events are sent to could read them there, so this takes the
 * permission to read them as well (G8); to stop one takes less.
 */
import {
  ALL_EVENT_TYPES,
  isAuditEventType,
  LONGEST_OVERLAP_MS,
  webhookUrlProblem,
} from '@mcpstack/contracts';
import type { Authority } from '../authority.ts';
import type { Decider } from '../decider.ts';
import {
  conflict,
  invalidField,
  notFound,
  refuseBadName,
  refuseScoped,
  requirePermission,
  requireSystem,
} from '../refusals.ts';
import { after, DAY_MS } from '../time.ts';
import type {
  CreateWebhook,
  DisableWebhook,
  EnableWebhook,
  RemoveWebhook,
  RotateWebhookSecret,
  UpdateWebhook,
  WebhookCommand,
  WithdrawWebhook,
} from './commands.ts';
import {
  evolveWebhook,
  noWebhook,
  type KnownWebhook,
  type WebhookEvent,
  type WebhookState,
} from './events.ts';

export const webhook: Decider<WebhookState, WebhookCommand, WebhookEvent> = {
  initial: noWebhook,
  evolve: evolveWebhook,
  decide(command, state) {
    switch (command.type) {
      case 'CreateWebhook':
        return create(command, state);
      case 'UpdateWebhook':
        return update(command, state);
      case 'RotateWebhookSecret':
        return rotate(command, state);
      case 'DisableWebhook':
        return disable(command, state);
      case 'EnableWebhook':
        return enable(command, state);
      case 'RemoveWebhook':
        return remove(command, state);
      case 'WithdrawWebhook':
        return withdraw(command, state);
      default:
        return command satisfies never;
    }
  },
};

/** What it takes to say where events are sent to. @throws ProblemError */
export function requireToTell(authority: Authority | undefined): asserts authority is Authority {
  requirePermission(authority, 'webhooks:write');
  requirePermission(authority, 'audit:read');
  refuseScoped(authority);
}

function create(command: CreateWebhook, state: WebhookState): readonly WebhookEvent[] {
  const { at, actor, webhookId, organizationId, name, url, keyVersion } = command;
  requireToTell(command.authority);
  const eventTypes = termsOf(command);
  if (state.status !== 'none') {
    // The id derives from the command id: the same webhook again is a retry.
    if (state.id === webhookId && state.organizationId === organizationId && state.url === url) return [];
    throw conflict('A webhook with this id exists already.');
  }
  const secret = { version: 1, keyVersion };
  const data = { webhookId, organizationId, ...(name !== undefined && { name }), url, ...eventTypes, secret };
  return [{ type: 'WebhookCreated', data, at, actor }];
}

function update(command: UpdateWebhook, state: WebhookState): readonly WebhookEvent[] {
  const { at, actor, name, url } = command;
  requireToTell(command.authority);
  const eventTypes = termsOf(command);
  const found = changeable(command, state);
  const events: WebhookEvent[] = [];
  if (name !== undefined && name !== found.name)
    events.push({ type: 'WebhookRenamed', data: { name }, at, actor });
  if (url !== undefined && url !== found.url)
    events.push({ type: 'WebhookUrlChanged', data: { url }, at, actor });
  if (command.eventTypes !== undefined && eventTypes.eventTypes?.join() !== found.eventTypes?.join())
    events.push({ type: 'WebhookEventTypesChanged', data: eventTypes, at, actor });
  return events;
}

function rotate(command: RotateWebhookSecret, state: WebhookState): readonly WebhookEvent[] {
  const { at, actor, keyVersion } = command;
  const { validForMs } = command.previous;
  requireToTell(command.authority);
  if (!Number.isSafeInteger(validForMs) || validForMs < 0 || validForMs > LONGEST_OVERLAP_MS)
    throw invalidField('previous', `must last from nothing to ${LONGEST_OVERLAP_MS / DAY_MS} days`);
  const version = changeable(command, state).secrets.at(-1)!.version + 1;
  const data = { version, keyVersion, previousValidUntil: after(at, validForMs) };
  return [{ type: 'WebhookSecretRotated', data, at, actor }];
}

function disable(command: DisableWebhook, state: WebhookState): readonly WebhookEvent[] {
  const { at, actor, reason, since } = command;
  if (reason === 'requested') requireToStop(command.authority);
  else requireSystem(actor);
  if (changeable(command, state).status === 'disabled') return [];
  const data = { reason, ...(since !== undefined && { since }) };
  return [{ type: 'WebhookDisabled', data, at, actor }];
}

function enable(command: EnableWebhook, state: WebhookState): readonly WebhookEvent[] {
  requireToTell(command.authority);
  if (changeable(command, state).status === 'active') return [];
  return [{ type: 'WebhookEnabled', data: {}, at: command.at, actor: command.actor }];
}

function remove(command: RemoveWebhook, state: WebhookState): readonly WebhookEvent[] {
  requireToStop(command.authority);
  return removed(command, state);
}

function withdraw(command: WithdrawWebhook, state: WebhookState): readonly WebhookEvent[] {
  requireSystem(command.actor);
  return removed(command, state);
}

function removed(command: RemoveWebhook | WithdrawWebhook, state: WebhookState): readonly WebhookEvent[] {
  if (existing(command, state).status === 'removed') return [];
  return [{ type: 'WebhookRemoved', data: {}, at: command.at, actor: command.actor }];
}

function requireToStop(authority: Authority | undefined): void {
  requirePermission(authority, 'webhooks:write');
  refuseScoped(authority);
}

/** Another organization's webhook is answered exactly as one that never was. */
function existing(command: WebhookCommand, state: WebhookState): KnownWebhook {
  if (
    state.status === 'none' ||
    state.id !== command.webhookId ||
    state.organizationId !== command.organizationId
  )
    throw notFound();
  return state;
}

function changeable(command: WebhookCommand, state: WebhookState): KnownWebhook {
  const found = existing(command, state);
  if (found.status === 'removed') throw conflict('The webhook is removed and cannot be changed any more.');
  return found;
}

/** Checks what was asked; the types as they are stored: each once, in one order, and absent for all. */
function termsOf({ name, url, eventTypes, local = false }: CreateWebhook | UpdateWebhook): {
  eventTypes?: string[];
} {
  if (name !== undefined) refuseBadName(name);
  const problem = url === undefined ? undefined : webhookUrlProblem(url, { local });
  if (problem !== undefined) throw invalidField('url', problem);
  if (eventTypes === undefined || (eventTypes.length === 1 && eventTypes[0] === ALL_EVENT_TYPES)) return {};
  if (eventTypes.length === 0)
    throw invalidField('eventTypes', 'must name a type of event, or * for all of them');
  const unknown = eventTypes.findIndex((type) => !isAuditEventType(type));
  if (unknown >= 0)
    throw invalidField(`eventTypes.${unknown}`, 'must be a type of audit event, such as KeyRevoked');
  return { eventTypes: [...new Set(eventTypes)].sort() };
}
