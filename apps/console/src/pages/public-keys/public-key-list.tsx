/** Public keys, of the organization or of one agent: what each is for, and its value to copy. */
import { Anchor, Code, Group, Stack, Switch, Text } from '@mantine/core';
import { useMemo, useState, type ReactNode } from 'react';
import { Link } from 'wouter';
import { api } from '../../api/client.ts';
import { useHere } from '../../api/organization.tsx';
import { keyOf, usePages } from '../../api/resources.ts';
import { pathTo } from '../../shell/paths.ts';
import { CopyValue } from '../../ui/copy.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { Listing, type Column } from '../../ui/listing.tsx';
import { Name } from '../../ui/name.tsx';
import { revokeColumn } from '../../ui/revoke-column.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { When } from '../../ui/when.tsx';
import { useAgents } from '../agents/use-agents.ts';
import { isLiving, USES_MS, type PublicKey } from './public-key.ts';
import { RevokePublicKey } from './revoke-public-key.tsx';

/** More stand on the key's own page. */
const MOST_ORIGINS = 3;

interface PublicKeyListProps {
  /** Of this agent alone. */
  agentId?: string;
  /** Instead of the list where there are none. */
  empty?: ReactNode;
}

export function PublicKeyList({ agentId, empty = <NoPublicKeys /> }: PublicKeyListProps) {
  const { orgId, can } = useHere();
  const [isAll, setAll] = useState(false);
  const [revoking, setRevoking] = useState<PublicKey>();
  const pages = usePages<PublicKey>(
    keyOf(orgId, 'public-keys', 'list', agentId),
    (page) =>
      api.GET('/api/v1/organizations/{orgId}/public-keys', {
        params: {
          path: { orgId },
          query: { ...page, limit: 50, ...(agentId !== undefined && { agentId }) },
        },
      }),
    { refetchIntervalMs: USES_MS },
  );
  const { items, hasMore } = pages;
  const shown = useMemo(() => (isAll ? items : items?.filter(isLiving)), [items, isAll]);
  // Without any, there is nothing to hide.
  const hasEnded = items !== undefined && (hasMore || items.some((key) => !isLiving(key)));
  const mayWrite = can('api-keys:write');
  const columns = useMemo(() => {
    const all = columnsOf(orgId, agentId);
    return mayWrite ? [...all, revokeColumn<PublicKey>(isLiving, setRevoking)] : all;
  }, [orgId, agentId, mayWrite]);
  return (
    <Stack gap="sm">
      {hasEnded && (
        <Group justify="flex-end">
          <Switch
            label="Show revoked and expired ones"
            checked={isAll}
            onChange={({ currentTarget }) => setAll(currentTarget.checked)}
            size="sm"
          />
        </Group>
      )}
      <Listing
        caption="Public keys"
        pages={{ ...pages, items: shown }}
        columns={columns}
        idOf={({ id }) => id}
        empty={empty}
      />
      {revoking && <RevokePublicKey publicKey={revoking} onClose={() => setRevoking(undefined)} />}
    </Stack>
  );
}

function columnsOf(orgId: string, agentId: string | undefined): readonly Column<PublicKey>[] {
  const agent: Column<PublicKey> = {
    title: 'Agent',
    cell: ({ agentId: id }) => <AgentLink agentId={id} />,
  };
  return [
    {
      title: 'Name',
      cell: ({ id, name }) => (
        <Anchor component={Link} href={pathTo(orgId, 'public-keys', id)} fw={500}>
          <Name>{name}</Name>
        </Anchor>
      ),
    },
    ...(agentId === undefined ? [agent] : []),
    { title: 'Origins', width: '24%', cell: (key) => <Origins publicKey={key} /> },
    {
      title: 'Value',
      width: '15%',
      cell: (key) =>
        isLiving(key) ? (
          <CopyValue value={key.value} label={`the public key ${key.name}`} />
        ) : (
          <Text size="sm" c="dimmed">
            works no more
          </Text>
        ),
    },
    { title: 'Last used', width: '13%', cell: ({ lastUsedAt }) => <When at={lastUsedAt} /> },
    { title: 'State', width: '12%', cell: ({ state }) => <StateBadge state={state} /> },
  ];
}

function Origins({ publicKey: { origins } }: { publicKey: PublicKey }) {
  return (
    <Stack gap={0}>
      {origins.slice(0, MOST_ORIGINS).map(({ origin, expiresAt }) => (
        <Text key={origin} size="sm" className="mono">
          {origin}
          {expiresAt !== undefined && ' (for a while)'}
        </Text>
      ))}
      {origins.length > MOST_ORIGINS && (
        <Text size="sm" c="dimmed">
          and {origins.length - MOST_ORIGINS} more
        </Text>
      )}
    </Stack>
  );
}

/** By name; by id where it is gone. */
function AgentLink({ agentId }: { agentId: string }) {
  const { orgId } = useHere();
  const agents = useAgents();
  const name = agents.data?.find(({ id }) => id === agentId)?.name;
  if (name === undefined) return <Code>{agentId}</Code>;
  return (
    <Anchor component={Link} href={pathTo(orgId, 'agents', agentId)} size="sm">
      <Name>{name}</Name>
    </Anchor>
  );
}

function NoPublicKeys() {
  return (
    <EmptyState title="No public keys yet">
      To embed an agent in a web page, verify the page&apos;s domain in the agent&apos;s Embed tab first, then
      make a public key for its exact origin.
    </EmptyState>
  );
}
