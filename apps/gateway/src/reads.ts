/** The read models as the gateway reads them: only trusted readings, and problems for the rest. */
import {
  permissionsOf,
  type Agent,
  type ApiKey,
  type Invitation,
  type Member,
  type Organization,
  type Permission,
  type PublicKey,
  type Role,
  type Server,
  type UserProfile,
  type Webhook,
} from '@mcpstack/contracts';
import type {
  AgentRecord,
  AuditEventPage,
  AuditEventRequest,
  KeyFilter,
  KeyUsage,
  Page,
  PageRequest,
  Reading,
  ReadModels,
} from '@mcpstack/read-models';
import { POSITION_WAIT_MS } from './http/position.ts';
import { unavailable } from './http/problem-response.ts';

/** What a member may do now. */
export interface Standing {
  role: Role;
  permissions: readonly Permission[];
  /** The organization is; then the permissions are what is left of the role's. */
  suspended: boolean;
}

/** What is shown of the read models. Credentials are the authorizer's affair: nothing here looks for one. */
export type ShownReadModels = Omit<
  ReadModels,
  | 'findByDigests'
  | 'findMany'
  | 'areUnchanged'
  | 'findKey'
  | 'take'
  | 'giveBack'
  | 'watchWebhook'
  | 'watchWebhooks'
>;

export class Reads {
  constructor(private readonly models: ShownReadModels) {}

  /**
   * What the user may do in the organization; `undefined` for whoever is no active member, and for an
   * organization that does not exist: the same two reads in every case, so that time tells nothing either.
   * In a suspended one members still read, and whoever may change it may resume it.
   */
  async standingOf(organizationId: string, userId: string): Promise<Standing | undefined> {
    const [member, organization] = await Promise.all([
      this.models.getMember(organizationId, userId).then(trusted),
      this.models.getOrganization(organizationId).then(trusted),
    ]);
    if (!organization || member?.state !== 'active') return undefined;
    const all = permissionsOf(member.role);
    const permissions =
      organization.state === 'active'
        ? all
        : all.filter((one) => one.endsWith(':read') || one === 'organization:write');
    return { role: member.role, permissions, suspended: organization.state !== 'active' };
  }

  async organization(organizationId: string): Promise<Organization | undefined> {
    return trusted(await this.models.getOrganization(organizationId));
  }

  async organizationsOf(userId: string): Promise<readonly (Organization & { role: Role })[]> {
    return trusted(await this.models.listOrganizationsOf(userId));
  }

  async member(organizationId: string, userId: string): Promise<Member | undefined> {
    return trusted(await this.models.getMember(organizationId, userId));
  }

  async members(organizationId: string, page: PageRequest): Promise<Page<Member>> {
    return trusted(await this.models.listMembers(organizationId, page));
  }

  async invitation(organizationId: string, invitationId: string): Promise<Invitation | undefined> {
    return trusted(await this.models.getInvitation(organizationId, invitationId));
  }

  async invitations(organizationId: string, page: PageRequest): Promise<Page<Invitation>> {
    return trusted(await this.models.listInvitations(organizationId, page));
  }

  /** In order; `undefined` where there is none. */
  async profiles(ids: readonly string[]): Promise<readonly (UserProfile | undefined)[]> {
    return ids.length === 0 ? [] : trusted(await this.models.getProfiles(ids));
  }

  /** One in force: what was removed is answered as what never was. */
  async agent(organizationId: string, agentId: string): Promise<AgentRecord | undefined> {
    const agent = trusted(await this.models.getAgent(organizationId, agentId));
    return agent?.state === 'active' ? agent : undefined;
  }

  /** Whether there was one that is not any more. */
  async isAgentRemoved(organizationId: string, agentId: string): Promise<boolean> {
    return trusted(await this.models.getAgent(organizationId, agentId))?.state === 'removed';
  }

  async agents(organizationId: string, page: PageRequest): Promise<Page<Agent>> {
    return trusted(await this.models.listAgents(organizationId, page));
  }

  /** One in force. */
  async server(organizationId: string, serverId: string): Promise<Server | undefined> {
    const server = trusted(await this.models.getServer(organizationId, serverId));
    return server?.state === 'active' ? server : undefined;
  }

  async servers(organizationId: string, page: PageRequest): Promise<Page<Server>> {
    return trusted(await this.models.listServers(organizationId, page));
  }

  async key(organizationId: string, keyId: string): Promise<ApiKey | undefined> {
    return trusted(await this.models.getKey(organizationId, keyId));
  }

  async keys(organizationId: string, page: PageRequest & { filter?: KeyFilter }): Promise<Page<ApiKey>> {
    return trusted(await this.models.listKeys(organizationId, page));
  }

  async publicKey(organizationId: string, keyId: string): Promise<PublicKey | undefined> {
    return trusted(await this.models.getPublicKey(organizationId, keyId));
  }

  async publicKeys(
    organizationId: string,
    page: PageRequest & { agentId?: string },
  ): Promise<Page<PublicKey>> {
    return trusted(await this.models.listPublicKeys(organizationId, page));
  }

  /** Of a key of either kind; `undefined` for one that was never used, and for a foreign one. */
  async keyUsage(organizationId: string, keyId: string): Promise<KeyUsage | undefined> {
    return trusted(await this.models.getKeyUsage(organizationId, keyId));
  }

  /** Whether some publishable key in force allows this origin. */
  async isOriginKnown(origin: string): Promise<boolean> {
    return trusted(await this.models.isOriginKnown(origin));
  }

  /** One that is not removed. */
  async webhook(organizationId: string, webhookId: string): Promise<Webhook | undefined> {
    const webhook = trusted(await this.models.getWebhook(organizationId, webhookId));
    return webhook?.state === 'removed' ? undefined : webhook;
  }

  async webhooks(organizationId: string, page: PageRequest): Promise<Page<Webhook>> {
    return trusted(await this.models.listWebhooks(organizationId, page));
  }

  async events(organizationId: string, request: AuditEventRequest): Promise<AuditEventPage> {
    return trusted(await this.models.listAuditEvents(organizationId, request));
  }

  /** Of a key of either kind; `undefined` for one that is unknown or foreign. */
  async keyEvents(
    organizationId: string,
    keyId: string,
    request: AuditEventRequest,
  ): Promise<AuditEventPage | undefined> {
    return trusted(await this.models.listKeyEvents(organizationId, keyId, request));
  }

  /** Waits until the read models have reached the position. @throws HttpProblem `unavailable` in time. */
  async reach(position: string): Promise<void> {
    if (await this.models.waitFor(position, POSITION_WAIT_MS)) return;
    throw unavailable('The read models have not reached this position yet. Repeat the request in a moment.');
  }

  /** Why nothing can be read now; `undefined` when all is well. */
  async problem(): Promise<string | undefined> {
    const reading = await this.models.position();
    return reading.trusted ? undefined : (reading.reason ?? 'the read models are not proven to be live');
  }
}

/**
 * From the live data set (G4). How long the read took does not matter: it began after the request did, so whatever
 * was restricted before the request is in it (G3). Δ bounds what is kept for later requests, and nothing is here.
 */
function trusted<Value>(reading: Reading<Value>): Value {
  if (!reading.trusted) throw notProven(reading.reason);
  return reading.value;
}

function notProven(reason: string | undefined): Error {
  return unavailable(
    'The read models are not proven to be up to date. Repeat the request in a moment.',
    reason === undefined ? undefined : new Error(reason),
  );
}
