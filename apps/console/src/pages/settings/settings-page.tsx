import { PageHeader } from '../../ui/page-header.tsx';

export default function SettingsPage({ tab }: { tab: string }) {
  return <PageHeader title="Settings" description={[tab].join(' ')} />;
}
