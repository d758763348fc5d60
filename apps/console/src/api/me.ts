/** Who is here, and in which organizations. */
import { useQuery } from '@tanstack/react-query';
import { api, problemOf, type Schema } from './client.ts';

export type Me = Schema<'MeAnswer'>;
export type Organization = Schema<'OrganizationAnswer'>;
export type Role = Organization['role'];
export type Permission = Schema<'PermissionsAnswer'>['permissions'][number];
export type Roles = Schema<'PermissionsAnswer'>['roles'];

/** Of whom this page is: what it holds is shown to nobody else. */
let reader: string | undefined;

export async function readMe(): Promise<Me> {
  const { data } = await api.GET('/api/v1/me');
  if (reader !== undefined && data.id !== reader) {
    location.replace('/');
    throw new Error("this page is somebody else's");
  }
  reader = data.id;
  return data;
}

/** Asked for again when the tab is looked at: somebody else may have logged in, in another one. */
export function useMe() {
  const query = useQuery({ queryKey: ['me'], queryFn: readMe, staleTime: 0 });
  return { ...query, problem: query.error ? problemOf(query.error) : undefined };
}

export function useOrganizations() {
  return useQuery({
    queryKey: ['organizations'],
    queryFn: async () => (await api.GET('/api/v1/organizations')).data.data,
  });
}

/** What each role may do; it changes with the gateway alone. */
export function useRoles() {
  return useQuery({
    queryKey: ['permissions'],
    queryFn: async () => (await api.GET('/api/v1/permissions')).data,
    staleTime: Infinity,
  });
}
