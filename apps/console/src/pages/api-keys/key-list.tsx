/** The service keys of the organization, newest first. */
import { Anchor, Badge, Box, Button, Group, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { Link } from 'wouter';
import { api } from '../../api/client.ts';
import { useHere } from '../../api/organization.tsx';
import { keyOf, usePages } from '../../api/resources.ts';
import { pathTo } from '../../shell/paths.ts';
import { EmptyState } from '../../ui/empty-state.tsx';
import { Listing, type Column } from '../../ui/listing.tsx';
import { Name } from '../../ui/name.tsx';
import { revokeColumn } from '../../ui/revoke-column.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { When } from '../../ui/when.tsx';
import { isListed, isNarrowed, stateOf, termsOf, useKeyFilter, type KeyFilter } from './key-filter.ts';
import { KeyFilters } from './key-filters.tsx';
import { KeyMarks } from './key-marks.tsx';
import { RevokeKey } from './revoke-key.tsx';
import { RevokeListed } from './revoke-listed.tsx';
import { isInForce, type ApiKey } from './use-key.ts';

/** Uses are no changes that the stream tells. */
const USES_MS = 15_000;
/** Of pages that hold nothing that is listed, before the reader is asked whether to go on. */
const MOST_EMPTY_PAGES = 20;

export function KeyList() {
  const { orgId, can } = useHere();
  const { filter, set, clear } = useKeyFilter();
  const pages = usePages<ApiKey>(
    keyOf(orgId, 'api-keys', 'list', filter),
    ({ cursor }) => askOn(orgId, filter, cursor),
    { refetchIntervalMs: USES_MS },
  );
  const [revoking, setRevoking] = useState<ApiKey>();
  const mayWrite = can('api-keys:write');
  const columns = useMemo(
    () => (mayWrite ? [...columnsOf(orgId), revokeColumn<ApiKey>(isInForce, setRevoking)] : columnsOf(orgId)),
    [orgId, mayWrite],
  );
  const narrowed = isNarrowed(filter);
  // It revokes what is in force, whatever else is listed: so only where that is what is listed.
  const mayRevokeAll = mayWrite && narrowed && filter.state === 'in-force';
  return (
    <>
      <KeyFilters filter={filter} set={set} clear={clear} isNarrowed={narrowed} />
      <Listing
        caption="Service account keys"
        pages={pages}
        columns={columns}
        idOf={({ id }) => id}
        empty={
          narrowed || filter.state !== 'in-force' ? (
            <EmptyState title="No service key is like this">
              Ask for less, or{' '}
              <Anchor component="button" type="button" onClick={clear} underline="always">
                see all that are in force
              </Anchor>
              .
            </EmptyState>
          ) : (
            <NoKeys onShowAll={() => set('state', 'all')} />
          )
        }
      />
      {mayRevokeAll && pages.items !== undefined && pages.items.length > 0 && (
        <RevokeListed key={JSON.stringify(filter)} filter={filter} />
      )}
      {revoking && <RevokeKey apiKey={revoking} onClose={() => setRevoking(undefined)} />}
    </>
  );
}

function NoKeys({ onShowAll }: { onShowAll: () => void }) {
  const { orgId, can } = useHere();
  return (
    <EmptyState
      title="No service keys yet"
      action={
        can('api-keys:write') && (
          <Button
            component={Link}
            href={pathTo(orgId, 'api-keys', 'new')}
            leftSection={<IconPlus size={16} aria-hidden />}
          >
            Create the first service key
          </Button>
        )
      }
    >
      A pipeline or a script logs in with a key of its own: one for each environment, with the smallest role
      that does.{' '}
      <Anchor component="button" type="button" onClick={onShowAll} underline="always">
        Show revoked and expired ones
      </Anchor>
    </EmptyState>
  );
}

/** A page may hold few keys that are listed, or none, although others follow. */
async function askOn(orgId: string, filter: KeyFilter, from: string | undefined) {
  const terms = { ...stateOf(filter), ...termsOf(filter, Date.now()) };
  let cursor = from;
  for (let page = 1; ; page += 1) {
    const { data } = await api.GET('/api/v1/organizations/{orgId}/api-keys', {
      params: {
        path: { orgId },
        // Who goes on wants to see many.
        query: { ...terms, limit: from === undefined ? 50 : 100, ...(cursor !== undefined && { cursor }) },
      },
    });
    const listed = data.data.filter(({ state }) => isListed(filter, state));
    cursor = data.nextCursor;
    if (listed.length > 0 || cursor === undefined || page === MOST_EMPTY_PAGES)
      return { data: { data: listed, ...(cursor !== undefined && { nextCursor: cursor }) } };
  }
}

const columnsOf = (orgId: string): readonly Column<ApiKey>[] => [
  {
    title: 'Name',
    width: '34%',
    cell: (apiKey) => (
      // One box: where a row is a card, the title stands beside it.
      <Box miw={0}>
        <Anchor component={Link} href={pathTo(orgId, 'api-keys', apiKey.id)} fw={500}>
          <Name>{apiKey.name}</Name>
        </Anchor>
        <Group gap={4}>
          {apiKey.environment !== undefined && (
            <Badge variant="default" radius="sm" size="sm" tt="none" fw={500}>
              {apiKey.environment}
            </Badge>
          )}
          <KeyMarks apiKey={apiKey} />
        </Group>
      </Box>
    ),
  },
  { title: 'Role', cell: ({ role }) => <Text size="sm">{role}</Text> },
  { title: 'Last used', cell: ({ lastUsedAt }) => <When at={lastUsedAt} /> },
  { title: 'Expires', cell: ({ expiresAt }) => <When at={expiresAt} /> },
  { title: 'State', cell: ({ state }) => <StateBadge state={state} /> },
];
