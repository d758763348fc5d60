import { PageHeader } from '../../ui/page-header.tsx';

export default function MembersPage() {
  return <PageHeader title="Members" />;
}
