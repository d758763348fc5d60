/** Where the organization's events are sent to. */
import { Anchor, Button, Group, Stack, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { Link } from 'wouter';
import { api } from '../../api/client.ts';
import { useHere } from '../../api/organization.tsx';
import { keyOf, useChanged, usePages } from '../../api/resources.ts';
import { useAction } from '../../api/use-action.ts';
import { pathTo } from '../../shell/paths.ts';
import { FormDialog } from '../../ui/form-dialog.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { Listing, type Column } from '../../ui/listing.tsx';
import { MissingPermission } from '../../ui/missing-permission.tsx';
import { Name } from '../../ui/name.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import {
  bodyOf,
  NEW_WEBHOOK,
  typesText,
  VALIDATE,
  WebhookFields,
  type Webhook,
  type WebhookValues,
} from './webhook-fields.tsx';
import { showWebhookSecret } from './webhook-secret.tsx';

export function WebhooksTab() {
  const { can } = useHere();
  if (!can('webhooks:read')) return <MissingPermission permission="webhooks:read" to="see the webhooks" />;
  return <WebhookList />;
}

function WebhookList() {
  const { orgId, can } = useHere();
  const [isCreating, setCreating] = useState(false);
  const pages = usePages<Webhook>(keyOf(orgId, 'webhooks', 'list'), (page) =>
    api.GET('/api/v1/organizations/{orgId}/webhooks', {
      params: { path: { orgId }, query: { ...page, limit: 50 } },
    }),
  );
  // Where events go, they can be read.
  const mayCreate = can('webhooks:write') && can('audit:read');
  const columns: readonly Column<Webhook>[] = [
    {
      title: 'Name',
      width: '26%',
      cell: ({ id, name }) => (
        <Anchor component={Link} href={pathTo(orgId, 'settings', 'webhooks', id)} fw={500} size="sm">
          <Name size="sm">{name ?? id}</Name>
        </Anchor>
      ),
    },
    { title: 'Address', width: '34%', cell: ({ url }) => <Name size="sm">{url}</Name> },
    { title: 'Events', cell: (webhook) => <Text size="sm">{typesText(webhook)}</Text> },
    {
      title: 'State',
      cell: ({ state }) => <StateBadge state={state} />,
    },
  ];
  return (
    <Stack>
      <Group justify="space-between" align="flex-start">
        <Text c="dimmed" size="sm" maw={620}>
          What happens in the organization is sent to a service of yours: signed, in order, and again until it
          is taken.
        </Text>
        {mayCreate && (
          <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setCreating(true)}>
            Create webhook
          </Button>
        )}
      </Group>
      <Listing
        caption="Webhooks"
        pages={pages}
        columns={columns}
        idOf={({ id }) => id}
        empty={
          <EmptyState title="No webhooks yet">
            A SIEM or a chat can follow what happens here. Make one with the address of its receiver; its
            secret is shown once.
          </EmptyState>
        }
      />
      {isCreating && <CreateWebhookDialog onClose={() => setCreating(false)} />}
    </Stack>
  );
}

function CreateWebhookDialog({ onClose }: { onClose: () => void }) {
  const { orgId } = useHere();
  const changed = useChanged(orgId);
  const form = useForm<WebhookValues>({ initialValues: NEW_WEBHOOK, validate: VALIDATE });
  const create = useAction(async (values: WebhookValues) => {
    const { data } = await api.POST('/api/v1/organizations/{orgId}/webhooks', {
      params: { path: { orgId } },
      body: bodyOf(values),
    });
    showWebhookSecret(data, `Secret of the webhook ${data.name ?? data.id}`);
    onClose();
    await changed('webhooks');
  });
  return (
    <FormDialog
      title="Create webhook"
      confirm="Create webhook"
      size="lg"
      action={create}
      onSubmit={form.onSubmit((values) => void create.run(values))}
      onClose={onClose}
    >
      <WebhookFields form={form} problem={create.problem} />
    </FormDialog>
  );
}
