/** Becoming a member by an invitation: its token is pasted here, and stands in no address. */
import { Button, Paper, PasswordInput, Stack, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { useLocation } from 'wouter';
import { api } from '../../api/client.ts';
import { useAction } from '../../api/use-action.ts';
import { pathTo } from '../../shell/paths.ts';
import { PageHeader } from '../../ui/page-header.tsx';
import { ProblemAlert } from '../../ui/problem-alert.tsx';

export default function AcceptInvitationPage() {
  const client = useQueryClient();
  const [, go] = useLocation();
  // The field itself keeps the token, so that nothing else does.
  const field = useRef<HTMLInputElement>(null);
  const [isMissing, setMissing] = useState(false);
  const accept = useAction(async (token: string) => {
    const { data } = await api.POST('/api/v1/invitations/accept', { body: { token } });
    if (field.current) field.current.value = '';
    await client.invalidateQueries({ queryKey: ['organizations'] });
    go(pathTo(data.organizationId, 'api-keys'));
  });
  return (
    <>
      <PageHeader
        title="Accept an invitation"
        description="You become a member of the organization that invites you, as who you are logged in now."
      />
      <Paper withBorder p="lg" maw={560}>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            const token = field.current?.value.trim() ?? '';
            setMissing(token === '');
            if (token !== '') void accept.run(token);
          }}
        >
          <Stack>
            <PasswordInput
              ref={field}
              label="Token"
              description="As it was handed to you; it looks like mcpstack_it_…"
              autoComplete="one-time-code"
              spellCheck={false}
              required
              error={isMissing && 'Paste the token here'}
              visibilityToggleButtonProps={{ 'aria-label': 'Show or hide the token' }}
            />
            <ProblemAlert problem={accept.problem} />
            <Text size="sm" c="dimmed">
              Nobody has sent you one? Ask an admin of the organization. It is good once.
            </Text>
            <Button type="submit" loading={accept.isBusy} style={{ alignSelf: 'flex-start' }}>
              Accept the invitation
            </Button>
          </Stack>
        </form>
      </Paper>
    </>
  );
}
