import { ActionIcon, Menu, SegmentedControl, Text, useMantineColorScheme } from '@mantine/core';
import { IconBook, IconDevices, IconLogout, IconUserCircle } from '@tabler/icons-react';
import { Link } from 'wouter';
import { api } from '../api/client.ts';
import type { Me } from '../api/me.ts';
import { useAction } from '../api/use-action.ts';

export function AccountMenu({ me }: { me: Me }) {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const logOut = useAction(async () => {
    await api.POST('/api/v1/auth/logout');
    location.assign('/');
  });
  return (
    <Menu position="bottom-end" width={240} closeOnItemClick={false}>
      <Menu.Target>
        <ActionIcon variant="default" size="lg" aria-label="Your account">
          <IconUserCircle size={20} stroke={1.6} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <Text size="xs" ff="monospace" truncate>
            {me.id}
          </Text>
        </Menu.Label>
        <Menu.Item
          component={Link}
          href="/account"
          leftSection={<IconDevices size={16} aria-hidden />}
          closeMenuOnClick
        >
          Profile and sessions
        </Menu.Item>
        <Menu.Item component="a" href="/api/docs" leftSection={<IconBook size={16} aria-hidden />}>
          API reference
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label id="scheme">Appearance</Menu.Label>
        <SegmentedControl
          aria-labelledby="scheme"
          fullWidth
          size="xs"
          value={colorScheme}
          onChange={(value) => setColorScheme(value)}
          data={[
            { value: 'light', label: 'Light' },
            { value: 'dark', label: 'Dark' },
            { value: 'auto', label: 'System' },
          ]}
        />
        <Menu.Divider />
        <Menu.Item
          leftSection={<IconLogout size={16} aria-hidden />}
          disabled={logOut.isBusy}
          onClick={() => void logOut.run()}
        >
          Log out
        </Menu.Item>
        {logOut.problem && (
          <Text c="red" size="xs" px="sm" role="alert">
            {logOut.problem.detail}
          </Text>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
