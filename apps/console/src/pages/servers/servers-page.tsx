/** Servers: what service keys can be limited to. */
import { Button, Code, Group, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { api, type Schema } from '../../api/client.ts';
import { useHere } from '../../api/organization.tsx';
import { keyOf, useChanged, usePages } from '../../api/resources.ts';
import { useAction } from '../../api/use-action.ts';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { CopyValue } from '../../ui/copy.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { Listing, type Column } from '../../ui/listing.tsx';
import { Name } from '../../ui/name.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { When } from '../../ui/when.tsx';
import { ServerDialog } from './server-dialog.tsx';

type Server = Schema<'ServerAnswer'>;

export default function ServersPage() {
  const { orgId, can } = useHere();
  const [isCreating, setCreating] = useState(false);
  const [changing, setChanging] = useState<Server>();
  const [removing, setRemoving] = useState<Server>();
  const mayWrite = can('servers:write');
  const pages = usePages<Server>(keyOf(orgId, 'servers', 'list'), (page) =>
    api.GET('/api/v1/organizations/{orgId}/servers', {
      params: { path: { orgId }, query: { ...page, limit: 50 } },
    }),
  );
  const actions: Column<Server> = {
    title: 'Actions',
    width: '20%',
    cell: (server) => (
      <Group gap={4}>
        <Button
          size="compact-sm"
          variant="subtle"
          onClick={() => setChanging(server)}
          aria-label={`Change ${server.name}`}
        >
          Change
        </Button>
        <Button
          size="compact-sm"
          variant="subtle"
          color="red"
          onClick={() => setRemoving(server)}
          aria-label={`Remove ${server.name}`}
        >
          Remove
        </Button>
      </Group>
    ),
  };
  const columns: readonly Column<Server>[] = [
    { title: 'Name', cell: ({ name }) => <Name fw={500}>{name}</Name> },
    { title: 'URL', cell: ({ url }) => (url === undefined ? <NoUrl /> : <Code>{url}</Code>) },
    {
      title: 'Id',
      width: '18%',
      cell: ({ id, name }) => <CopyValue value={id} label={`the id of ${name}`} />,
    },
    { title: 'Created', width: '14%', cell: ({ createdAt }) => <When at={createdAt} /> },
    ...(mayWrite ? [actions] : []),
  ];
  return (
    <>
      <PageHeader
        title="Servers"
        description="The MCP servers of this organization. A service key can be limited to some of them."
        actions={
          mayWrite && (
            <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setCreating(true)}>
              Create server
            </Button>
          )
        }
      />
      <Listing
        caption="Servers"
        pages={pages}
        columns={columns}
        idOf={({ id }) => id}
        empty={
          <EmptyState title="No servers yet">
            Name your MCP servers here, so that a key can be made for one of them alone.
          </EmptyState>
        }
      />
      {isCreating && <ServerDialog onClose={() => setCreating(false)} />}
      {changing && <ServerDialog server={changing} onClose={() => setChanging(undefined)} />}
      {removing && <RemoveServer server={removing} onClose={() => setRemoving(undefined)} />}
    </>
  );
}

function RemoveServer({ server, onClose }: { server: Server; onClose: () => void }) {
  const { orgId } = useHere();
  const changed = useChanged(orgId);
  const remove = useAction(async () => {
    await api.DELETE('/api/v1/organizations/{orgId}/servers/{serverId}', {
      params: { path: { orgId, serverId: server.id } },
    });
    await changed('servers');
  });
  return (
    <ConfirmDialog
      isOpen
      title={`Remove ${server.name}?`}
      confirm="Remove server"
      action={remove}
      onClose={onClose}
    >
      <Text size="sm">
        Service keys that are limited to this server alone reach nothing any more; other keys stay as they
        are. It cannot be brought back: one of the same name is another server.
      </Text>
    </ConfirmDialog>
  );
}

function NoUrl() {
  return (
    <Text span size="sm" c="dimmed">
      none
    </Text>
  );
}
