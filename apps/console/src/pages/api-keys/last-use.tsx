/** When a key was last used, and from where: what stops working with it. */
import { Text } from '@mantine/core';
import type { Schema } from '../../api/client.ts';
import { When } from '../../ui/when.tsx';

export function LastUse({ apiKey }: { apiKey: Schema<'ApiKeyAnswer'> }) {
  const { lastUsedAt, lastUsedFrom } = apiKey;
  if (lastUsedAt === undefined)
    return (
      <Text span inherit>
        never used so far
      </Text>
    );
  const { addressPrefix, userAgent } = lastUsedFrom ?? {};
  return (
    <Text span inherit>
      last used <When at={lastUsedAt} />
      {addressPrefix !== undefined && <> from {addressPrefix}</>}
      {userAgent !== undefined && (
        <>
          {' '}
          with <bdi>{userAgent}</bdi>
        </>
      )}
    </Text>
  );
}
