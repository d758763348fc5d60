import { PageHeader } from '../../ui/page-header.tsx';

export default function CreatePublicKeyPage() {
  return <PageHeader title="Create public key" />;
}
