/** A new secret for a webhook, and telling it again what happened. */
import { Group, Radio, Select, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { useHere } from '../../api/organization.tsx';
import { useChanged } from '../../api/resources.ts';
import { useAction } from '../../api/use-action.ts';
import { FormDialog, submitting } from '../../ui/form-dialog.tsx';
import { timeOf } from '../../ui/local-time.ts';
import type { WebhookDialogProps } from './webhook-dialogs.tsx';
import { showWebhookSecret } from './webhook-secret.tsx';

const OVERLAPS = [
  { value: '3600', label: 'for 1 hour' },
  { value: '86400', label: 'for 1 day' },
  { value: '604800', label: 'for 7 days' },
  { value: '0', label: 'not at all: it has leaked' },
];

export function RotateWebhookDialog({ webhook, onClose }: WebhookDialogProps) {
  const { orgId } = useHere();
  const changed = useChanged(orgId);
  const [overlap, setOverlap] = useState('86400');
  const name = webhook.name ?? webhook.id;
  const rotate = useAction(async () => {
    const { data } = await api.POST('/api/v1/organizations/{orgId}/webhooks/{webhookId}/rotate-secret', {
      params: { path: { orgId, webhookId: webhook.id } },
      body: { previous: { validForSeconds: Number(overlap) } },
    });
    showWebhookSecret(data, `New secret of the webhook ${name}`);
    onClose();
    await changed('webhooks');
  });
  return (
    <FormDialog
      title={`Rotate the secret of ${name}`}
      confirm="Rotate the secret"
      action={rotate}
      isDestructive={overlap === '0'}
      onSubmit={submitting(() => void rotate.run())}
      onClose={onClose}
    >
      <Select
        label="The old secret signs messages too"
        data={OVERLAPS}
        value={overlap}
        onChange={(value) => setOverlap(value ?? overlap)}
        allowDeselect={false}
      />
      <Text size="sm">
        {overlap === '0'
          ? 'The receiver refuses every message until it has the new secret; they are sent again.'
          : 'Messages carry two signatures for that long: give the receiver the new secret meanwhile.'}
      </Text>
    </FormDialog>
  );
}

export function ReplayDialog({ webhook, onClose }: WebhookDialogProps) {
  const { orgId } = useHere();
  const changed = useChanged(orgId);
  const [by, setBy] = useState<'time' | 'position'>('time');
  const [value, setValue] = useState({ time: '', position: '' });
  const time = timeOf(value.time);
  const position = /^(?:0|[1-9][0-9]{0,15})$/.test(value.position.trim()) ? value.position.trim() : undefined;
  const replay = useAction(async () => {
    await api.POST('/api/v1/organizations/{orgId}/webhooks/{webhookId}/replay', {
      params: { path: { orgId, webhookId: webhook.id } },
      body: by === 'time' ? { time: time! } : { position: position! },
    });
    await changed('webhooks');
    onClose();
  });
  const isGiven = by === 'time' ? time !== undefined : position !== undefined;
  return (
    <FormDialog
      title={`Replay ${webhook.name ?? webhook.id}`}
      confirm="Send again"
      action={replay}
      isDisabled={!isGiven}
      onSubmit={submitting(() => isGiven && void replay.run())}
      onClose={onClose}
    >
      <Text size="sm">
        What happened is sent again, in order, with the same ids: a receiver that keeps them notices what it
        has had. It goes back only.
      </Text>
      <Radio.Group label="From" value={by} onChange={(next) => setBy(next)}>
        <Group mt="xs">
          <Radio value="time" label="a time on" />
          <Radio value="position" label="after a position" />
        </Group>
      </Radio.Group>
      {by === 'time' ? (
        <TextInput
          label="Time"
          type="datetime-local"
          value={value.time}
          onChange={({ currentTarget }) => setValue({ ...value, time: currentTarget.value })}
        />
      ) : (
        <TextInput
          label="Position"
          description="Of the last event that the receiver has had; each message names its own."
          inputMode="numeric"
          value={value.position}
          onChange={({ currentTarget }) => setValue({ ...value, position: currentTarget.value })}
        />
      )}
    </FormDialog>
  );
}
