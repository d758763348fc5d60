/** One domain: its state, what to do now, what to publish, and what the last look found. */
import { Button, Collapse, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { useState } from 'react';
import { api, type Schema } from '../../api/client.ts';
import { useHere } from '../../api/organization.tsx';
import { useChanged } from '../../api/resources.ts';
import { useAction } from '../../api/use-action.ts';
import { ProblemAlert } from '../../ui/problem-alert.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { CreatePublicKey } from './agent-keys.tsx';
import { situationOf } from './domain-words.ts';
import { Found } from './found.tsx';
import { Proof } from './proof.tsx';
import { RemoveDomain } from './remove-domain.tsx';
import { isInForce, type Domain } from './use-agents.ts';
import { WhatNow } from './what-now.tsx';

export function DomainCard({ domain }: { domain: Domain }) {
  const { orgId, can } = useHere();
  const changed = useChanged(orgId);
  const [found, setFound] = useState<Schema<'CheckedDomainAnswer'>>();
  const [isRemoving, setRemoving] = useState(false);
  const [isShown, setShown] = useState(false);
  const params = { path: { orgId, agentId: domain.agentId, domainId: domain.id } };
  const check = useAction(async () => {
    const { data } = await api.POST(
      '/api/v1/organizations/{orgId}/agents/{agentId}/domains/{domainId}/check',
      { params },
    );
    setFound(data);
    await changed('domains');
  });
  const isProven = domain.state === 'verified';
  // What was looked for was another value, before somebody else proved the domain.
  const isOfNow = found?.proof.dns.value === domain.proof.dns.value;
  const mayWrite = can('domains:write');
  return (
    <Paper withBorder p="md" component="section" aria-labelledby={domain.id}>
      <Stack gap="md">
        <Group justify="space-between" gap="xs">
          <Group gap="sm" miw={0}>
            <Title order={2} size="h4" id={domain.id} style={{ overflowWrap: 'anywhere' }}>
              {domain.domain}
            </Title>
            <StateBadge state={situationOf(domain)} />
          </Group>
          {isInForce(domain) && can('api-keys:write') && <CreatePublicKey agentId={domain.agentId} />}
        </Group>
        <WhatNow domain={domain} />
        {isProven && (
          <Button
            variant="subtle"
            size="compact-sm"
            onClick={() => setShown(!isShown)}
            aria-expanded={isShown}
            style={{ alignSelf: 'flex-start' }}
          >
            {isShown ? 'Hide what is published' : 'Show what is published'}
          </Button>
        )}
        <Collapse expanded={!isProven || isShown}>
          <Proof domain={domain} />
        </Collapse>
        {mayWrite && (
          <Group gap="xs">
            <Button
              variant={isProven ? 'default' : 'filled'}
              loading={check.isBusy}
              onClick={() => void check.run()}
            >
              Check now
            </Button>
            <Button variant="subtle" color="red" onClick={() => setRemoving(true)}>
              Remove domain
            </Button>
          </Group>
        )}
        <ProblemAlert problem={check.problem} />
        <div role="status">
          {check.isBusy && (
            <Text size="sm">Looking in the DNS and for the file: this takes some seconds.</Text>
          )}
          {!check.isBusy && found && isOfNow && <Found checked={found} />}
        </div>
      </Stack>
      {isRemoving && <RemoveDomain domain={domain} onClose={() => setRemoving(false)} />}
    </Paper>
  );
}
