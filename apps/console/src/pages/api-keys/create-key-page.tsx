/** Makes a service key, and shows its secret once. */
import { Alert, Anchor, Box, Text } from '@mantine/core';
import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import { api, type Schema } from '../../api/client.ts';
import { useHere } from '../../api/organization.tsx';
import { keyOf, useChanged, useThing } from '../../api/resources.ts';
import { pathTo } from '../../shell/paths.ts';
import { PageLoading } from '../../shell/starting.tsx';
import { MissingPermission } from '../../ui/missing-permission.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { ProblemAlert } from '../../ui/problem-alert.tsx';
import { SecretDialog } from '../../ui/secret-dialog.tsx';
import { SecretBox } from '../../ui/secret.ts';
import { useAttempt } from './attempt.ts';
import { CreateKeyForm } from './create-key-form.tsx';
import { KEY_VARIABLE, usesOfKey } from './uses-of-key.ts';

/** The key that was made; its secret, unless it was shown before. */
interface Made {
  id: string;
  name: string;
  box: SecretBox | undefined;
}

export default function CreateKeyPage() {
  const { orgId, can } = useHere();
  const policy = useThing(
    keyOf(orgId, 'organization', 'policy'),
    async () => (await api.GET('/api/v1/organizations/{orgId}/policy', { params: { path: { orgId } } })).data,
  );
  const { made, create, close } = useCreateKey();
  const list = pathTo(orgId, 'api-keys');
  return (
    <Box maw={760}>
      <Anchor component={Link} href={list} size="sm">
        API Keys
      </Anchor>
      <PageHeader
        title="Create service key"
        description="One key for each environment, with the smallest role that does. Its secret is shown once."
      />
      {!can('api-keys:write') ? (
        <MissingPermission
          permission="api-keys:write"
          to="create service keys"
          instead={{ href: list, label: 'See the keys that there are' }}
        />
      ) : policy.data ? (
        <CreateKeyForm policy={policy.data} create={create} />
      ) : policy.problem ? (
        <ProblemAlert problem={policy.problem} />
      ) : (
        <PageLoading />
      )}
      {made?.box && (
        <SecretDialog
          box={made.box}
          title={`The secret of ${made.name}`}
          variable={KEY_VARIABLE}
          uses={usesOfKey(orgId)}
          onClose={close}
        />
      )}
      {made && !made.box && (
        <Alert mt="md" color="yellow" role="alert" title="The key was made, and its secret was shown before">
          <Text size="sm">
            Nobody can show it again.{' '}
            <Anchor component={Link} href={pathTo(orgId, 'api-keys', made.id)} inherit underline="always">
              Rotate the key
            </Anchor>{' '}
            for another secret.
          </Text>
        </Alert>
      )}
    </Box>
  );
}

function useCreateKey() {
  const { orgId } = useHere();
  const [made, setMade] = useState<Made>();
  const [, go] = useLocation();
  const changed = useChanged(orgId);
  const attempt = useAttempt<Schema<'CreateKeyBody'>>();
  /** @param values from which the body is made: the same again are the same key. */
  const create = async (values: unknown, make: () => Schema<'CreateKeyBody'>) => {
    const { body, idempotencyKey } = attempt.of(values, make);
    const { data } = await api.POST('/api/v1/organizations/{orgId}/api-keys', {
      params: { path: { orgId }, header: { 'Idempotency-Key': idempotencyKey } },
      body,
    });
    attempt.isOver();
    const { id, name, secret } = data;
    setMade({ id, name, box: secret === undefined ? undefined : new SecretBox(secret) });
    void changed('api-keys', 'events');
  };
  const close = () => {
    setMade(undefined);
    if (made) go(pathTo(orgId, 'api-keys', made.id));
  };
  return { made, create, close };
}
