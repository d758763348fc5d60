import { Anchor, Text } from '@mantine/core';
import { Link } from 'wouter';
import { api, type Schema } from '../../api/client.ts';
import { useHere } from '../../api/organization.tsx';
import { keyOf, usePages } from '../../api/resources.ts';
import { pathTo } from '../../shell/paths.ts';
import { CopyValue } from '../../ui/copy.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { Listing, type Column } from '../../ui/listing.tsx';
import { Name } from '../../ui/name.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';

type PublicKey = Schema<'PublicKeyAnswer'>;

export function PublicKeyList() {
  const { orgId } = useHere();
  const pages = usePages<PublicKey>(keyOf(orgId, 'public-keys', 'list'), (page) =>
    api.GET('/api/v1/organizations/{orgId}/public-keys', {
      params: { path: { orgId }, query: { ...page, limit: 50 } },
    }),
  );
  const columns: readonly Column<PublicKey>[] = [
    {
      title: 'Name',
      width: '26%',
      cell: ({ id, name }) => (
        <Anchor component={Link} href={pathTo(orgId, 'public-keys', id)} fw={500}>
          <Name>{name}</Name>
        </Anchor>
      ),
    },
    {
      title: 'Origins',
      cell: ({ origins }) => (
        <Text size="sm" className="mono">
          {origins.map(({ origin }) => origin).join(', ')}
        </Text>
      ),
    },
    {
      title: 'Value',
      cell: ({ value, name }) => <CopyValue value={value} label={`the public key ${name}`} />,
    },
    { title: 'State', width: '14%', cell: ({ state }) => <StateBadge state={state} /> },
  ];
  return (
    <Listing
      caption="Public keys"
      pages={pages}
      columns={columns}
      idOf={({ id }) => id}
      empty={
        <EmptyState title="No public keys yet">
          To embed an agent in a web page, verify the page&apos;s domain first, then make a public key for its
          origin.
        </EmptyState>
      }
    />
  );
}
