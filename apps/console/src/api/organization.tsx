/** The organization that the page is about, and what the reader may do in it. */
import { createContext, use, useMemo, type ReactNode } from 'react';
import type { Me, Organization, Permission, Roles } from './me.ts';

export interface Here {
  orgId: string;
  organization: Organization;
  /** Who is here. */
  userId: string;
  /** What the reader may do, by their role; a suspended organization is only read. */
  can: (permission: Permission) => boolean;
}

const HereContext = createContext<Here | undefined>(undefined);

interface OrganizationHereProps {
  me: Me;
  organization: Organization;
  /** What each role may do. */
  roles: Roles;
  children: ReactNode;
}

export function OrganizationHere({ me, organization, roles, children }: OrganizationHereProps) {
  const here = useMemo<Here>(() => {
    const all = roles.find(({ role }) => role === organization.role)?.permissions ?? [];
    const left =
      organization.state === 'active'
        ? all
        : all.filter((one) => one.endsWith(':read') || one === 'organization:write');
    const held = new Set<string>(left);
    return {
      orgId: organization.id,
      organization,
      userId: me.id,
      can: (permission) => held.has(permission),
    };
  }, [me.id, organization, roles]);
  return <HereContext value={here}>{children}</HereContext>;
}

/** Only inside an organization. */
export function useHere(): Here {
  const here = use(HereContext);
  if (!here) throw new Error('this is shown inside an organization only');
  return here;
}
