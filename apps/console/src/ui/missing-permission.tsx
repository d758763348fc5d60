/** A page that the reader may see nothing of, or do nothing on: why, and who can help. */
import { Alert, Anchor, Stack, Text } from '@mantine/core';
import { IconLock } from '@tabler/icons-react';
import { Link } from 'wouter';
import type { Permission } from '../api/me.ts';
import { useHere } from '../api/organization.tsx';

interface MissingPermissionProps {
  permission: Permission;
  /** What it is needed for: `create service keys`. */
  to: string;
  /** Where the reader can go instead. */
  instead?: { href: string; label: string };
}

export function MissingPermission({ permission, to, instead }: MissingPermissionProps) {
  const { organization } = useHere();
  const isSuspended = organization.state === 'suspended';
  return (
    <Alert icon={<IconLock aria-hidden />} color="gray" title={`You may not ${to} here`}>
      <Stack gap="xs" align="flex-start">
        {isSuspended ? (
          <Text size="sm">
            The organization is suspended: until an owner resumes it, it can only be looked at.
          </Text>
        ) : (
          <Text size="sm">
            It takes the permission <code>{permission}</code>, which your role, {organization.role}, does not
            hold. Ask an admin of the organization.
          </Text>
        )}
        {instead && (
          <Anchor component={Link} href={instead.href} size="sm" underline="always">
            {instead.label}
          </Anchor>
        )}
      </Stack>
    </Alert>
  );
}
