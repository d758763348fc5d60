import { PageHeader } from '../../ui/page-header.tsx';

export default function PublicKeyPage({ keyId }: { keyId: string }) {
  return <PageHeader title="Public key" description={[keyId].join(' ')} />;
}
