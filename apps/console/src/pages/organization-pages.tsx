/** The pages of one organization. */
import { Redirect, Route, Switch } from 'wouter';
import { useHere } from '../api/organization.tsx';
import { lazyPage } from '../shell/lazy-page.tsx';
import { NotFound } from '../shell/not-found.tsx';
import { pathTo } from '../shell/paths.ts';
import ApiKeysPage from './api-keys/api-keys-page.tsx';

const CreateKeyPage = lazyPage(() => import('./api-keys/create-key-page.tsx'));
const KeyPage = lazyPage(() => import('./api-keys/key-page.tsx'));
const CreatePublicKeyPage = lazyPage(() => import('./public-keys/create-public-key-page.tsx'));
const PublicKeyPage = lazyPage(() => import('./public-keys/public-key-page.tsx'));
const AgentsPage = lazyPage(() => import('./agents/agents-page.tsx'));
const AgentPage = lazyPage(() => import('./agents/agent-page.tsx'));
const ServersPage = lazyPage(() => import('./servers/servers-page.tsx'));
const MembersPage = lazyPage(() => import('./members/members-page.tsx'));
const EventsPage = lazyPage(() => import('./events/events-page.tsx'));
const SettingsPage = lazyPage(() => import('./settings/settings-page.tsx'));
const WebhookPage = lazyPage(() => import('./settings/webhook-page.tsx'));

export default function OrganizationPages() {
  const { orgId } = useHere();
  return (
    <Switch>
      <Route path="/organizations/:orgId">
        <Redirect to={pathTo(orgId, 'api-keys')} replace />
      </Route>
      <Route path="/organizations/:orgId/api-keys">
        <ApiKeysPage />
      </Route>
      <Route path="/organizations/:orgId/api-keys/new">
        <CreateKeyPage />
      </Route>
      <Route path="/organizations/:orgId/api-keys/:keyId">
        {({ keyId }) => <KeyPage key={keyId} keyId={keyId} />}
      </Route>
      <Route path="/organizations/:orgId/public-keys/new">
        <CreatePublicKeyPage />
      </Route>
      <Route path="/organizations/:orgId/public-keys/:keyId">
        {({ keyId }) => <PublicKeyPage key={keyId} keyId={keyId} />}
      </Route>
      <Route path="/organizations/:orgId/agents">
        <AgentsPage />
      </Route>
      <Route path="/organizations/:orgId/agents/:agentId/:tab?">
        {({ agentId, tab }) => <AgentPage key={agentId} agentId={agentId} tab={tab ?? 'keys'} />}
      </Route>
      <Route path="/organizations/:orgId/servers">
        <ServersPage />
      </Route>
      <Route path="/organizations/:orgId/members">
        <MembersPage />
      </Route>
      <Route path="/organizations/:orgId/events">
        <EventsPage />
      </Route>
      <Route path="/organizations/:orgId/settings/webhooks/:webhookId">
        {({ webhookId }) => <WebhookPage key={webhookId} webhookId={webhookId} />}
      </Route>
      <Route path="/organizations/:orgId/settings/:tab?">
        {({ tab }) => <SettingsPage tab={tab ?? 'organization'} />}
      </Route>
      <Route>
        <NotFound what="page" />
      </Route>
    </Switch>
  );
}
