/** What to publish so that a domain is proven: a TXT record, or a file. */
import { SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { CopyValue } from '../../ui/copy.tsx';
import type { Domain } from './use-agents.ts';

export function Proof({ domain: { domain, proof } }: { domain: Domain }) {
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
      <Stack gap="xs" miw={0}>
        <Title order={3} size="h6">
          A record in the DNS
        </Title>
        <Field label="Type" value={proof.dns.type} of={domain} />
        <Field label="Name" value={proof.dns.name} of={domain} />
        <Field label="Value" value={proof.dns.value} of={domain} />
        <Text size="sm" c="dimmed">
          Some providers add the domain to the name by themselves: enter{' '}
          <code>{labelOf(proof.dns.name, domain)}</code> there.
        </Text>
      </Stack>
      <Stack gap="xs" miw={0}>
        <Title order={3} size="h6">
          Or a file on the site
        </Title>
        <Field label="Address" value={proof.file.url} of={domain} />
        <Field label="Content" value={proof.file.content} of={domain} />
        <Text size="sm" c="dimmed">
          The content alone, with status 200 and no redirect to another host.
        </Text>
      </Stack>
    </SimpleGrid>
  );
}

function Field({ label, value, of }: { label: string; value: string; of: string }) {
  return (
    <div>
      <Text size="sm" c="dimmed">
        {label}
      </Text>
      <CopyValue value={value} label={`the ${label.toLowerCase()} for ${of}`} />
    </div>
  );
}

const labelOf = (name: string, domain: string): string =>
  name.endsWith(`.${domain}`) ? name.slice(0, -domain.length - 1) : name;
