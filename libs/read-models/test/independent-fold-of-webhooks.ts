/** Webhooks as they must be, told from their events alone. */
import type { Step } from './independent-fold-parts.ts';

interface Held {
  organizationId: string;
  secrets: object[];
}

export function foldWebhook({ fold, type, data, id, at, actor, position }: Step): void {
  const name = `webhook:${id}`;
  const lists = (organizationId: string) => [`organization-webhooks:${organizationId}`, 'webhooks'];
  const before = fold.get<Held>(name, 'data');
  const set = (more: object, ...without: string[]): void => {
    const all = Object.entries({ ...before, ...more }).filter(([field]) => !without.includes(field));
    fold.put(name, 'data', Object.fromEntries(all));
  };
  if (type === 'WebhookCreated') {
    const { organizationId, url, eventTypes, secret } = data;
    set({
      ...{ status: 'active', id, organizationId, ...(data.name && { name: data.name }), url },
      ...(eventTypes && { eventTypes }),
      ...{ secrets: [{ ...secret, createdAt: at }], enabledAt: at, createdAt: at, createdBy: actor },
      createdPosition: `${position}`,
    });
    for (const list of lists(organizationId)) fold.put(list, id, position);
  } else if (!before) return;
  else if (type === 'WebhookRenamed') set({ name: data.name });
  else if (type === 'WebhookUrlChanged') set({ url: data.url });
  else if (type === 'WebhookEventTypesChanged')
    set(data.eventTypes ? { eventTypes: data.eventTypes } : {}, ...(data.eventTypes ? [] : ['eventTypes']));
  else if (type === 'WebhookSecretRotated') {
    const { version, keyVersion, previousValidUntil } = data;
    const last = { ...before.secrets.at(-1), validUntil: previousValidUntil };
    set({ secrets: [last, { version, keyVersion, createdAt: at }] });
  } else if (type === 'WebhookDisabled') {
    const since = data.since !== undefined && { failingSince: data.since };
    set({ status: 'disabled', disabledAt: at, disabledReason: data.reason, ...since });
  } else if (type === 'WebhookEnabled')
    set({ status: 'active', enabledAt: at }, 'disabledAt', 'disabledReason', 'failingSince');
  else if (type === 'WebhookRemoved') {
    set({ status: 'removed' });
    for (const list of lists(before.organizationId)) fold.drop(list, id);
  } else throw new Error(`${type} fits nothing`);
}
