/** Read model: one record per webhook, the list of an organization's webhooks, and the list of all. */
import type { AuditEventType, Webhook } from '@mcpstack/contracts';
import { evolveWebhook, noWebhook, type KnownWebhook, type WebhookEvent } from '@mcpstack/domain';
import { listRecords } from './list-records.ts';
import { names } from './namespace.ts';
import { requireBeginning, type Projected, type ReadModel, type Write } from './read-model.ts';
import { READ_SCRIPTS } from './read-scripts.ts';
import type { ReadModels, WatchedWebhook } from './reading.ts';
import { readable, rowsIn, type Found } from './row.ts';
import type { TrustedReader } from './trusted-reader.ts';

/** Where in the log it was created: it is told what comes after. */
interface WebhookFold extends KnownWebhook {
  createdPosition: string;
}

export const webhooks: ReadModel<WebhookFold, WebhookEvent> = {
  category: 'webhook',
  recordName: names.webhook,
  toldIn: ({ organizationId }) => organizationId,
  project(before, event, { id, position }): Projected<WebhookFold> {
    const made = event.type === 'WebhookCreated' ? event.data.webhookId : undefined;
    requireBeginning(before, event, { made, id });
    const after = evolveWebhook(before ?? noWebhook, event);
    if (after.status === 'none') throw new Error(`${event.type} ended in no webhook`);
    const createdPosition = before?.createdPosition ?? `${position}`;
    return { record: { ...after, createdPosition }, writes: listed(before, after, position) };
  },
};

function listed(before: KnownWebhook | undefined, after: KnownWebhook, position: bigint): Write[] {
  const lists = [names.webhooksOf(after.organizationId), names.webhooks];
  if (!before) return lists.map((name): Write => ['ZADD', name, `${position}`, after.id]);
  const isGone = after.status === 'removed' && before.status !== 'removed';
  return isGone ? lists.map((name): Write => ['ZREM', name, after.id]) : [];
}

function webhookOf({ data, revision }: Found<WebhookFold>): Webhook {
  const { status, secrets, eventTypes, createdPosition: _, enabledAt: _at, ...shown } = data;
  return {
    ...shown,
    // Those were checked when they were written.
    ...(eventTypes && { eventTypes: eventTypes as readonly AuditEventType[] }),
    state: status,
    secrets: secrets.map(({ keyVersion: _, ...secret }) => secret),
    revision,
  };
}

function watchedOf(found: Found<WebhookFold>): WatchedWebhook {
  const { secrets, createdPosition, enabledAt } = found.data;
  return { ...webhookOf(found), secrets, createdPosition, enabledAt };
}

export function webhookReads(
  reader: TrustedReader,
): Pick<ReadModels, 'getWebhook' | 'listWebhooks' | 'watchWebhook' | 'watchWebhooks'> {
  const one = <Item>(
    organizationId: string,
    webhookId: string,
    itemOf: (found: Found<WebhookFold>) => Item,
  ) =>
    reader.read(READ_SCRIPTS.records, [names.webhook(webhookId)], (reply) => {
      const found = readable<WebhookFold>(rowsIn(reply)[0]!);
      // A foreign webhook and an unknown one give the same answer (G8).
      return found?.data.organizationId === organizationId ? itemOf(found) : undefined;
    });
  return {
    getWebhook: async (organizationId, webhookId) => one(organizationId, webhookId, webhookOf),
    listWebhooks: async (organizationId, request = {}) =>
      listRecords(reader, request, {
        list: { name: names.webhooksOf(organizationId), order: 'newest' },
        category: 'webhook',
        itemOf: webhookOf,
      }),
    watchWebhook: async (organizationId, webhookId) => one(organizationId, webhookId, watchedOf),
    watchWebhooks: async (request = {}) =>
      listRecords(reader, request, {
        list: { name: names.webhooks, order: 'oldest' },
        category: 'webhook',
        itemOf: watchedOf,
      }),
  };
}
