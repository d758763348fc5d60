import { PageHeader } from '../../ui/page-header.tsx';

export default function ServersPage() {
  return <PageHeader title="Servers" />;
}
