/** What happened to a key of either kind, in words. */
import { Text } from '@mantine/core';
import { describeEvent, type AuditEvent } from '@mcpstack/contracts';
import { api, type Schema } from '../../api/client.ts';
import { useHere } from '../../api/organization.tsx';
import { keyOf, usePages } from '../../api/resources.ts';
import { Actor } from '../../ui/actor.tsx';
import { Listing, type Column } from '../../ui/listing.tsx';
import { When } from '../../ui/when.tsx';

type Event = Schema<'EventAnswer'>;

export function KeyHistory({ keyId }: { keyId: string }) {
  const { orgId, can } = useHere();
  const isShown = can('audit:read');
  const pages = usePages<Event>(
    keyOf(orgId, 'events', 'key', keyId),
    (page) =>
      api.GET('/api/v1/organizations/{orgId}/api-keys/{keyId}/events', {
        params: { path: { orgId, keyId }, query: { ...page, limit: 25 } },
      }),
    { enabled: isShown },
  );
  if (!isShown)
    return (
      <Text size="sm" c="dimmed">
        Who changed what is seen by those who hold the permission <code>audit:read</code>, such as admins.
      </Text>
    );
  return (
    <Listing
      caption="History of the key"
      pages={pages}
      columns={COLUMNS}
      idOf={({ id }) => id}
      empty={<Text size="sm">Nothing is known of it.</Text>}
    />
  );
}

const COLUMNS: readonly Column<Event>[] = [
  { title: 'When', width: '20%', cell: ({ at }) => <When at={at} /> },
  {
    title: 'What',
    cell: (event) => (
      <Text size="sm" component="bdi">
        {describeEvent(event as AuditEvent)}
      </Text>
    ),
  },
  {
    title: 'Who',
    width: '28%',
    cell: ({ actor }) => (
      <Text size="sm" component="div">
        <Actor actor={actor} />
      </Text>
    ),
  },
];
