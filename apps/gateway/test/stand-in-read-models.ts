/** Read models in memory, for specs that set what is there and whether it can be trusted. */
import type {
  Agent,
  AgentDomain,
  ApiKey,
  AuditEvent,
  Invitation,
  Member,
  Organization,
  PublicKey,
  Role,
  Server,
  UserProfile,
  Webhook,
} from '@mcpstack/contracts';
import {
  ReadModelsUnavailableError,
  type AgentRecord,
  type AuditEventPage,
  type AuditEventRequest,
  type KeyFilter,
  type KeyUsage,
  type Page,
  type PageRequest,
  type Reading,
  type WatchedDomain,
} from '@mcpstack/read-models';
import type { ShownReadModels } from '../src/reads.ts';
import { find, matches, of, pageOf } from './stand-in-lists.ts';

const AT = '2026-01-01T00:00:00.000Z';

export class StandInReadModels implements ShownReadModels {
  /** `away`: every read rejects. `untrusted`: reads answer what is not proven. `stale`: no longer fresh. */
  condition: 'well' | 'away' | 'untrusted' = 'well';
  reached = 100n;
  readonly waits: string[] = [];
  /** Every read in turn, by its method. */
  readonly reads: string[] = [];
  readonly usages = new Map<string, KeyUsage>();
  readonly origins = new Set<string>();
  private readonly organizations = new Map<string, Organization>();
  private readonly members: Member[] = [];
  private readonly invitations: Invitation[] = [];
  private readonly profiles = new Map<string, UserProfile>();
  private readonly agents: AgentRecord[] = [];
  private readonly servers: Server[] = [];
  private readonly webhooks: Webhook[] = [];
  private readonly keys: ApiKey[] = [];
  private readonly publicKeys: PublicKey[] = [];
  private readonly events: AuditEvent[] = [];

  addOrganization(
    id: string,
    name: string,
    roles: Record<string, Role>,
    change: Partial<Organization> = {},
  ): void {
    const policy = { onMakerLoss: 'list' } as const;
    this.organizations.set(id, {
      id,
      name,
      state: 'active',
      policy,
      createdAt: AT,
      revision: '0',
      ...change,
    });
    for (const [userId, role] of Object.entries(roles)) this.addMember(id, userId, { role });
  }

  changeOrganization(id: string, change: Partial<Organization>): void {
    this.organizations.set(id, { ...this.organizations.get(id)!, ...change });
  }

  addMember(organizationId: string, userId: string, change: Partial<Member> = {}): void {
    this.members.push({ organizationId, userId, role: 'viewer', state: 'active', joinedAt: AT, ...change });
  }

  changeMember(organizationId: string, userId: string, change: Partial<Member>): void {
    Object.assign(this.memberOf(organizationId, userId)!, change);
  }

  setRole(organizationId: string, userId: string, role: Role): void {
    this.changeMember(organizationId, userId, { role });
  }

  addInvitation(invitation: Invitation): void {
    this.invitations.push(invitation);
  }

  addProfile(profile: UserProfile): void {
    this.profiles.set(profile.userId, profile);
  }

  addAgent(agent: Agent, domains: readonly AgentDomain[] = []): void {
    this.agents.push({ ...agent, domains });
  }

  addServer(server: Server): void {
    this.servers.push(server);
  }

  addWebhook(webhook: Webhook): void {
    this.webhooks.push(webhook);
  }

  addKey(key: ApiKey): void {
    this.keys.push(key);
  }

  addPublicKey(key: PublicKey): void {
    this.publicKeys.push(key);
  }

  addEvent(event: AuditEvent): void {
    this.events.push(event);
  }

  getKey(organizationId: string, keyId: string): Promise<Reading<ApiKey | undefined>> {
    return this.read('getKey', find(this.keys, organizationId, keyId));
  }

  /** Filters by what the record itself says; `unusedSince` compares with the last use, else the making. */
  listKeys(
    organizationId: string,
    { filter = {}, ...page }: PageRequest & { filter?: KeyFilter } = {},
  ): Promise<Reading<Page<ApiKey>>> {
    const keys = of(this.keys, organizationId).filter((key) => matches(key, filter));
    return this.page('listKeys', keys, page);
  }

  getPublicKey(organizationId: string, keyId: string): Promise<Reading<PublicKey | undefined>> {
    return this.read('getPublicKey', find(this.publicKeys, organizationId, keyId));
  }

  listPublicKeys(
    organizationId: string,
    { agentId, ...page }: PageRequest & { agentId?: string } = {},
  ): Promise<Reading<Page<PublicKey>>> {
    const keys = this.publicKeys.filter(
      (key) => key.organizationId === organizationId && (agentId === undefined || key.agentId === agentId),
    );
    return this.page('listPublicKeys', keys, page);
  }

  getKeyUsage(organizationId: string, keyId: string): Promise<Reading<KeyUsage | undefined>> {
    const key =
      find<ApiKey | PublicKey>(this.keys, organizationId, keyId) ??
      find(this.publicKeys, organizationId, keyId);
    return this.read('getKeyUsage', key && this.usages.get(keyId));
  }

  isOriginKnown(origin: string): Promise<Reading<boolean>> {
    return this.read('isOriginKnown', this.origins.has(origin));
  }

  getOrganization(organizationId: string): Promise<Reading<Organization | undefined>> {
    return this.read('getOrganization', this.organizations.get(organizationId));
  }

  getMember(organizationId: string, userId: string): Promise<Reading<Member | undefined>> {
    return this.read('getMember', this.memberOf(organizationId, userId));
  }

  listMembers(organizationId: string, page: PageRequest = {}): Promise<Reading<Page<Member>>> {
    return this.page('listMembers', of(this.members, organizationId), page);
  }

  getInvitation(organizationId: string, invitationId: string): Promise<Reading<Invitation | undefined>> {
    return this.read('getInvitation', find(this.invitations, organizationId, invitationId));
  }

  listInvitations(organizationId: string, page: PageRequest = {}): Promise<Reading<Page<Invitation>>> {
    return this.page('listInvitations', of(this.invitations, organizationId), page);
  }

  listOrganizationsOf(userId: string): Promise<Reading<readonly (Organization & { role: Role })[]>> {
    const memberships = this.members.filter((one) => one.userId === userId && one.state === 'active');
    return this.read(
      'listOrganizationsOf',
      memberships.map(({ organizationId, role }) => ({ ...this.organizations.get(organizationId)!, role })),
    );
  }

  getProfiles(userIds: readonly string[]): Promise<Reading<readonly (UserProfile | undefined)[]>> {
    const profiles = userIds.map((id) => this.profiles.get(id));
    return this.read('getProfiles', profiles);
  }

  getAgent(organizationId: string, agentId: string): Promise<Reading<AgentRecord | undefined>> {
    return this.read('getAgent', find(this.agents, organizationId, agentId));
  }

  listAgents(organizationId: string, page: PageRequest = {}): Promise<Reading<Page<Agent>>> {
    const agents = of(this.agents, organizationId).filter((agent) => agent.state === 'active');
    return this.page('listAgents', agents, page);
  }

  getServer(organizationId: string, serverId: string): Promise<Reading<Server | undefined>> {
    return this.read('getServer', find(this.servers, organizationId, serverId));
  }

  listServers(organizationId: string, page: PageRequest = {}): Promise<Reading<Page<Server>>> {
    const servers = of(this.servers, organizationId).filter((server) => server.state === 'active');
    return this.page('listServers', servers, page);
  }

  getWebhook(organizationId: string, webhookId: string): Promise<Reading<Webhook | undefined>> {
    return this.read('getWebhook', find(this.webhooks, organizationId, webhookId));
  }

  listWebhooks(organizationId: string, page: PageRequest = {}): Promise<Reading<Page<Webhook>>> {
    const webhooks = of(this.webhooks, organizationId).filter(({ state }) => state !== 'removed');
    return this.page('listWebhooks', webhooks, page);
  }

  /** In order, with no filter: what is asked for is looked at by the specs. */
  listAuditEvents(
    organizationId: string,
    { order = 'newest', ...page }: AuditEventRequest = {},
  ): Promise<Reading<AuditEventPage>> {
    const oldestFirst = of(this.events, organizationId);
    return this.eventPage(order === 'newest' ? oldestFirst.toReversed() : oldestFirst, page);
  }

  async listKeyEvents(
    organizationId: string,
    keyId: string,
    request: AuditEventRequest = {},
  ): Promise<Reading<AuditEventPage | undefined>> {
    const events = of(this.events, organizationId).filter(({ subject }) => subject.id === keyId);
    const reading = await this.eventPage(events.toReversed(), request);
    return find(this.keys, organizationId, keyId) ? reading : { ...reading, value: undefined };
  }

  listDueKeys(): Promise<Reading<readonly { organizationId: string; keyId: string }[]>> {
    return this.read('listDueKeys', []);
  }

  listDomains(): Promise<Reading<Page<WatchedDomain>>> {
    return this.read('listDomains', { items: [] });
  }

  listHoldersOf(): Promise<Reading<readonly AgentDomain[]>> {
    return this.read('listHoldersOf', []);
  }

  position(): Promise<Reading<string>> {
    return this.read('position', String(this.reached));
  }

  waitFor(position: string): Promise<boolean> {
    this.waits.push(position);
    return Promise.resolve(this.condition === 'well' && BigInt(position) <= this.reached);
  }

  state(): { connected: boolean; trusted: boolean } {
    return { connected: this.condition !== 'away', trusted: this.condition === 'well' };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  private memberOf(organizationId: string, userId: string): Member | undefined {
    return this.members.find((one) => one.organizationId === organizationId && one.userId === userId);
  }

  private async eventPage(
    events: readonly AuditEvent[],
    page: AuditEventRequest,
  ): Promise<Reading<AuditEventPage>> {
    const after = BigInt(page.after ?? -1);
    const later = events.filter(({ position }) => BigInt(position) > after);
    const reading = await this.page('listAuditEvents', later, page);
    const { items, nextCursor } = reading.value;
    const position = page.after && nextCursor ? items.at(-1)!.position : reading.position;
    return { ...reading, value: { ...reading.value, position } };
  }

  private async page<Item>(what: string, all: readonly Item[], page: PageRequest) {
    return this.read(what, pageOf(what, all, page));
  }

  private read<Value>(what: string, value: Value): Promise<Reading<Value>> {
    this.reads.push(what);
    if (this.condition === 'away')
      return Promise.reject(new ReadModelsUnavailableError('disconnected', 'gone'));
    const beganAtMs = performance.now();
    return Promise.resolve({
      value,
      beganAtMs,
      position: String(this.reached),
      trusted: this.condition !== 'untrusted',
      freshUntilMs: beganAtMs + 250,
      freshForMs: () => 250,
    });
  }
}
