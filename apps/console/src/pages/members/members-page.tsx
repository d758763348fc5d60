/** Members: who is in the organization, with which role, and who is invited. */
import { Alert, Anchor, Box, Button, Group, Stack, Text, Title } from '@mantine/core';
import { IconCheck, IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { Link } from 'wouter';
import { useHere } from '../../api/organization.tsx';
import { pathTo } from '../../shell/paths.ts';
import { PageHeader } from '../../ui/page-header.tsx';
import { InvitationList } from './invitation-list.tsx';
import { InviteDialog } from './invite-dialog.tsx';
import { MemberList } from './member-list.tsx';

/** What came of a change of a member, told above the list: the keys that ended with it. */
export interface Outcome {
  text: string;
  revokedKeyIds: readonly string[];
}

export default function MembersPage() {
  const { orgId, can } = useHere();
  const [outcome, setOutcome] = useState<Outcome>();
  const [isInviting, setInviting] = useState(false);
  return (
    <>
      <PageHeader
        title="Members"
        description="The people of this organization. What each may do, their role says."
      />
      <Box role="status" mb={outcome ? 'md' : 0}>
        {outcome && (
          <Alert
            color="teal"
            icon={<IconCheck aria-hidden />}
            title={<bdi>{outcome.text}</bdi>}
            withCloseButton
            closeButtonLabel="Close this message"
            onClose={() => setOutcome(undefined)}
          >
            {outcome.revokedKeyIds.length > 0 && (
              <Text size="sm">
                These keys of theirs ended with it:{' '}
                {outcome.revokedKeyIds.map((keyId) => (
                  <Anchor
                    key={keyId}
                    component={Link}
                    href={pathTo(orgId, 'api-keys', keyId)}
                    inherit
                    underline="always"
                    className="mono"
                    me="xs"
                  >
                    {keyId}
                  </Anchor>
                ))}
              </Text>
            )}
          </Alert>
        )}
      </Box>
      <Stack gap="xl">
        <Box component="section" aria-label="Members">
          <MemberList onDone={setOutcome} />
        </Box>
        <Box component="section" aria-labelledby="invitations">
          <Group justify="space-between" mb="sm">
            <Box maw={620}>
              <Title order={2} size="h3" id="invitations">
                Invitations
              </Title>
              <Text c="dimmed" size="sm">
                Whoever shows an invitation&apos;s token while logged in becomes a member, whatever address it
                was made for.
              </Text>
            </Box>
            {can('members:write') && (
              <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setInviting(true)}>
                Invite somebody
              </Button>
            )}
          </Group>
          <InvitationList />
        </Box>
      </Stack>
      {isInviting && <InviteDialog onClose={() => setInviting(false)} />}
    </>
  );
}
