/** Which keys a change of a member touches, by the organization's policy, and when they were last used. */
import { Anchor, List, Skeleton, Stack, Text } from '@mantine/core';
import { Link } from 'wouter';
import { api, type Schema } from '../../api/client.ts';
import { useRoles, type Role } from '../../api/me.ts';
import { useHere } from '../../api/organization.tsx';
import { keyOf, useThing } from '../../api/resources.ts';
import { pathTo } from '../../shell/paths.ts';
import { Name } from '../../ui/name.tsx';
import { ProblemAlert } from '../../ui/problem-alert.tsx';
import { When } from '../../ui/when.tsx';

type ApiKey = Schema<'ApiKeyAnswer'>;
/** So many are named; of the others, how many there are. */
const NAMED = 5;
/** Of how many it is looked at. */
const MOST = 1_000;

/** The keys in force of these: a page of the API may hold few of them, or none, though others follow. */
export async function keysInForce(orgId: string, query: { createdBy?: string } = {}): Promise<KeysFound> {
  const keys: ApiKey[] = [];
  let page: { cursor?: string } = {};
  for (let seen = 0; seen < MOST;) {
    const params = { path: { orgId }, query: { ...query, ...page, limit: 100 } };
    const { data } = await api.GET('/api/v1/organizations/{orgId}/api-keys', { params });
    keys.push(...data.data.filter(({ state }) => state === 'active' || state === 'suspended'));
    if (data.nextCursor === undefined) return { keys, isAll: true };
    page = { cursor: data.nextCursor };
    seen += 100;
  }
  return { keys, isAll: false };
}

export interface KeysFound {
  keys: readonly ApiKey[];
  /** Whether there may be more than these. */
  isAll: boolean;
}

const MARKED = {
  they: 'They are marked as holding more than their maker. Revoke those that this person may still have: a key of an admin can let them in again.',
  you: 'They are marked as holding more than their maker.',
} as const;

/** @param becomes the role that the member has afterwards; absent: none. */
export function KeysAtStake({ userId, becomes }: { userId: string; becomes?: Role }) {
  const { orgId, userId: reader } = useHere();
  const they = userId === reader ? 'you' : 'they';
  const policy = useThing(keyOf(orgId, 'organization', 'policy'), async () => {
    const { data } = await api.GET('/api/v1/organizations/{orgId}/policy', { params: { path: { orgId } } });
    return data;
  });
  const keys = useThing(keyOf(orgId, 'api-keys', 'made-by', userId), () =>
    keysInForce(orgId, { createdBy: userId }),
  );
  const roles = useRoles();
  const problem = policy.problem ?? keys.problem;
  if (problem) return <ProblemAlert problem={problem} />;
  if (!policy.data || !keys.data || !roles.data)
    return <Skeleton height={40} role="status" aria-label="Looking for keys" />;
  const left = roles.data.roles.find(({ role }) => role === becomes)?.permissions ?? [];
  const touched = keys.data.keys.filter(({ permissions }) => permissions.some((one) => !left.includes(one)));
  if (touched.length === 0 && keys.data.isAll)
    return (
      <Text size="sm">
        No service key that {they} made
        {becomes === undefined ? ' is in force' : ' may do more than this role'}.
      </Text>
    );
  const ends = policy.data.onMakerLoss === 'revoke';
  return (
    <Stack gap="xs">
      <Text size="sm" fw={600}>
        {ends
          ? 'Keys that end with it, by the policy of the organization:'
          : `Keys that ${they} made, and that go on working, by the policy of the organization:`}
      </Text>
      <KeysNamed keys={touched} isAll={keys.data.isAll} />
      <Text size="sm">
        {ends
          ? 'So does what was made with these keys. Whatever uses them is refused at once, and they cannot be brought back.'
          : MARKED[they]}{' '}
        <Anchor component={Link} href={pathTo(orgId, 'settings', 'policy')} inherit underline="always">
          The policy
        </Anchor>
      </Text>
    </Stack>
  );
}

/** The ones that were used last, by name. */
export function KeysNamed({ keys, isAll }: KeysFound) {
  const latest = [...keys].sort((a, b) => (b.lastUsedAt ?? '').localeCompare(a.lastUsedAt ?? ''));
  const more = keys.length - NAMED;
  return (
    <List size="sm" withPadding={false}>
      {latest.slice(0, NAMED).map(({ id, name, role, lastUsedAt, lastUsedFrom }) => (
        <List.Item key={id} styles={{ itemWrapper: { display: 'block' }, itemLabel: { display: 'block' } }}>
          <Name size="sm" fw={500}>
            {name}
          </Name>
          <Text size="sm" c="dimmed" component="div">
            {role},{' '}
            {lastUsedAt === undefined ? (
              'never used'
            ) : (
              <>
                last used <When at={lastUsedAt} />
              </>
            )}
            {lastUsedFrom?.addressPrefix !== undefined && ` from ${lastUsedFrom.addressPrefix}`}
          </Text>
        </List.Item>
      ))}
      {more > 0 && <List.Item>and {more} more</List.Item>}
      {!isAll && (
        <List.Item>and perhaps others: the organization has more keys than were looked at</List.Item>
      )}
    </List>
  );
}
