/** Makes a service key, and shows its secret once. */
import { Alert, Anchor, Box, Text } from '@mantine/core';
import { useRef, useState } from 'react';
import { Link } from 'wouter';
import { navigate } from 'wouter/use-browser-location';
import { api, type Schema } from '../../api/client.ts';
import { useHere } from '../../api/organization.tsx';
import { keyOf, useChanged, useThing } from '../../api/resources.ts';
import { pathTo } from '../../shell/paths.ts';
import { PageLoading } from '../../shell/starting.tsx';
import { MissingPermission } from '../../ui/missing-permission.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { ProblemAlert } from '../../ui/problem-alert.tsx';
import { showSecret } from '../../ui/shown-secrets.tsx';
import { CreateKeyForm } from './create-key-form.tsx';
import { KEY_VARIABLE, usesOfKey } from './uses-of-key.ts';

export default function CreateKeyPage() {
  const { orgId, can } = useHere();
  const policy = useThing(
    keyOf(orgId, 'organization', 'policy'),
    async () => (await api.GET('/api/v1/organizations/{orgId}/policy', { params: { path: { orgId } } })).data,
  );
  const { shownBefore, create } = useCreateKey();
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
      {shownBefore !== undefined && (
        <Alert mt="md" color="yellow" role="alert" title="The key was made, and its secret was shown before">
          <Text size="sm">
            Nobody can show it again.{' '}
            <Anchor component={Link} href={pathTo(orgId, 'api-keys', shownBefore)} inherit underline="always">
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
  /** The id of a key that was made, and whose secret was shown before. */
  const [shownBefore, setShownBefore] = useState<string>();
  const changed = useChanged(orgId);
  const last = useRef<{ text: string; body: Schema<'CreateKeyBody'> }>(undefined);
  /** @param values from which the body is made: the same again are the same key, though the clock has moved on. */
  const create = async (values: unknown, make: () => Schema<'CreateKeyBody'>) => {
    const text = JSON.stringify(values);
    if (last.current?.text !== text) last.current = { text, body: make() };
    const { data } = await api.POST('/api/v1/organizations/{orgId}/api-keys', {
      params: { path: { orgId } },
      body: last.current.body,
    });
    const { id, name, secret } = data;
    void changed('api-keys', 'events');
    if (secret === undefined) return setShownBefore(id);
    showSecret({
      secret,
      title: `The secret of ${name}`,
      variable: KEY_VARIABLE,
      uses: usesOfKey(orgId),
      onKept: () => navigate(pathTo(orgId, 'api-keys', id)),
    });
  };
  return { shownBefore, create };
}
