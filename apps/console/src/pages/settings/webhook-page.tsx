/** One webhook: whether it works, what became of its messages, and what can be done about it. */
import { Anchor, Button, Group, Stack } from '@mantine/core';
import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import { api } from '../../api/client.ts';
import { useHere } from '../../api/organization.tsx';
import { keyOf, useThing } from '../../api/resources.ts';
import { NotFound } from '../../shell/not-found.tsx';
import { pathTo } from '../../shell/paths.ts';
import { PageLoading } from '../../shell/starting.tsx';
import { MissingPermission } from '../../ui/missing-permission.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { ProblemAlert } from '../../ui/problem-alert.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { Deliveries } from './deliveries.tsx';
import { DisableDialog, EditWebhookDialog, EnableDialog, RemoveWebhookDialog } from './webhook-dialogs.tsx';
import { WebhookFacts } from './webhook-facts.tsx';
import type { Webhook } from './webhook-fields.tsx';
import { ReplayDialog, RotateWebhookDialog } from './webhook-resending.tsx';
import { TestButton } from './webhook-test.tsx';

type Doing = 'edit' | 'rotate' | 'replay' | 'disable' | 'enable' | 'remove';

export default function WebhookPage({ webhookId }: { webhookId: string }) {
  const { orgId, can } = useHere();
  const mayRead = can('webhooks:read');
  const webhook = useThing(
    keyOf(orgId, 'webhooks', webhookId),
    async () =>
      (
        await api.GET('/api/v1/organizations/{orgId}/webhooks/{webhookId}', {
          params: { path: { orgId, webhookId } },
        })
      ).data,
    { enabled: mayRead },
  );
  if (!mayRead)
    return (
      <>
        <PageHeader title="Webhook" />
        <MissingPermission permission="webhooks:read" to="see the webhooks" />
      </>
    );
  if (webhook.problem?.code === 'not-found') return <NotFound what="webhook" />;
  if (webhook.data) return <Shown webhook={webhook.data} />;
  if (!webhook.problem) return <PageLoading />;
  return (
    <>
      <PageHeader title="Webhook" />
      <ProblemAlert problem={webhook.problem} />
    </>
  );
}

function Shown({ webhook }: { webhook: Webhook }) {
  const { orgId, can } = useHere();
  const [, go] = useLocation();
  const [doing, setDoing] = useState<Doing>();
  const mayWrite = can('webhooks:write');
  // Where events go, they can be read: whatever sends some takes both.
  const mayTell = mayWrite && can('audit:read');
  const dialog = { webhook, onClose: () => setDoing(undefined) };
  const button = (what: Doing, label: string) => (
    <Button key={what} variant="default" onClick={() => setDoing(what)}>
      {label}
    </Button>
  );
  const all = pathTo(orgId, 'settings', 'webhooks');
  return (
    <>
      <Anchor component={Link} href={all} size="sm">
        All webhooks
      </Anchor>
      <PageHeader
        title={webhook.name ?? 'Webhook'}
        beside={<StateBadge state={webhook.state} />}
        actions={
          mayWrite && webhook.state === 'disabled' && mayTell ? (
            <Button onClick={() => setDoing('enable')}>Enable</Button>
          ) : undefined
        }
      />
      <Stack gap="lg">
        <WebhookFacts webhook={webhook} />
        {mayWrite && (
          <Group gap="xs">
            <TestButton webhookId={webhook.id} />
            {mayTell && button('edit', 'Edit')}
            {mayTell && button('rotate', 'Rotate the secret')}
            {mayTell && button('replay', 'Replay')}
            {webhook.state === 'active' && button('disable', 'Disable')}
            <Button variant="outline" color="red" onClick={() => setDoing('remove')}>
              Remove
            </Button>
          </Group>
        )}
        <Deliveries webhookId={webhook.id} />
      </Stack>
      {doing === 'edit' && <EditWebhookDialog {...dialog} />}
      {doing === 'rotate' && <RotateWebhookDialog {...dialog} />}
      {doing === 'replay' && <ReplayDialog {...dialog} />}
      {doing === 'disable' && <DisableDialog {...dialog} />}
      {doing === 'enable' && <EnableDialog {...dialog} />}
      {doing === 'remove' && <RemoveWebhookDialog {...dialog} onRemoved={() => go(all)} />}
    </>
  );
}
