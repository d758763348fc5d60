/** Ids of an organization's things, as people know them. */
import { api } from '../../api/client.ts';
import { useHere } from '../../api/organization.tsx';
import { keyOf, useThing, type Resource } from '../../api/resources.ts';

export interface Named {
  id: string;
  name: string;
  /** For lists: `Members`. */
  group: string;
  isPublicKey?: true;
}

/** Of each kind so many; of the others the id is shown. Asking for each by itself would be a request for every line. */
const MOST = 100;

/** @returns `byId`, and all of them in groups. What the reader may not list has no names. */
export function useNames(): { byId: ReadonlyMap<string, Named>; all: readonly Named[] } {
  const { orgId } = useHere();
  const params = { path: { orgId }, query: { limit: MOST } };
  const all = [
    useList('members', 'Members', async () =>
      (await api.GET('/api/v1/organizations/{orgId}/members', { params })).data.data.map(
        ({ userId: id, name, email }) => ({ id, name: name ?? email ?? id }),
      ),
    ),
    useList('api-keys', 'Service keys', async () =>
      (await api.GET('/api/v1/organizations/{orgId}/api-keys', { params })).data.data.map(named),
    ),
    useList('public-keys', 'Public keys', async () =>
      (await api.GET('/api/v1/organizations/{orgId}/public-keys', { params })).data.data.map((key) => ({
        ...named(key),
        isPublicKey: true as const,
      })),
    ),
    useList('agents', 'Agents', async () =>
      (await api.GET('/api/v1/organizations/{orgId}/agents', { params })).data.data.map(named),
    ),
    useList('servers', 'Servers', async () =>
      (await api.GET('/api/v1/organizations/{orgId}/servers', { params })).data.data.map(named),
    ),
    useList('webhooks', 'Webhooks', async () =>
      (await api.GET('/api/v1/organizations/{orgId}/webhooks', { params })).data.data.map(named),
    ),
  ].flat();
  return { byId: new Map(all.map((one) => [one.id, one])), all };
}

const named = ({ id, name }: { id: string; name?: string }) => ({ id, name: name ?? id });

function useList(
  resource: Resource,
  group: string,
  ask: () => Promise<readonly Omit<Named, 'group'>[]>,
): readonly Named[] {
  const { orgId } = useHere();
  const { data } = useThing(keyOf(orgId, resource, 'names'), ask);
  return (data ?? []).map((one) => ({ ...one, group }));
}
