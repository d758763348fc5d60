/** Gives a key another secret, and says when the present one ends. */
import { NativeSelect, Radio, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { api, type Schema } from '../../api/client.ts';
import { useHere } from '../../api/organization.tsx';
import { useChanged } from '../../api/resources.ts';
import { useAction } from '../../api/use-action.ts';
import { FormDialog, submitting } from '../../ui/form-dialog.tsx';
import { showSecret } from '../../ui/shown-secrets.tsx';
import { LastUse } from './last-use.tsx';
import { KEY_VARIABLE, usesOfKey } from './uses-of-key.ts';
import type { ApiKey } from './use-key.ts';

type Ending = 'later' | 'seen' | 'now';

const HOUR_S = 3_600;
const TIMES = [
  { value: String(HOUR_S), label: '1 hour' },
  { value: String(24 * HOUR_S), label: '1 day' },
  { value: String(3 * 24 * HOUR_S), label: '3 days' },
  { value: String(7 * 24 * HOUR_S), label: '7 days' },
];

export function RotateKey({ apiKey, onClose }: { apiKey: ApiKey; onClose: () => void }) {
  const [ending, setEnding] = useState<Ending>('later');
  const [seconds, setSeconds] = useState(String(24 * HOUR_S));
  const { rotate, wasShown } = useRotate(apiKey, onClose);
  return (
    <FormDialog
      title={`Rotate the secret of ${apiKey.name}`}
      confirm="Rotate secret"
      action={rotate}
      onSubmit={submitting(() => void rotate.run(previousOf(ending, seconds)))}
      onClose={onClose}
    >
      <Text size="sm">
        The key stays what it is and gets a new secret. It was <LastUse apiKey={apiKey} />.
      </Text>
      <Radio.Group label="The present secret ends" value={ending} onChange={(value) => setEnding(value)}>
        <Stack gap="xs" mt="xs">
          <Radio
            value="later"
            label="After a while"
            description="Time enough to put the new one everywhere."
          />
          {ending === 'later' && (
            <NativeSelect
              aria-label="How long it still works"
              ms={32}
              maw={160}
              data={TIMES}
              value={seconds}
              onChange={({ currentTarget }) => setSeconds(currentTarget.value)}
            />
          )}
          <Radio
            value="seen"
            label="Once the new one is in use"
            description="In 7 days at the latest. For keys that are used in one place."
          />
          <Radio
            value="now"
            label="Now"
            description="For a secret that others may know. Whatever uses it is refused at once."
          />
        </Stack>
      </Radio.Group>
      {wasShown && (
        <Text size="sm" role="alert">
          The key was rotated, and its new secret was shown before. Rotate it again for another.
        </Text>
      )}
    </FormDialog>
  );
}

function previousOf(ending: Ending, seconds: string): Schema<'PreviousSecretBody'> {
  if (ending === 'seen') return { untilNextSeen: true };
  return { validForSeconds: ending === 'now' ? 0 : Number(seconds) };
}

function useRotate({ id, name }: ApiKey, onDone: () => void) {
  const { orgId } = useHere();
  const changed = useChanged(orgId);
  const [wasShown, setShown] = useState(false);
  const rotate = useAction(async (previous: Schema<'PreviousSecretBody'>) => {
    const { data } = await api.POST('/api/v1/organizations/{orgId}/api-keys/{keyId}/rotate', {
      params: { path: { orgId, keyId: id } },
      body: { previous },
    });
    void changed('api-keys', 'events');
    const { secret } = data;
    setShown(secret === undefined);
    if (secret === undefined) return;
    showSecret({
      secret,
      title: `The new secret of ${name}`,
      variable: KEY_VARIABLE,
      uses: usesOfKey(orgId),
    });
    onDone();
  });
  return { rotate, wasShown };
}
