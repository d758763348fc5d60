/** The lists of the API, whole: page by page, as they are walked. */
import { items, type components, type Page } from '@mcpstack/api-client';
import { type AuditEventType, type KeyStateName, type Role } from '@mcpstack/contracts';
import { listIn } from '../client.ts';
import { type Context } from '../context.ts';

export type Answers = components['schemas'];

export interface KeyQuery {
  state?: KeyStateName;
  tag?: string;
  role?: Role;
  environment?: string;
  createdBy?: string;
  unusedSince?: string;
}

export interface EventQuery {
  type?: AuditEventType[];
  actor?: string;
  subject?: string;
  from?: string;
  to?: string;
  order?: 'newest' | 'oldest';
  after?: string;
}

type PageQuery = { cursor?: string; limit: number };

/** The API's largest page: the fewest round trips. */
const LIMIT = 100;

const whole = <Item>(page: (query: PageQuery) => Promise<{ data: Page<Item> }>) =>
  items(async (query) => {
    const answer = await page({ ...query, limit: LIMIT });
    listIn(answer.data);
    return answer;
  });

export async function organizations({ api }: Context): Promise<readonly Answers['OrganizationAnswer'][]> {
  return listIn((await api.GET('/api/v1/organizations')).data);
}

export const apiKeys = ({ api }: Context, orgId: string, filter: KeyQuery = {}) =>
  whole<Answers['ApiKeyAnswer']>((query) =>
    api.GET('/api/v1/organizations/{orgId}/api-keys', {
      params: { path: { orgId }, query: { ...filter, ...query } },
    }),
  );

export const publicKeys = ({ api }: Context, orgId: string, filter: { agentId?: string } = {}) =>
  whole<Answers['PublicKeyAnswer']>((query) =>
    api.GET('/api/v1/organizations/{orgId}/public-keys', {
      params: { path: { orgId }, query: { ...filter, ...query } },
    }),
  );

export const servers = ({ api }: Context, orgId: string) =>
  whole<Answers['ServerAnswer']>((query) =>
    api.GET('/api/v1/organizations/{orgId}/servers', { params: { path: { orgId }, query } }),
  );

export const agents = ({ api }: Context, orgId: string) =>
  whole<Answers['AgentAnswer']>((query) =>
    api.GET('/api/v1/organizations/{orgId}/agents', { params: { path: { orgId }, query } }),
  );

export const webhooks = ({ api }: Context, orgId: string) =>
  whole<Answers['WebhookAnswer']>((query) =>
    api.GET('/api/v1/organizations/{orgId}/webhooks', { params: { path: { orgId }, query } }),
  );

export async function domains(
  { api }: Context,
  orgId: string,
  agentId: string,
): Promise<readonly Answers['DomainAnswer'][]> {
  const path = { orgId, agentId };
  const { data } = await api.GET('/api/v1/organizations/{orgId}/agents/{agentId}/domains', {
    params: { path },
  });
  return listIn(data);
}

export const members = ({ api }: Context, orgId: string) =>
  whole<Answers['MemberAnswer']>((query) =>
    api.GET('/api/v1/organizations/{orgId}/members', { params: { path: { orgId }, query } }),
  );

export const invitations = ({ api }: Context, orgId: string) =>
  whole<Answers['InvitationAnswer']>((query) =>
    api.GET('/api/v1/organizations/{orgId}/invitations', { params: { path: { orgId }, query } }),
  );

/** Newest first. */
export const events = ({ api }: Context, orgId: string, filter: EventQuery = {}) =>
  whole<Answers['EventAnswer']>((query) =>
    api.GET('/api/v1/organizations/{orgId}/events', {
      params: { path: { orgId }, query: { ...filter, ...query } },
    }),
  );

/** One page, with the position from where on to look for what comes. */
export async function eventPage(
  { api }: Context,
  orgId: string,
  query: EventQuery & PageQuery,
): Promise<Answers['EventList']> {
  const { data } = await api.GET('/api/v1/organizations/{orgId}/events', {
    params: { path: { orgId }, query },
  });
  listIn(data);
  return data;
}

/** Of one key, oldest first. */
export const keyEvents = ({ api }: Context, orgId: string, keyId: string) =>
  whole<Answers['EventAnswer']>((query) =>
    api.GET('/api/v1/organizations/{orgId}/api-keys/{keyId}/events', {
      params: { path: { orgId, keyId }, query: { order: 'oldest', ...query } },
    }),
  );
