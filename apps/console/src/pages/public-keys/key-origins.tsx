/** Where a public key may be used: taking origins away, and allowing one more for a while. */
import { Anchor, Badge, Button, Group, Paper, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'wouter';
import { api } from '../../api/client.ts';
import { useHere } from '../../api/organization.tsx';
import { useChanged } from '../../api/resources.ts';
import { useAction } from '../../api/use-action.ts';
import { pathTo } from '../../shell/paths.ts';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { When } from '../../ui/when.tsx';
import { isInForce, useDomains, type Domain } from '../agents/use-agents.ts';
import { hostOf, isUnder } from './origins.ts';
import { isLiving, type PublicKey } from './public-key.ts';
import { TemporaryOriginDialog } from './temporary-origin-dialog.tsx';
import { LastUse } from './what-stops.tsx';

type Origin = PublicKey['origins'][number];

export function KeyOrigins({ publicKey: key }: { publicKey: PublicKey }) {
  const { orgId, can } = useHere();
  const changed = useChanged(orgId);
  const domains = useDomains(key.agentId);
  const [removing, setRemoving] = useState<string>();
  const [isAdding, setAdding] = useState(false);
  const mayChange = can('api-keys:write') && isLiving(key);

  const remove = useAction(async () => {
    const origins = key.origins.map(({ origin }) => origin).filter((origin) => origin !== removing);
    await api.PATCH('/api/v1/organizations/{orgId}/public-keys/{keyId}', {
      // What stays is told whole: another origin that came meanwhile is not to go by accident.
      params: { path: { orgId, keyId: key.id }, header: { 'If-Match': `"${key.revision}"` } },
      body: { origins },
    });
    await changed('public-keys', 'events');
  });

  return (
    <Stack gap="sm" align="flex-start">
      <Paper withBorder w="100%" component="ul" m={0} p={0} style={{ listStyle: 'none' }}>
        {key.origins.map((one) => (
          <Group key={one.origin} component="li" justify="space-between" px="md" py="xs" gap="xs">
            <Stack gap={2} miw={0}>
              <Text size="sm" className="mono">
                {one.origin}
              </Text>
              <OriginState origin={one} agentId={key.agentId} domains={domains.data} />
            </Stack>
            {mayChange && key.origins.length > 1 && (
              <Button
                size="compact-sm"
                variant="subtle"
                color="red"
                onClick={() => setRemoving(one.origin)}
                aria-label={`Remove ${one.origin}`}
              >
                Remove
              </Button>
            )}
          </Group>
        ))}
      </Paper>
      {mayChange && (
        <>
          <Text size="sm" c="dimmed">
            A key&apos;s origins only become fewer
            {key.origins.length === 1 && '; to end the last one, revoke the key'}. For another one for good,{' '}
            <Anchor
              component={Link}
              href={`${pathTo(orgId, 'public-keys', 'new')}?agent=${encodeURIComponent(key.agentId)}`}
              inherit
              underline="always"
            >
              create another public key
            </Anchor>
            .
          </Text>
          <Button variant="default" size="xs" onClick={() => setAdding(true)}>
            Allow one more for a while
          </Button>
        </>
      )}
      {removing !== undefined && (
        <ConfirmDialog
          isOpen
          title={`Remove ${removing}?`}
          confirm="Remove origin"
          action={remove}
          onClose={() => setRemoving(undefined)}
        >
          <Text size="sm">
            From then on the agent is refused in the pages at this origin. It cannot be given back to this key
            for good.
          </Text>
          <LastUse publicKey={key} />
        </ConfirmDialog>
      )}
      {isAdding && (
        <TemporaryOriginDialog
          publicKey={key}
          domains={domains.data?.filter(isInForce).map(({ domain }) => domain)}
          onClose={() => setAdding(false)}
        />
      )}
    </Stack>
  );
}

/** Until when; and whether its domain lets it work. */
function OriginState(props: { origin: Origin; agentId: string; domains: readonly Domain[] | undefined }) {
  const { origin, agentId, domains } = props;
  const { orgId } = useHere();
  const host = hostOf(origin.origin);
  const isRefused =
    host !== undefined &&
    domains !== undefined &&
    !domains.some((domain) => isUnder(host, domain.domain) && isInForce(domain));
  return (
    <Group gap="xs">
      {origin.expiresAt !== undefined && (
        <Text size="sm" c="dimmed" component="div">
          Temporary: ends <When at={origin.expiresAt} />
        </Text>
      )}
      {isRefused && (
        <>
          <Badge color="red" variant="light" radius="sm" tt="none">
            Refused now
          </Badge>
          <Text size="sm">
            Its domain is not verified any more: see the{' '}
            <Anchor
              component={Link}
              href={pathTo(orgId, 'agents', agentId, 'embed')}
              inherit
              underline="always"
            >
              Embed tab
            </Anchor>
            .
          </Text>
        </>
      )}
    </Group>
  );
}
