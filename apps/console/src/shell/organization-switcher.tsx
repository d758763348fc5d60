import { Button, Menu, Text } from '@mantine/core';
import { IconCheck, IconMailOpened, IconPlus, IconSelector } from '@tabler/icons-react';
import { Link, useParams } from 'wouter';
import type { Organization } from '../api/me.ts';
import { pathTo } from './paths.ts';
import classes from './organization-switcher.module.css';

export function OrganizationSwitcher({ organizations }: { organizations: readonly Organization[] }) {
  const { orgId } = useParams();
  const here = organizations.find(({ id }) => id === orgId);
  return (
    <Menu position="bottom-end" width={260}>
      <Menu.Target>
        <Button
          variant="default"
          className={classes.target}
          rightSection={<IconSelector size={16} aria-hidden />}
          aria-label={here ? `Organization: ${here.name}` : 'Choose an organization'}
        >
          <Text component="bdi" truncate size="sm">
            {here?.name ?? 'Organizations'}
          </Text>
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Organizations</Menu.Label>
        <div className={classes.list}>
          {organizations.map(({ id, name, role }) => (
            <Menu.Item
              key={id}
              component={Link}
              href={pathTo(id, 'api-keys')}
              aria-current={id === orgId ? 'true' : undefined}
              rightSection={id === orgId ? <IconCheck size={16} aria-hidden /> : null}
            >
              <Text component="bdi" truncate size="sm" display="block">
                {name}
              </Text>
              <Text size="xs" c="dimmed">
                You are {role}
              </Text>
            </Menu.Item>
          ))}
        </div>
        <Menu.Divider />
        <Menu.Item component={Link} href="/new-organization" leftSection={<IconPlus size={16} aria-hidden />}>
          New organization
        </Menu.Item>
        <Menu.Item component={Link} href="/invitation" leftSection={<IconMailOpened size={16} aria-hidden />}>
          Accept an invitation
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
