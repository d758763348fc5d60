import { PageHeader } from '../../ui/page-header.tsx';

export default function KeyPage({ keyId }: { keyId: string }) {
  return <PageHeader title="Service key" description={[keyId].join(' ')} />;
}
