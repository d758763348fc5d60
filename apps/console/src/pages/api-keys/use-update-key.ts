/** Changes a key as it was when the reader began: what somebody else did meanwhile is not undone. */
import { useState } from 'react';
import { api, type Schema } from '../../api/client.ts';
import { useHere } from '../../api/organization.tsx';
import { useChanged } from '../../api/resources.ts';
import type { ApiKey } from './use-key.ts';

export function useUpdateKey(apiKey: ApiKey) {
  const { orgId } = useHere();
  const changed = useChanged(orgId);
  const [{ id, revision }] = useState(apiKey);
  return async (body: Schema<'UpdateKeyBody'>): Promise<void> => {
    await api.PATCH('/api/v1/organizations/{orgId}/api-keys/{keyId}', {
      params: { path: { orgId, keyId: id }, header: { 'If-Match': `"${revision}"` } },
      body,
    });
    await changed('api-keys', 'events');
  };
}
