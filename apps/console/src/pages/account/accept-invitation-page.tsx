import { PageHeader } from '../../ui/page-header.tsx';

export default function AcceptInvitationPage() {
  return <PageHeader title="Accept an invitation" />;
}
