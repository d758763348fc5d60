import { ActionIcon, Badge, Group, Menu, Text } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';
import { useState } from 'react';
import { api, type Schema } from '../../api/client.ts';
import { useHere } from '../../api/organization.tsx';
import { keyOf, usePages } from '../../api/resources.ts';
import { EmptyState } from '../../ui/empty-state.tsx';
import { Listing, type Column } from '../../ui/listing.tsx';
import { Name } from '../../ui/name.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { When } from '../../ui/when.tsx';
import { ChangeRoleDialog } from './change-role-dialog.tsx';
import { LeaveDialog, MemberStateDialog, RemoveMemberDialog } from './member-dialogs.tsx';
import type { Outcome } from './members-page.tsx';

export type Member = Schema<'MemberAnswer'>;
type Doing = 'role' | 'suspend' | 'resume' | 'remove' | 'leave';

/** Names are chosen by whoever has them; without one, the address or the id says who it is. */
export const nameOf = ({ name, email, userId }: Member): string => name ?? email ?? userId;

export function MemberList({ onDone }: { onDone: (outcome: Outcome) => void }) {
  const { orgId, userId: me, can } = useHere();
  const [doing, setDoing] = useState<{ what: Doing; member: Member }>();
  const pages = usePages<Member>(keyOf(orgId, 'members', 'list'), (page) =>
    api.GET('/api/v1/organizations/{orgId}/members', {
      params: { path: { orgId }, query: { ...page, limit: 50 } },
    }),
  );
  const mayWrite = can('members:write');
  const columns: readonly Column<Member>[] = [
    {
      title: 'Name',
      width: '26%',
      cell: (member) => (
        <Group gap="xs" wrap="nowrap" miw={0}>
          <Name fw={500} size="sm" {...(!member.name && { ff: 'monospace' })}>
            {member.name ?? member.userId}
          </Name>
          {member.userId === me && (
            <Badge variant="default" tt="none" radius="sm" style={{ flexShrink: 0 }}>
              you
            </Badge>
          )}
        </Group>
      ),
    },
    { title: 'E-mail', width: '26%', cell: ({ email }) => <Name size="sm">{email ?? '—'}</Name> },
    { title: 'Role', cell: ({ role }) => <Text size="sm">{role}</Text> },
    { title: 'State', cell: ({ state }) => <StateBadge state={state} /> },
    { title: 'Joined', cell: ({ joinedAt }) => <When at={joinedAt} /> },
    {
      title: 'Actions',
      width: '90px',
      cell: (member) => {
        const isMe = member.userId === me;
        // Owners are a matter among owners.
        const mayOver = mayWrite && (member.role !== 'owner' || can('owners:write'));
        if (!isMe && !mayOver) return null;
        return <MemberMenu member={member} isMe={isMe} mayOver={mayOver} onChoose={setDoing} />;
      },
    },
  ];
  const close = () => setDoing(undefined);
  const dialog = { onClose: close, onDone };
  return (
    <>
      <Listing
        caption="Members"
        pages={pages}
        columns={columns}
        idOf={({ userId }) => userId}
        empty={<EmptyState title="No members">Invite somebody.</EmptyState>}
      />
      {doing?.what === 'role' && <ChangeRoleDialog member={doing.member} {...dialog} />}
      {doing?.what === 'suspend' && <MemberStateDialog to="suspend" member={doing.member} {...dialog} />}
      {doing?.what === 'resume' && <MemberStateDialog to="resume" member={doing.member} {...dialog} />}
      {doing?.what === 'remove' && <RemoveMemberDialog member={doing.member} {...dialog} />}
      {doing?.what === 'leave' && <LeaveDialog member={doing.member} onClose={close} />}
    </>
  );
}

interface MemberMenuProps {
  member: Member;
  isMe: boolean;
  mayOver: boolean;
  onChoose: (doing: { what: Doing; member: Member }) => void;
}

function MemberMenu({ member, isMe, mayOver, onChoose }: MemberMenuProps) {
  const item = (what: Doing, label: string, color?: string) => (
    <Menu.Item key={what} {...(color && { color })} onClick={() => onChoose({ what, member })}>
      {label}
    </Menu.Item>
  );
  return (
    <Menu position="bottom-end" width={220}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={`Actions for ${nameOf(member)}`}>
          <IconDots size={18} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {mayOver && item('role', 'Change the role…')}
        {mayOver && !isMe && member.state === 'active' && item('suspend', 'Suspend…')}
        {mayOver && !isMe && member.state === 'suspended' && item('resume', 'Resume…')}
        {isMe ? item('leave', 'Leave the organization…', 'red') : item('remove', 'Remove…', 'red')}
      </Menu.Dropdown>
    </Menu>
  );
}
