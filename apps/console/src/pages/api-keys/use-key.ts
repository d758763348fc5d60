/** One service key, and its uses. */
import { api, type Schema } from '../../api/client.ts';
import { useHere } from '../../api/organization.tsx';
import { keyOf, useThing } from '../../api/resources.ts';

export type ApiKey = Schema<'ApiKeyAnswer'>;

/** Uses are no changes that the stream tells. */
const USES_MS = 10_000;

export function useKey(keyId: string) {
  const { orgId } = useHere();
  return useThing(
    keyOf(orgId, 'api-keys', keyId),
    async () =>
      (
        await api.GET('/api/v1/organizations/{orgId}/api-keys/{keyId}', {
          params: { path: { orgId, keyId } },
        })
      ).data,
    { refetchIntervalMs: USES_MS },
  );
}

export function useKeyUsage(keyId: string) {
  const { orgId } = useHere();
  return useThing(
    keyOf(orgId, 'api-keys', keyId, 'usage'),
    async () =>
      (
        await api.GET('/api/v1/organizations/{orgId}/api-keys/{keyId}/usage', {
          params: { path: { orgId, keyId } },
        })
      ).data,
    { refetchIntervalMs: USES_MS },
  );
}

/** Neither revoked nor expired: something can still be changed. */
export function isInForce({ state }: Pick<ApiKey, 'state'>): boolean {
  return state === 'active' || state === 'suspended';
}
