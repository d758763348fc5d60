import { PageHeader } from '../../ui/page-header.tsx';

export default function EventsPage() {
  return <PageHeader title="Audit trail" />;
}
