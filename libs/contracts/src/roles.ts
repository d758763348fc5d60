/** Roles and permissions: one table for people and keys alike. */

/** From most to least. */
export const ROLES = ['owner', 'admin', 'developer', 'viewer'] as const;
export type Role = (typeof ROLES)[number];

/** Every permission, as `noun:verb`. */
export const PERMISSIONS = [
  'organization:read',
  'organization:write',
  'owners:write',
  'members:read',
  'members:write',
  'api-keys:read',
  'api-keys:write',
  'api-keys:explain',
  'domains:read',
  'domains:write',
  'servers:read',
  'servers:write',
  'agents:read',
  'agents:write',
  'telemetry:write',
  'audit:read',
  'webhooks:read',
  'webhooks:write',
] as const;
export type Permission = (typeof PERMISSIONS)[number];

const VIEWER: readonly Permission[] = [
  'organization:read',
  'members:read',
  'api-keys:read',
  'domains:read',
  'servers:read',
  'agents:read',
];
const DEVELOPER: readonly Permission[] = [...VIEWER, 'servers:write', 'agents:write', 'telemetry:write'];
const ADMIN: readonly Permission[] = [
  ...DEVELOPER,
  'api-keys:write',
  'api-keys:explain',
  'domains:write',
  'members:write',
  'audit:read',
  'webhooks:read',
  'webhooks:write',
];

/** What each role may do. A higher role may do all that a lower one may. */
export const ROLE_PERMISSIONS: Readonly<Record<Role, readonly Permission[]>> = {
  viewer: VIEWER,
  developer: DEVELOPER,
  admin: ADMIN,
  owner: PERMISSIONS,
};

export function isRole(value: unknown): value is Role {
  return ROLES.includes(value as Role);
}

export function isPermission(value: unknown): value is Permission {
  return PERMISSIONS.includes(value as Permission);
}

/**
 * What a holder may do: the permissions of the role, cut down to `narrowedTo` where that is given.
 * A permission that the role lacks is never added.
 */
export function permissionsOf(role: Role, narrowedTo?: readonly Permission[]): readonly Permission[] {
  const all = ROLE_PERMISSIONS[role];
  return narrowedTo ? all.filter((permission) => narrowedTo.includes(permission)) : all;
}
