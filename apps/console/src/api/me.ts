/** Who is here, and in which organizations. */
import { useQuery } from '@tanstack/react-query';
import { api, problemOf, type Schema } from './client.ts';

export type Me = Schema<'MeAnswer'>;
export type Organization = Schema<'OrganizationAnswer'>;
export type Role = Organization['role'];
export type Permission = Schema<'PermissionsAnswer'>['permissions'][number];

export function useMe() {
  const query = useQuery({
    queryKey: ['me'],
    queryFn: async () => (await api.GET('/api/v1/me')).data,
    staleTime: Infinity,
  });
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
