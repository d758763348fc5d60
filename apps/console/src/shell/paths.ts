/** Addresses of pages. Each can be sent to somebody else, who sees the same. */

/** `pathTo('org_1', 'api-keys', 'key_2')`. */
export function pathTo(orgId: string, ...parts: readonly string[]): string {
  return `/organizations/${[orgId, ...parts].map(encodeURIComponent).join('/')}`;
}

const LAST = 'mcpstack-organization';

/** Where the reader was last, in this browser; an id says nothing to anybody else. */
export const lastOrganization = {
  get: (): string | null => {
    try {
      return localStorage.getItem(LAST);
    } catch {
      return null;
    }
  },
  set: (orgId: string): void => {
    try {
      localStorage.setItem(LAST, orgId);
    } catch {
      // Where nothing may be stored, the first organization is shown.
    }
  },
};

/** Where a login leads back to: the page that is shown now. */
export function loginPath(returnTo = `${location.pathname}${location.search}`): string {
  return `/auth/login?${new URLSearchParams({ returnTo }).toString()}`;
}
