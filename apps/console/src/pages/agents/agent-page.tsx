import { PageHeader } from '../../ui/page-header.tsx';

export default function AgentPage({ agentId, tab }: { agentId: string; tab: string }) {
  return <PageHeader title="Agent" description={[agentId, tab].join(' ')} />;
}
