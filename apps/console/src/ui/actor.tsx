/** Who did something: a person by name where it is known, else by id; a key by its page. */
import { Anchor, Text } from '@mantine/core';
import { Link } from 'wouter';
import { api, type Schema } from '../api/client.ts';
import { useHere } from '../api/organization.tsx';
import { keyOf, useThing } from '../api/resources.ts';
import { pathTo } from '../shell/paths.ts';

export function Actor({ actor }: { actor: Schema<'ActorAnswer'> }) {
  const { orgId } = useHere();
  if (actor.type === 'system')
    return (
      <Text span inherit>
        MCPStack itself
      </Text>
    );
  if (actor.type === 'user') return <Person userId={actor.id} />;
  return (
    <Text span inherit>
      the key{' '}
      <Anchor component={Link} href={pathTo(orgId, 'api-keys', actor.id)} inherit underline="always">
        {actor.id}
      </Anchor>
    </Text>
  );
}

function Person({ userId }: { userId: string }) {
  const { orgId, can, userId: reader } = useHere();
  // Who is no member any more is known by the id alone: that is no problem to speak of.
  const { data } = useThing(
    keyOf(orgId, 'members', userId),
    async () =>
      (
        await api.GET('/api/v1/organizations/{orgId}/members/{userId}', {
          params: { path: { orgId, userId } },
        })
      ).data,
    { enabled: can('members:read') },
  );
  const name = data?.name ?? data?.email ?? userId;
  return (
    <Text span inherit title={userId} style={{ overflowWrap: 'anywhere' }}>
      <bdi>{name}</bdi>
      {userId === reader && ' (you)'}
    </Text>
  );
}
