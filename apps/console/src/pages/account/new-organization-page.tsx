import { PageHeader } from '../../ui/page-header.tsx';

export default function NewOrganizationPage() {
  return <PageHeader title="New organization" />;
}
