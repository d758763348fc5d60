/** Audit trail: what happened, newest first, in words. */
import { ActionIcon, Anchor, Group, Stack, Text, Tooltip } from '@mantine/core';
import { IconFilter } from '@tabler/icons-react';
import { useEffect } from 'react';
import { Link } from 'wouter';
import { api, type Schema } from '../../api/client.ts';
import { useHere } from '../../api/organization.tsx';
import { keyOf, usePages } from '../../api/resources.ts';
import { pathTo } from '../../shell/paths.ts';
import { CopyIcon } from '../../ui/copy.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { Listing, type Column } from '../../ui/listing.tsx';
import { MissingPermission } from '../../ui/missing-permission.tsx';
import { Name } from '../../ui/name.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { exactText } from '../../ui/when.tsx';
import { pathOfSubject, wordsOf, type Event } from './event-words.ts';
import { FilterBar } from './filter-bar.tsx';
import { isFiltered, queryOf, useFilters } from './filters.ts';
import { useNames, type Named } from './names.ts';

export default function EventsPage() {
  const { orgId, can } = useHere();
  return (
    <>
      <PageHeader
        title="Audit trail"
        description="Who did what, newest first. Uses of keys are not in it: each key's page counts them."
      />
      {can('audit:read') ? (
        <Trail />
      ) : (
        <MissingPermission
          permission="audit:read"
          to="read the audit trail"
          instead={{ href: pathTo(orgId, 'api-keys'), label: 'Go to the API keys' }}
        />
      )}
    </>
  );
}

function Trail() {
  const { orgId } = useHere();
  const [filters, change] = useFilters();
  const names = useNames();
  const query = queryOf(filters);
  const pages = usePages<Event, Schema<'EventList'>>(keyOf(orgId, 'events', 'list', query), (page) =>
    api.GET('/api/v1/organizations/{orgId}/events', {
      params: { path: { orgId }, query: { ...query, ...page, limit: 50 } },
    }),
  );
  const { items, hasMore, isLoadingMore, loadMore, problem } = pages;
  const isNothingYet = items?.length === 0 && hasMore;
  useEffect(() => {
    // A filter looks at some thousands at a time: what is rare stands further back. There are at most ten such looks.
    if (isNothingYet && !isLoadingMore && !problem) loadMore();
  }, [isNothingYet, isLoadingMore, loadMore, problem]);
  const columns: readonly Column<Event>[] = [
    {
      title: 'When',
      width: '150px',
      cell: ({ at }) => (
        <Text size="sm" component="time" dateTime={at} title={exactText(at)}>
          {TIME.format(Date.parse(at))}
        </Text>
      ),
    },
    {
      title: 'What',
      width: '36%',
      cell: (event) => (
        <Text size="sm" component="bdi">
          {wordsOf(event)}
        </Text>
      ),
    },
    {
      title: 'Who',
      cell: ({ actor }) => (
        <Who actor={actor} known={names.byId.get(actor.id)} onOnly={() => change({ actor: actor.id })} />
      ),
    },
    {
      title: 'About',
      cell: (event) => <About event={event} known={names.byId.get(event.subject.id)} />,
    },
    {
      title: 'Request',
      width: '90px',
      cell: ({ requestId }) => <CopyIcon value={requestId} label={`the request id ${requestId}`} />,
    },
  ];
  return (
    <>
      <FilterBar filters={filters} onChange={change} names={names.all} />
      <Listing
        caption="Events"
        pages={pages}
        columns={columns}
        idOf={({ id }) => id}
        empty={
          <EmptyState title="Nothing like this has happened">
            {isFiltered(filters) ? 'No event that is kept fits the filters.' : 'Nothing is kept yet.'}
          </EmptyState>
        }
      />
      <Stack gap={4} mt="md">
        {!hasMore && pages.last?.droppedBefore !== undefined && (
          <Text size="sm">
            Older events than these are not kept here: there were more than 100,000. The log has all of them.
          </Text>
        )}
        <Text size="sm" c="dimmed">
          Times are those of your zone, {TIME.resolvedOptions().timeZone}. To prove that nothing is missing,
          or to export everything, as CSV, CloudEvents or OCSF, an auditor reads the log itself:{' '}
          <code>mcpstack-audit export</code>.
        </Text>
      </Stack>
    </>
  );
}

/** Exact, in the reader's zone: in an audit trail, seconds matter. */
const TIME = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

interface WhoProps {
  actor: Event['actor'];
  known: Named | undefined;
  onOnly: () => void;
}

function Who({ actor, known, onOnly }: WhoProps) {
  const { orgId, userId } = useHere();
  const shown = actor.type === 'system' ? `MCPStack (${actor.id})` : (known?.name ?? actor.id);
  const isMe = actor.id === userId;
  return (
    <Group gap={4} wrap="nowrap" miw={0}>
      {actor.type === 'key' ? (
        <Anchor component={Link} href={pathTo(orgId, 'api-keys', actor.id)} size="sm" miw={0}>
          <Name size="sm">{shown}</Name>
        </Anchor>
      ) : (
        <Name size="sm">{isMe ? `${shown} (you)` : shown}</Name>
      )}
      <Tooltip label="Only what they did">
        <ActionIcon
          variant="subtle"
          color="gray"
          size="sm"
          onClick={onOnly}
          aria-label={`Only what ${shown} did`}
        >
          <IconFilter size={14} aria-hidden />
        </ActionIcon>
      </Tooltip>
    </Group>
  );
}

function About({ event, known }: { event: Event; known: Named | undefined }) {
  const { orgId, organization } = useHere();
  const { kind, id } = event.subject;
  const path = pathOfSubject(orgId, event, known);
  const shown = kind === 'organization' ? organization.name : (known?.name ?? id);
  return (
    <Stack gap={0} miw={0}>
      {path === undefined ? (
        <Name size="sm">{shown}</Name>
      ) : (
        <Anchor component={Link} href={path} size="sm" maw="100%">
          <Name size="sm">{shown}</Name>
        </Anchor>
      )}
      <Text size="xs" c="dimmed">
        {kind}
      </Text>
    </Stack>
  );
}
