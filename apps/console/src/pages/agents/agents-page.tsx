/** Agents: what web pages embed. */
import { Anchor, Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import { api } from '../../api/client.ts';
import { useHere } from '../../api/organization.tsx';
import { keyOf, useChanged, usePages } from '../../api/resources.ts';
import { pathTo } from '../../shell/paths.ts';
import { CopyValue } from '../../ui/copy.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { Listing, type Column } from '../../ui/listing.tsx';
import { Name } from '../../ui/name.tsx';
import { NameDialog } from '../../ui/name-dialog.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { When } from '../../ui/when.tsx';
import type { Agent } from './use-agents.ts';

export default function AgentsPage() {
  const { orgId, can } = useHere();
  const [, navigate] = useLocation();
  const changed = useChanged(orgId);
  const [isCreating, setCreating] = useState(false);
  const pages = usePages<Agent>(keyOf(orgId, 'agents', 'list'), (page) =>
    api.GET('/api/v1/organizations/{orgId}/agents', {
      params: { path: { orgId }, query: { ...page, limit: 50 } },
    }),
  );
  const columns: readonly Column<Agent>[] = [
    {
      title: 'Name',
      cell: ({ id, name }) => (
        <Anchor component={Link} href={pathTo(orgId, 'agents', id)} fw={500}>
          <Name>{name}</Name>
        </Anchor>
      ),
    },
    { title: 'Id', cell: ({ id, name }) => <CopyValue value={id} label={`the id of ${name}`} /> },
    { title: 'Created', width: '20%', cell: ({ createdAt }) => <When at={createdAt} /> },
  ];
  const create = can('agents:write') && (
    <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setCreating(true)}>
      Create agent
    </Button>
  );
  return (
    <>
      <PageHeader
        title="Agents"
        description="What web pages embed. Each has domains that are proven to be yours, and public keys for the pages under them."
        actions={create}
      />
      <Listing
        caption="Agents"
        pages={pages}
        columns={columns}
        idOf={({ id }) => id}
        empty={
          <EmptyState title="No agents yet">
            To embed an agent in a web page: create it, verify the page&apos;s domain in its Embed tab, and
            make a public key for the page.
          </EmptyState>
        }
      />
      {isCreating && (
        <NameDialog
          title="Create an agent"
          confirm="Create agent"
          description="For people, and for the pages that embed it."
          save={async (name) => {
            const { data: agent } = await api.POST('/api/v1/organizations/{orgId}/agents', {
              params: { path: { orgId } },
              body: { name },
            });
            void changed('agents');
            navigate(pathTo(orgId, 'agents', agent.id, 'embed'));
          }}
          onClose={() => setCreating(false)}
        />
      )}
    </>
  );
}
