/** What a check of the key would answer now, step by step. */
import { Button, Group, List, NativeSelect, Stack, Text, TextInput, ThemeIcon } from '@mantine/core';
import { PERMISSIONS } from '@mcpstack/contracts';
import { IconCheck, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { api, type Schema } from '../../api/client.ts';
import { useHere } from '../../api/organization.tsx';
import { useAction } from '../../api/use-action.ts';
import { ProblemAlert } from '../../ui/problem-alert.tsx';

export function ExplainKey({ keyId }: { keyId: string }) {
  const { orgId } = useHere();
  const [permission, setPermission] = useState('');
  const [ip, setIp] = useState('');
  const [answer, setAnswer] = useState<Schema<'ExplanationAnswer'>>();
  const explain = useAction(async () => {
    const { data } = await api.POST('/api/v1/organizations/{orgId}/api-keys/{keyId}/explain', {
      params: { path: { orgId, keyId } },
      body: { ...(permission !== '' && { permission }), ...(ip !== '' && { ip }) },
    });
    setAnswer(data);
  });
  return (
    <Stack gap="sm">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void explain.run();
        }}
      >
        <Group align="flex-end" gap="xs">
          <NativeSelect
            label="When it wants"
            data={[{ value: '', label: 'Nothing in particular' }, ...PERMISSIONS]}
            value={permission}
            onChange={({ currentTarget }) => setPermission(currentTarget.value)}
          />
          <TextInput
            label="From the address"
            placeholder="203.0.113.7"
            value={ip}
            onChange={({ currentTarget }) => setIp(currentTarget.value.trim())}
          />
          <Button type="submit" variant="default" loading={explain.isBusy}>
            Explain
          </Button>
        </Group>
      </form>
      <ProblemAlert problem={explain.problem} />
      {answer && (
        <Stack gap="xs" role="status">
          <Text size="sm">
            A check would answer <b>{answer.code}</b>. This counts as no use.
          </Text>
          <List size="sm" spacing={4} center>
            {answer.checks.map(({ check, passed, message }) => (
              <List.Item
                key={check}
                icon={
                  <ThemeIcon size={20} radius="xl" variant="light" color={passed ? 'teal' : 'red'}>
                    {passed ? (
                      <IconCheck size={14} aria-label="passed" />
                    ) : (
                      <IconX size={14} aria-label="refused" />
                    )}
                  </ThemeIcon>
                }
              >
                {check}: {message}
              </List.Item>
            ))}
          </List>
        </Stack>
      )}
    </Stack>
  );
}
