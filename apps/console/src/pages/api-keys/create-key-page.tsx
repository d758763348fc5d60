import { PageHeader } from '../../ui/page-header.tsx';

export default function CreateKeyPage() {
  return <PageHeader title="Create service key" />;
}
