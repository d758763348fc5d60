/** Settings of the organization: itself, what it demands of its keys, and where its events are sent. */
import { Tabs } from '@mantine/core';
import { useLocation } from 'wouter';
import { useHere } from '../../api/organization.tsx';
import { NotFound } from '../../shell/not-found.tsx';
import { pathTo } from '../../shell/paths.ts';
import { PageHeader } from '../../ui/page-header.tsx';
import { OrganizationTab } from './organization-tab.tsx';
import { PolicyTab } from './policy-tab.tsx';
import { WebhooksTab } from './webhooks-tab.tsx';

const TABS: Readonly<Record<string, { label: string; show: () => React.ReactNode }>> = {
  organization: { label: 'Organization', show: () => <OrganizationTab /> },
  policy: { label: 'Key policy', show: () => <PolicyTab /> },
  webhooks: { label: 'Webhooks', show: () => <WebhooksTab /> },
};

export default function SettingsPage({ tab }: { tab: string }) {
  const { orgId } = useHere();
  const [, go] = useLocation();
  if (!Object.hasOwn(TABS, tab)) return <NotFound what="page" />;
  return (
    <>
      <PageHeader title="Settings" />
      <Tabs
        value={tab}
        onChange={(next) => next !== null && go(pathTo(orgId, 'settings', next))}
        keepMounted={false}
      >
        <Tabs.List mb="lg">
          {Object.entries(TABS).map(([value, { label }]) => (
            <Tabs.Tab key={value} value={value}>
              {label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {Object.entries(TABS).map(([value, { show }]) => (
          <Tabs.Panel key={value} value={value}>
            {show()}
          </Tabs.Panel>
        ))}
      </Tabs>
    </>
  );
}
