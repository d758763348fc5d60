/** What a look for the proof of a domain found, in words. */
import { Alert, Code, List, Stack, Text } from '@mantine/core';
import { IconCheck, IconSearch } from '@tabler/icons-react';
import type { Schema } from '../../api/client.ts';
import { differenceOf } from './domain-words.ts';

type Checked = Schema<'CheckedDomainAnswer'>;

export function Found({ checked }: { checked: Checked }) {
  const { found, proof } = checked;
  const { dns, file } = found;
  const isFound = dns.ok || file.ok;
  return (
    <Alert
      color={isFound ? 'teal' : 'yellow'}
      icon={isFound ? <IconCheck aria-hidden /> : <IconSearch aria-hidden />}
      title={isFound ? 'Found' : 'Not found yet'}
    >
      <Stack gap="xs">
        <Text size="sm">
          <b>DNS</b> at <code>{dns.name}</code>:{' '}
          {dns.ok ? 'the record is there.' : `${dns.problem ?? 'not there'}.`}
        </Text>
        {!dns.ok && dns.values.length > 0 && (
          <List size="sm">
            {dns.values.map((value) => (
              <List.Item key={value}>
                There stands <Code>{value}</Code>. {differenceOf(value, proof.dns.value)}
              </List.Item>
            ))}
            <List.Item>
              There should stand <Code>{proof.dns.value}</Code>.
            </List.Item>
          </List>
        )}
        <Text size="sm">
          <b>File</b> at <code>{file.url}</code>:{' '}
          {file.ok ? 'the content is right.' : `${file.problem ?? 'not there'}.`}
        </Text>
        {!isFound && (
          <Text size="sm">
            A record that was just set may take some minutes until name servers tell of it: check again then.
          </Text>
        )}
      </Stack>
    </Alert>
  );
}
