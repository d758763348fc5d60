import { Anchor, Text } from '@mantine/core';
import { Link } from 'wouter';
import { api, type Schema } from '../../api/client.ts';
import { useHere } from '../../api/organization.tsx';
import { keyOf, usePages } from '../../api/resources.ts';
import { pathTo } from '../../shell/paths.ts';
import { EmptyState } from '../../ui/empty-state.tsx';
import { Listing, type Column } from '../../ui/listing.tsx';
import { Name } from '../../ui/name.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { When } from '../../ui/when.tsx';

type ApiKey = Schema<'ApiKeyAnswer'>;

/** Uses are no changes that the stream tells. */
const USES_MS = 15_000;

export function KeyList() {
  const { orgId } = useHere();
  const pages = usePages<ApiKey>(
    keyOf(orgId, 'api-keys', 'list'),
    (page) =>
      api.GET('/api/v1/organizations/{orgId}/api-keys', {
        params: { path: { orgId }, query: { ...page, limit: 50 } },
      }),
    { refetchIntervalMs: USES_MS },
  );
  const columns: readonly Column<ApiKey>[] = [
    {
      title: 'Name',
      width: '32%',
      cell: ({ id, name }) => (
        <Anchor component={Link} href={pathTo(orgId, 'api-keys', id)} fw={500}>
          <Name>{name}</Name>
        </Anchor>
      ),
    },
    { title: 'Role', cell: ({ role }) => <Text size="sm">{role}</Text> },
    { title: 'Last used', cell: ({ lastUsedAt }) => <When at={lastUsedAt} /> },
    { title: 'Expires', cell: ({ expiresAt }) => <When at={expiresAt} /> },
    { title: 'State', cell: ({ state }) => <StateBadge state={state} /> },
  ];
  return (
    <Listing
      caption="Service account keys"
      pages={pages}
      columns={columns}
      idOf={({ id }) => id}
      empty={
        <EmptyState title="No service keys yet">
          A pipeline or a script logs in with a key of its own: one for each environment, with the smallest
          role that does.
        </EmptyState>
      }
    />
  );
}
