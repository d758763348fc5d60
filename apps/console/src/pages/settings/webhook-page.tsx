import { PageHeader } from '../../ui/page-header.tsx';

export default function WebhookPage({ webhookId }: { webhookId: string }) {
  return <PageHeader title="Webhook" description={[webhookId].join(' ')} />;
}
