/** What somebody sees who is logged in: the way to their organizations, and the pages. */
import { Box } from '@mantine/core';
import { useEffect, type ReactNode } from 'react';
import { Redirect, Route, Switch } from 'wouter';
import { useOrganizations, useRoles, type Me, type Organization } from '../api/me.ts';
import { problemOf } from '../api/client.ts';
import { OrganizationHere } from '../api/organization.tsx';
import { lazyPage } from './lazy-page.tsx';
import { Shell } from './shell.tsx';
import { Starting, Unreachable } from './starting.tsx';
import { NotFound } from './not-found.tsx';
import { lastOrganization, pathTo } from './paths.ts';

const AccountPage = lazyPage(() => import('../pages/account/account-page.tsx'));
const AcceptInvitationPage = lazyPage(() => import('../pages/account/accept-invitation-page.tsx'));
const NewOrganizationPage = lazyPage(() => import('../pages/account/new-organization-page.tsx'));
const SignedInPage = lazyPage(() => import('../pages/account/signed-in-page.tsx'));
const OrganizationPages = lazyPage(() => import('../pages/organization-pages.tsx'));

export function SignedIn({ me }: { me: Me }) {
  // While the organizations are asked for: nearly everybody goes on to a page of one.
  useEffect(() => OrganizationPages.read(), []);
  const organizations = useOrganizations();
  // Asked for at the same time: each page of an organization needs it.
  useRoles();
  const all = organizations.data;
  // What is known is shown on when asking again fails: a page that went would take what was typed along.
  if (!all && organizations.error)
    return (
      <Unreachable problem={problemOf(organizations.error)} retry={() => void organizations.refetch()} />
    );
  if (!all) return <Starting />;
  const remembered = all.find(({ id }) => id === lastOrganization.get()) ?? all[0];
  return (
    <Switch>
      <Route path="/">
        <Redirect to={remembered ? pathTo(remembered.id, 'api-keys') : '/new-organization'} replace />
      </Route>
      <Route path="/signed-in">
        <SignedInPage />
      </Route>
      <Route path="/organizations/:orgId/*?">
        {({ orgId }) => {
          const organization = all.find(({ id }) => id === orgId);
          if (!organization)
            return (
              <Box component="main" p="md">
                <NotFound what="organization" />
              </Box>
            );
          lastOrganization.set(organization.id);
          return (
            <Inside key={organization.id} me={me} organization={organization}>
              <Shell me={me} organizations={all}>
                <OrganizationPages />
              </Shell>
            </Inside>
          );
        }}
      </Route>
      <Route>
        <Shell me={me} organizations={all}>
          <Switch>
            <Route path="/account">
              <AccountPage />
            </Route>
            <Route path="/invitation">
              <AcceptInvitationPage />
            </Route>
            <Route path="/new-organization">
              <NewOrganizationPage />
            </Route>
            <Route>
              <NotFound what="page" />
            </Route>
          </Switch>
        </Shell>
      </Route>
    </Switch>
  );
}

/** Nothing is said of what the reader may do before it is known: an owner would be told that they may do nothing. */
function Inside(props: { me: Me; organization: Organization; children: ReactNode }) {
  const roles = useRoles();
  if (!roles.data && roles.error)
    return <Unreachable problem={problemOf(roles.error)} retry={() => void roles.refetch()} />;
  if (!roles.data) return <Starting />;
  return <OrganizationHere {...props} roles={roles.data.roles} />;
}
