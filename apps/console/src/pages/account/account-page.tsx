import { PageHeader } from '../../ui/page-header.tsx';

export default function AccountPage() {
  return <PageHeader title="Profile and sessions" />;
}
