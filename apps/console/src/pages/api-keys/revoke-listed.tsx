/** Revokes every key in force that the filter finds, after a look at which those are. */
import { Button, List, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { api, type Schema } from '../../api/client.ts';
import { useHere } from '../../api/organization.tsx';
import { useChanged } from '../../api/resources.ts';
import { useAction } from '../../api/use-action.ts';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { ProblemAlert } from '../../ui/problem-alert.tsx';
import { When } from '../../ui/when.tsx';
import { termsOf, type KeyFilter } from './key-filter.ts';

const SHOWN = 10;
/** Each revokes thousands. */
const MOST_REQUESTS = 100;

interface Found {
  /** With a time that no longer moves. */
  filter: Schema<'KeyFilterBody'>;
  answer: Schema<'BulkRevokeAnswer'>;
}

export function RevokeListed({ filter }: { filter: KeyFilter }) {
  const { orgId } = useHere();
  const changed = useChanged(orgId);
  const [found, setFound] = useState<Found>();
  const ask = async (body: Schema<'BulkRevokeBody'>) =>
    (
      await api.POST('/api/v1/organizations/{orgId}/api-keys/bulk-revoke', {
        params: { path: { orgId } },
        body,
      })
    ).data;
  const look = useAction(async () => {
    const terms = termsOf(filter, Date.now());
    setFound({ filter: terms, answer: await ask({ filter: terms, dryRun: true }) });
  });
  const revoke = useAction(async () => {
    for (let request = 0; found && request < MOST_REQUESTS; request += 1)
      if (!(await ask({ filter: found.filter, dryRun: false })).more) break;
    await changed('api-keys', 'events');
  });
  const { keys = [], count = 0, more } = found?.answer ?? {};
  const howMany = `${count}${more ? ' or more' : ''} ${count === 1 ? 'key' : 'keys'}`;
  return (
    <Stack mt="xs" align="flex-start">
      <ProblemAlert problem={look.problem} />
      <Button size="xs" variant="default" onClick={() => void look.run()} loading={look.isBusy}>
        Revoke what this filter finds…
      </Button>
      <ConfirmDialog
        isOpen={found !== undefined && count > 0}
        title={`Revoke ${howMany}?`}
        confirm={`Revoke ${howMany}`}
        action={revoke}
        onClose={() => setFound(undefined)}
      >
        <Text size="sm">
          Whatever uses them is refused from then on, and for good. Only keys in force are revoked, also those
          that the list does not show.
        </Text>
        <List size="sm">
          {keys.slice(0, SHOWN).map(({ id, name, lastUsedAt }) => (
            <List.Item key={id} style={{ overflowWrap: 'anywhere' }}>
              <bdi>{name}</bdi>, last used: <When at={lastUsedAt} />
            </List.Item>
          ))}
          {count > SHOWN && <List.Item>and {count - SHOWN} others</List.Item>}
        </List>
      </ConfirmDialog>
      {found && count === 0 && (
        <Text size="sm" role="status">
          No key that is in force is like this.
        </Text>
      )}
    </Stack>
  );
}
