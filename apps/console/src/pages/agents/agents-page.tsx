import { PageHeader } from '../../ui/page-header.tsx';

export default function AgentsPage() {
  return <PageHeader title="Agents" />;
}
