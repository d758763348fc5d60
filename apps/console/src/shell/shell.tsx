/** The frame of every page: where one is, where else one can go, and whether what is shown is live. */
import { AppShell, Box, Burger, Group, NavLink, ScrollArea } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import {
  IconBuilding,
  IconHistory,
  IconKey,
  IconRobot,
  IconServer,
  IconSettings,
  IconUsers,
} from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Link, useLocation, useParams } from 'wouter';
import type { Me, Organization, Permission } from '../api/me.ts';
import { useHere } from '../api/organization.tsx';
import { AccountMenu } from './account-menu.tsx';
import { LiveBanner } from './live-banner.tsx';
import { Logo } from './logo.tsx';
import { OrganizationSwitcher } from './organization-switcher.tsx';
import { pathTo } from './paths.ts';
import classes from './shell.module.css';

interface ShellProps {
  me: Me;
  organizations: readonly Organization[];
  children: ReactNode;
}

const PAGES: readonly { path: string; label: string; icon: typeof IconKey; needs?: Permission }[] = [
  { path: 'api-keys', label: 'API Keys', icon: IconKey },
  { path: 'agents', label: 'Agents', icon: IconRobot },
  { path: 'servers', label: 'Servers', icon: IconServer },
  { path: 'members', label: 'Members', icon: IconUsers },
  { path: 'events', label: 'Audit trail', icon: IconHistory, needs: 'audit:read' },
  { path: 'settings', label: 'Settings', icon: IconSettings },
];

export function Shell({ me, organizations, children }: ShellProps) {
  const [isOpen, { toggle, close }] = useDisclosure();
  const { orgId } = useParams();
  const isInside = organizations.some(({ id }) => id === orgId);
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 232, breakpoint: 'sm', collapsed: { mobile: !isOpen } }}
      padding="md"
    >
      <a className={classes.skip} href="#content">
        Skip to the content
      </a>
      <AppShell.Header>
        <Group h="100%" px="md" wrap="nowrap" justify="space-between">
          <Group wrap="nowrap" gap="sm">
            <Burger
              opened={isOpen}
              onClick={toggle}
              hiddenFrom="sm"
              size="sm"
              aria-label={isOpen ? 'Close the menu' : 'Open the menu'}
              aria-expanded={isOpen}
            />
            <Box visibleFrom="xs">
              <Logo />
            </Box>
          </Group>
          <Group wrap="nowrap" gap="xs" miw={0}>
            <OrganizationSwitcher organizations={organizations} />
            <AccountMenu me={me} />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" component="nav" aria-label="Pages">
        <ScrollArea>
          {isInside ? (
            <OrganizationLinks onGo={close} />
          ) : (
            <OtherLinks organizations={organizations} onGo={close} />
          )}
        </ScrollArea>
      </AppShell.Navbar>
      <AppShell.Main id="content" tabIndex={-1} className={classes.main}>
        {isInside && <LiveBanner />}
        <Box maw={1120} mx="auto">
          {children}
        </Box>
      </AppShell.Main>
    </AppShell>
  );
}

function OrganizationLinks({ onGo }: { onGo: () => void }) {
  const { orgId, can } = useHere();
  const [location] = useLocation();
  return PAGES.filter(({ needs }) => needs === undefined || can(needs)).map(({ path, label, icon: Icon }) => {
    const href = pathTo(orgId, path);
    const isHere =
      location.startsWith(href) || (path === 'api-keys' && location.startsWith(pathTo(orgId, 'public-keys')));
    return (
      <NavLink
        key={path}
        component={Link}
        href={href}
        label={label}
        active={isHere}
        aria-current={isHere ? 'page' : undefined}
        leftSection={<Icon size={18} stroke={1.6} aria-hidden />}
        onClick={onGo}
        className={classes.link}
      />
    );
  });
}

function OtherLinks({ organizations, onGo }: { organizations: readonly Organization[]; onGo: () => void }) {
  return organizations.map(({ id, name }) => (
    <NavLink
      key={id}
      component={Link}
      href={pathTo(id, 'api-keys')}
      label={<bdi>{name}</bdi>}
      leftSection={<IconBuilding size={18} stroke={1.6} aria-hidden />}
      onClick={onGo}
      className={classes.link}
    />
  ));
}
