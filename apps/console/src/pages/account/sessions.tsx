/** Where the reader is logged in: this browser, others, devices. */
import { Badge, Box, Button, Group, Text, Title } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, type Schema } from '../../api/client.ts';
import { usePages } from '../../api/resources.ts';
import { useAction } from '../../api/use-action.ts';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { Listing, type Column } from '../../ui/listing.tsx';
import { Name } from '../../ui/name.tsx';
import { When } from '../../ui/when.tsx';

type Session = Schema<'SessionAnswer'>;

const KEY = ['me', 'sessions'];
/** Nobody tells of logins elsewhere. */
const AGAIN_MS = 15_000;

export function Sessions() {
  const client = useQueryClient();
  const [ending, setEnding] = useState<readonly Session[]>([]);
  const pages = usePages<Session>(KEY, () => api.GET('/api/v1/me/sessions'), { refetchIntervalMs: AGAIN_MS });
  const others = (pages.items ?? []).filter(({ current }) => !current);
  const end = useAction(async () => {
    for (const { id } of ending)
      await api.DELETE('/api/v1/me/sessions/{sessionId}', { params: { path: { sessionId: id } } });
    await client.invalidateQueries({ queryKey: KEY });
  });
  const columns: readonly Column<Session>[] = [
    {
      title: 'Where',
      width: '36%',
      cell: ({ label, current }) => (
        <Group gap="xs" wrap="nowrap" miw={0}>
          <Name size="sm" fw={500}>
            {label}
          </Name>
          {current && (
            <Badge variant="default" tt="none" radius="sm" style={{ flexShrink: 0 }}>
              this one
            </Badge>
          )}
        </Group>
      ),
    },
    { title: 'Kind', cell: ({ kind }) => <Text size="sm">{kind}</Text> },
    { title: 'Logged in', cell: ({ createdAt }) => <When at={createdAt} /> },
    { title: 'Last used', cell: ({ lastUsedAt }) => <When at={lastUsedAt} /> },
    { title: 'Ends', cell: ({ expiresAt }) => <When at={expiresAt} /> },
    {
      title: 'Actions',
      width: '90px',
      cell: (one) =>
        !one.current && (
          <Button
            size="compact-sm"
            variant="default"
            onClick={() => setEnding([one])}
            aria-label={`End the session ${one.label}`}
          >
            End
          </Button>
        ),
    },
  ];
  return (
    <Box component="section" aria-labelledby="sessions">
      <Group justify="space-between" mb="sm">
        <Box maw={620}>
          <Title order={2} size="h3" id="sessions">
            Sessions
          </Title>
          <Text c="dimmed" size="sm">
            Browsers and devices in which you are logged in. To end this one, log out in the menu above.
          </Text>
        </Box>
        {others.length > 1 && (
          <Button variant="default" onClick={() => setEnding(others)}>
            End all others
          </Button>
        )}
      </Group>
      <Listing caption="Sessions" pages={pages} columns={columns} idOf={({ id }) => id} empty={null} />
      <ConfirmDialog
        isOpen={ending.length > 0}
        title={
          ending.length === 1 ? `End the session ${ending[0]!.label}?` : `End ${ending.length} sessions?`
        }
        confirm={ending.length === 1 ? 'End session' : 'End sessions'}
        action={end}
        onClose={() => setEnding([])}
      >
        <Text size="sm">
          It is refused from the next request on, and whoever uses it has to log in again. If you do not know
          it, also change your password at your identity provider.
        </Text>
        {ending.length === 1 && (
          <Text size="sm">
            Last used <When at={ending[0]!.lastUsedAt} />.
          </Text>
        )}
      </ConfirmDialog>
    </Box>
  );
}
