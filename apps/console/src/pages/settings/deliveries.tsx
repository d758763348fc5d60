/** How far a webhook is, and what became of its latest messages. */
import { Alert, Box, Group, Text, Title } from '@mantine/core';
import { api, type Schema } from '../../api/client.ts';
import { useHere } from '../../api/organization.tsx';
import { keyOf, useThing } from '../../api/resources.ts';
import { EmptyState } from '../../ui/empty-state.tsx';
import { Listing, type Column } from '../../ui/listing.tsx';
import { ProblemAlert } from '../../ui/problem-alert.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { When } from '../../ui/when.tsx';
import { typeWords } from '../events/event-words.ts';

type Attempt = Schema<'WebhookAttemptAnswer'>;
type Progress = Schema<'WebhookProgressAnswer'>;

/** Messages are no changes that the stream tells. */
const AGAIN_MS = 5_000;

const COLUMNS: readonly Column<Attempt>[] = [
  { title: 'When', cell: ({ at }) => <When at={at} /> },
  { title: 'Event', width: '28%', cell: ({ type }) => <Text size="sm">{typeWords(type)}</Text> },
  { title: 'Position', cell: ({ position }) => <Text size="sm">{position ?? '—'}</Text> },
  { title: 'Try', cell: ({ attempt }) => <Text size="sm">{attempt}</Text> },
  { title: 'State', cell: ({ ok }) => <StateBadge state={ok ? 'delivered' : 'failed'} /> },
  {
    title: 'Answer',
    width: '22%',
    cell: ({ status, reason, durationMs }) => (
      <Text size="sm">
        {[status, reason].filter((one) => one !== undefined).join(', ')} in {durationMs} ms
      </Text>
    ),
  },
];

export function Deliveries({ webhookId }: { webhookId: string }) {
  const { orgId } = useHere();
  const { data, problem, refetch } = useThing(
    keyOf(orgId, 'webhooks', webhookId, 'deliveries'),
    async () =>
      (
        await api.GET('/api/v1/organizations/{orgId}/webhooks/{webhookId}/deliveries', {
          params: { path: { orgId, webhookId } },
        })
      ).data,
    { refetchIntervalMs: AGAIN_MS },
  );
  return (
    <Box component="section" aria-labelledby="deliveries">
      <Title order={2} size="h3" id="deliveries" mb="sm">
        Deliveries
      </Title>
      {data && <Progress progress={data.progress} />}
      {!data && problem ? (
        <ProblemAlert problem={problem} />
      ) : (
        <Listing
          caption="The latest deliveries"
          pages={{
            items: data?.data,
            last: undefined,
            problem,
            hasMore: false,
            isLoadingMore: false,
            loadMore: () => undefined,
            refetch: () => void refetch(),
          }}
          columns={COLUMNS}
          idOf={({ messageId, at, attempt }) => `${messageId} ${at} ${attempt}`}
          empty={
            <EmptyState title="Nothing was sent yet">
              Send a test, or wait for something to happen. The latest 50 attempts are kept.
            </EmptyState>
          }
        />
      )}
    </Box>
  );
}

function Progress({ progress }: { progress: Progress }) {
  const { position, waiting, failingSince, nextAttemptAt, gap, replayed } = progress;
  return (
    <>
      <Group gap="xs" mb="sm">
        <Text size="sm">
          Everything up to position {position} was delivered, or is not wanted.{' '}
          {waiting === 0 ? 'Nothing' : waiting}{' '}
          {waiting === 1 ? 'event waits' : waiting === 0 ? 'waits' : 'events wait'}.
        </Text>
        {nextAttemptAt !== undefined && (
          <Text size="sm">
            The next try: <When at={nextAttemptAt} />.
          </Text>
        )}
        {replayed && (
          <Text size="sm">
            Last replayed from position {replayed.after}: <When at={replayed.at} />, by the request{' '}
            <code>{replayed.requestId}</code>.
          </Text>
        )}
      </Group>
      {failingSince !== undefined && (
        <Alert color="orange" title="Nothing is taken" mb="sm">
          <Text size="sm">
            Nothing but failure since <When at={failingSince} />. What waits is sent again, more and more
            seldom; a test that is taken ends the waiting. After days of this the webhook is disabled.
          </Text>
        </Alert>
      )}
      {gap && (
        <Alert color="orange" title="Some events were not sent" mb="sm">
          <Text size="sm">
            What happened after position {gap.after} and before {gap.before} was no longer kept when its turn
            came. The log has it all.
          </Text>
        </Alert>
      )}
    </>
  );
}
