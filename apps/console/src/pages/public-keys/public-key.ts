/** One public key: reading it, and asking for its changes. */
import { api, type Schema } from '../../api/client.ts';
import { useHere } from '../../api/organization.tsx';
import { keyOf, useThing } from '../../api/resources.ts';

export type PublicKey = Schema<'PublicKeyAnswer'>;

/** Uses are no changes that the stream tells. */
export const USES_MS = 15_000;

export function usePublicKey(keyId: string) {
  const { orgId } = useHere();
  return useThing(
    keyOf(orgId, 'public-keys', keyId),
    async () =>
      (
        await api.GET('/api/v1/organizations/{orgId}/public-keys/{keyId}', {
          params: { path: { orgId, keyId } },
        })
      ).data,
    { refetchIntervalMs: USES_MS },
  );
}

/** Neither revoked nor expired: what can still change. */
export const isLiving = ({ state }: Pick<PublicKey, 'state'>): boolean =>
  state === 'active' || state === 'suspended';
