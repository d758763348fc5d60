/** Changing a webhook, stopping it for a while, and for good. */
import { Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { api } from '../../api/client.ts';
import { useHere } from '../../api/organization.tsx';
import { keyOf, useChanged } from '../../api/resources.ts';
import { useAction } from '../../api/use-action.ts';
import { FormDialog } from '../../ui/form-dialog.tsx';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import {
  bodyOf,
  VALIDATE,
  valuesOf,
  WebhookFields,
  type Webhook,
  type WebhookValues,
} from './webhook-fields.tsx';

export interface WebhookDialogProps {
  webhook: Webhook;
  onClose: () => void;
}

const WEBHOOK = '/api/v1/organizations/{orgId}/webhooks/{webhookId}';
const nameOf = ({ name, id }: Webhook): string => name ?? id;

export function EditWebhookDialog({ webhook, onClose }: WebhookDialogProps) {
  const { orgId } = useHere();
  const changed = useChanged(orgId);
  const form = useForm<WebhookValues>({
    initialValues: valuesOf(webhook),
    validate: {
      ...VALIDATE,
      name: (name) =>
        name.trim() === '' && webhook.name !== undefined ? 'It can be changed, and not taken away.' : null,
    },
  });
  const save = useAction(async (values: WebhookValues) => {
    await api.PATCH(WEBHOOK, {
      params: {
        path: { orgId, webhookId: webhook.id },
        header: { 'If-Match': `"${webhook.revision}"` },
      },
      body: bodyOf(values),
    });
    await changed('webhooks');
    onClose();
  });
  return (
    <FormDialog
      title={`Edit ${nameOf(webhook)}`}
      confirm="Save webhook"
      size="lg"
      action={save}
      isDisabled={!form.isDirty()}
      onSubmit={form.onSubmit((values) => void save.run(values))}
      onClose={onClose}
    >
      <WebhookFields form={form} problem={save.problem} />
      <Text size="sm" c="dimmed">
        Holds for every message that is sent from now on, also for what waits already.
      </Text>
    </FormDialog>
  );
}

export function DisableDialog({ webhook, onClose }: WebhookDialogProps) {
  const disable = useWebhookAction(webhook, 'disable');
  return (
    <ConfirmDialog
      isOpen
      title={`Disable ${nameOf(webhook)}?`}
      confirm="Disable webhook"
      action={disable}
      onClose={onClose}
    >
      <Text size="sm">
        Nothing is sent to it any more. Events wait, as far as they are kept, and are sent once it is enabled.
      </Text>
    </ConfirmDialog>
  );
}

export function EnableDialog({ webhook, onClose }: WebhookDialogProps) {
  const enable = useWebhookAction(webhook, 'enable');
  return (
    <ConfirmDialog
      isOpen
      title={`Enable ${nameOf(webhook)}?`}
      confirm="Enable webhook"
      action={enable}
      onClose={onClose}
      isHarmless
    >
      <Text size="sm">It goes on from where it stopped: what has happened since is sent now.</Text>
    </ConfirmDialog>
  );
}

export function RemoveWebhookDialog({
  webhook,
  onClose,
  onRemoved,
}: WebhookDialogProps & { onRemoved: () => void }) {
  const { orgId } = useHere();
  const client = useQueryClient();
  const remove = useAction(async () => {
    await api.DELETE(WEBHOOK, { params: { path: { orgId, webhookId: webhook.id } } });
    // The list alone: what is gone is not asked for again by the page that is still shown.
    await client.invalidateQueries({ queryKey: keyOf(orgId, 'webhooks', 'list') });
    onRemoved();
  });
  return (
    <ConfirmDialog
      isOpen
      title={`Remove ${nameOf(webhook)}?`}
      confirm="Remove webhook"
      action={remove}
      onClose={onClose}
    >
      <Text size="sm">
        Its receiver is told nothing any more, and its secret ends. It cannot be brought back; another one
        begins with what happens after it is made.
      </Text>
    </ConfirmDialog>
  );
}

function useWebhookAction(webhook: Webhook, to: 'enable' | 'disable') {
  const { orgId } = useHere();
  const changed = useChanged(orgId);
  return useAction(async () => {
    await api.POST(`${WEBHOOK}/${to}`, { params: { path: { orgId, webhookId: webhook.id } } });
    await changed('webhooks');
  });
}
