/** What is the reader's own: name and address, and where they are logged in. */
import { Stack } from '@mantine/core';
import { useMe } from '../../api/me.ts';
import { CopyValue } from '../../ui/copy.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { Profile } from './profile.tsx';
import { Sessions } from './sessions.tsx';

export default function AccountPage() {
  const { data: me } = useMe();
  return (
    <>
      <PageHeader
        title="Profile and sessions"
        description="What is kept about you, and where you are logged in."
      />
      <Stack gap="xl">
        {me && <CopyValue value={me.id} label="your id" />}
        <Profile />
        <Sessions />
      </Stack>
    </>
  );
}
