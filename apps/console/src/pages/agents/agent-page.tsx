/** One agent: its public keys, and how its domains are proven. The tab stands in the address. */
import { Button, Group, Tabs, Text } from '@mantine/core';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { api } from '../../api/client.ts';
import { useHere } from '../../api/organization.tsx';
import { useChanged } from '../../api/resources.ts';
import { NotFound } from '../../shell/not-found.tsx';
import { pathTo } from '../../shell/paths.ts';
import { PageLoading } from '../../shell/starting.tsx';
import { CopyValue } from '../../ui/copy.tsx';
import { NameDialog } from '../../ui/name-dialog.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { ProblemAlert } from '../../ui/problem-alert.tsx';
import { AgentKeys } from './agent-keys.tsx';
import { EmbedTab } from './embed-tab.tsx';
import { RemoveAgent } from './remove-agent.tsx';
import { useAgent } from './use-agents.ts';

const TABS = ['keys', 'embed'];

export default function AgentPage({ agentId, tab }: { agentId: string; tab: string }) {
  const { orgId, can } = useHere();
  const [, navigate] = useLocation();
  const changed = useChanged(orgId);
  const [dialog, setDialog] = useState<'rename' | 'remove'>();
  const { data: agent, problem } = useAgent(agentId);
  if (!TABS.includes(tab)) return <NotFound what="page" />;
  if (!agent && problem?.code === 'not-found') return <NotFound what="agent" />;
  if (!agent) return problem ? <ProblemAlert problem={problem} /> : <PageLoading />;
  const close = () => setDialog(undefined);
  return (
    <>
      <PageHeader
        title={agent.name}
        actions={
          can('agents:write') && (
            <>
              <Button variant="default" onClick={() => setDialog('rename')}>
                Rename
              </Button>
              <Button color="red" variant="outline" onClick={() => setDialog('remove')}>
                Remove
              </Button>
            </>
          )
        }
      />
      <Group gap="xs" mb="md" wrap="nowrap">
        <Text size="sm" c="dimmed">
          Id
        </Text>
        <CopyValue value={agent.id} label="the agent's id" />
      </Group>
      <ProblemAlert problem={problem} />
      <Tabs
        value={tab}
        onChange={(next) =>
          navigate(pathTo(orgId, 'agents', agentId, ...(next === 'embed' ? ['embed'] : [])))
        }
        keepMounted={false}
      >
        <Tabs.List mb="lg">
          <Tabs.Tab value="keys">Keys</Tabs.Tab>
          <Tabs.Tab value="embed">Embed</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="keys">
          <AgentKeys agentId={agentId} />
        </Tabs.Panel>
        <Tabs.Panel value="embed">
          <EmbedTab agentId={agentId} />
        </Tabs.Panel>
      </Tabs>
      {dialog === 'rename' && (
        <NameDialog
          title="Rename the agent"
          name={agent.name}
          confirm="Rename"
          description="Pages that embed it are told the new name within a minute."
          save={async (name) => {
            await api.PATCH('/api/v1/organizations/{orgId}/agents/{agentId}', {
              params: { path: { orgId, agentId } },
              body: { name },
            });
            await changed('agents');
          }}
          onClose={close}
        />
      )}
      {dialog === 'remove' && <RemoveAgent agent={agent} onClose={close} />}
    </>
  );
}
