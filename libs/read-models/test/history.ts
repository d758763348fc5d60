/**
 * Random histories over every kind of event, most of them as the domain would write them, some that change
 * nothing: what is suspended is suspended again, who is no member loses a role, a known digest is registered.
 */
import { newId, type Actor } from '@mcpstack/contracts';
import { streamName } from '@mcpstack/domain';
import { ACTOR, digestOf, type MemoryLog } from './log.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;
const ROLES = ['admin', 'developer', 'viewer'] as const;
const ORIGINS = ['https://a.example.com', 'https://b.example.com', 'https://c.example.org'];
const DOMAINS = ['example.com', 'example.org', 'xn--bcher-kva.example'];

interface Organization {
  id: string;
  stream: string;
  users: string[];
  invitations: { id: string; role: string }[];
}
interface Agent {
  id: string;
  stream: string;
  organizationId: string;
  domains: string[];
}
interface Key {
  id: string;
  stream: string;
  organizationId: string;
  versions: number;
}

export class History {
  readonly #organizations: Organization[] = [];
  readonly #agents: Agent[] = [];
  readonly #servers: string[] = [];
  readonly #webhooks: string[] = [];
  readonly #keys: Key[] = [];
  readonly #publicKeys: Key[] = [];
  readonly #users = Array.from({ length: 5 }, () => newId('user'));
  readonly #digests: string[] = [];

  constructor(
    private readonly log: MemoryLog,
    private readonly random: () => number,
  ) {
    this.#createOrganization();
    this.#createOrganization();
    this.#createAgent();
    this.#createKey();
    this.#createPublicKey();
    this.#createServer();
    this.#createWebhook();
  }

  step(): void {
    this.#pick([
      () => this.#organizationStep(),
      () => this.#agentStep(),
      () => this.#keyStep(),
      () => this.#keyStep(),
      () => this.#publicKeyStep(),
      () => this.#otherStep(),
    ])();
  }

  #organizationStep(): void {
    const organization = this.#pick(this.#organizations);
    const append = (type: string, data: Record<string, unknown>) =>
      this.log.append(organization.stream, type, data, { actor: this.#actor() });
    const userId = this.#pick([...organization.users, ...this.#users]);
    this.#pick([
      () => this.#createOrganization(),
      () => this.#invite(organization),
      () => this.#invite(organization),
      () => this.#accept(organization, userId),
      () => this.#accept(organization, userId),
      () => append('InvitationRevoked', { invitationId: this.#invitation(organization).id }),
      () => append('OrganizationRenamed', { name: this.#name() }),
      () =>
        append('OrganizationPolicyChanged', { policy: { onMakerLoss: 'revoke', longestKeyLifeDays: 90 } }),
      () => append('OrganizationSuspended', {}),
      () => append('OrganizationResumed', {}),
      () => append('MemberRoleChanged', { userId, role: this.#pick(ROLES) }),
      () => append('MemberSuspended', { userId }),
      () => append('MemberResumed', { userId }),
      () => append('MemberRemoved', { userId }),
    ])();
  }

  #createOrganization(): void {
    const { id, ownerId } = this.log.createOrganization(this.#name(), this.#pick(this.#users));
    const stream = streamName('organization', id);
    this.#organizations.push({ id, stream, users: [ownerId], invitations: [] });
  }

  #invite(organization: Organization): void {
    const invitation = { id: newId('invitation'), role: this.#pick(ROLES) };
    organization.invitations.push(invitation);
    const data = {
      invitationId: invitation.id,
      role: invitation.role,
      profileId: newId('user'),
      credential: this.#credential(),
      expiresAt: this.log.timeAfter(7 * DAY_MS),
    };
    this.log.append(organization.stream, 'MemberInvited', data, { actor: this.#actor() });
  }

  #accept(organization: Organization, userId: string): void {
    const { id, role } = this.#invitation(organization);
    organization.users.push(userId);
    this.log.append(organization.stream, 'InvitationAccepted', { invitationId: id, userId, role });
  }

  #invitation({ invitations }: Organization): { id: string; role: string } {
    return invitations.length > 0 ? this.#pick(invitations) : { id: newId('invitation'), role: 'viewer' };
  }

  #agentStep(): void {
    const agent = this.#pick(this.#agents);
    const domainId = agent.domains.length > 0 ? this.#pick(agent.domains) : newId('domain');
    const append = (type: string, data: Record<string, unknown>) => this.log.append(agent.stream, type, data);
    const challenge = `mcpstack-verify=${this.#name().replaceAll(' ', '')}`;
    const add = () => {
      agent.domains.push(newId('domain'));
      append('AgentDomainAdded', { domainId: agent.domains.at(-1), domain: this.#pick(DOMAINS), challenge });
    };
    const verify = () => append('AgentDomainVerified', { domainId, method: this.#pick(['dns', 'file']) });
    this.#pick<() => unknown>([
      () => this.#createAgent(),
      add,
      add,
      verify,
      verify,
      () => append('AgentRenamed', { name: this.#name() }),
      () => append('AgentDomainStale', { domainId, graceEndsAt: this.log.timeAfter(7 * DAY_MS) }),
      () => append('AgentDomainLapsed', { domainId }),
      () => append('AgentDomainContested', { domainId, challenge }),
      () => append('AgentDomainRemoved', { domainId }),
      () => (this.random() < 0.3 ? append('AgentRemoved', {}) : undefined),
    ])();
  }

  #createAgent(): void {
    const organizationId = this.#pick(this.#organizations).id;
    this.#agents.push({ ...this.log.createAgent(organizationId), organizationId, domains: [] });
  }

  #keyStep(): void {
    const key = this.#pick(this.#keys);
    this.#pick<() => unknown>([
      () => this.#createKey(),
      () => this.#createKey(),
      () => this.#append(key, 'KeyTagged', { tags: ['ci', this.#pick(['team:a', 'team:b'])] }),
      () => this.#append(key, 'KeyNarrowed', { role: 'viewer', permissions: ['servers:read'] }),
      () => this.#append(key, 'KeyNarrowed', { expiresAt: this.#soon(), allowedIps: ['10.0.0.0/8'] }),
      () => this.#rotate(key),
      () => this.#rotate(key),
      () =>
        key.versions > 1
          ? this.#append(key, 'KeySecretRetired', { version: key.versions - 1 })
          : this.#rotate(key),
      () => this.#append(key, 'KeyExposed', {}),
      () => this.#lifeStep(key),
      () => this.#lifeStep(key),
    ])();
  }

  /** What happens to keys of either kind. */
  #lifeStep(key: Key): void {
    const expiresAt = this.#soon();
    this.#pick<() => unknown>([
      () => this.#append(key, 'KeyRenamed', { name: this.#name() }),
      () => this.#append(key, 'KeySuspended', {}),
      () => this.#append(key, 'KeyResumed', {}),
      () => this.#append(key, 'KeyExpiring', { expiresAt, daysBefore: this.#pick([30, 7, 1]) }),
      () => (this.random() < 0.4 ? this.#append(key, 'KeyExpired', { expiresAt }) : undefined),
      () => (this.random() < 0.4 ? this.log.revoke(key.stream) : undefined),
      () =>
        this.random() < 0.4
          ? this.#append(key, 'KeyRevoked', { reason: 'reported-leak', source: 'github' }, 2)
          : undefined,
    ])();
  }

  #createKey(): void {
    const organizationId = this.#pick(this.#organizations).id;
    const more = {
      name: this.#name(),
      role: this.#pick(ROLES),
      credential: this.#credential(),
      ...(this.random() < 0.3 && { permissions: ['servers:read' as const] }),
    };
    const { id, stream } =
      this.random() < 0.3
        ? this.#createOldKey(organizationId, more)
        : this.log.createKey(organizationId, { ...more, ...this.#terms() }, this.#actor());
    this.#keys.push({ id, stream, organizationId, versions: 1 });
  }

  /** As the first version of the event had it. */
  #createOldKey(organizationId: string, more: Record<string, unknown>): { id: string; stream: string } {
    const id = newId('key');
    const stream = streamName('key', id);
    this.log.append(stream, 'KeyCreated', { keyId: id, organizationId, kind: 'service', ...more });
    return { id, stream };
  }

  #terms(): Record<string, unknown> {
    return {
      ...(this.random() < 0.5 && { expiresAt: this.#soon() }),
      ...(this.random() < 0.3 && { scope: { agents: [this.#pick(this.#agents).id] } }),
      ...(this.random() < 0.3 && { tags: ['ci'], environment: 'staging', hint: 'acme_' }),
      ...(this.random() < 0.2 && { limits: [{ name: 'burst', limit: 10, windowMs: 1_000 }] }),
      ...(this.random() < 0.2 && { quotas: [{ name: 'daily', limit: 10, interval: 'day' }] }),
    };
  }

  #rotate(key: Key): void {
    key.versions += 1;
    const previous = {
      validUntil: this.log.timeAfter(DAY_MS),
      ...(this.random() < 0.5 && { untilNextSeen: true }),
    };
    this.#append(key, 'KeyRotated', { version: key.versions, credential: this.#credential(), previous });
  }

  #publicKeyStep(): void {
    const key = this.#pick(this.#publicKeys);
    const origin = this.#pick(ORIGINS);
    this.#pick<() => unknown>([
      () => this.#createPublicKey(),
      () => this.#append(key, 'PublicKeyOriginAdded', { origin, expiresAt: this.#soon() }),
      () => this.#append(key, 'PublicKeyOriginRemoved', { origin }),
      () => this.#lifeStep(key),
    ])();
  }

  #createPublicKey(): void {
    const { id: agentId, organizationId } = this.#pick(this.#agents);
    const { id, stream } = this.log.createPublicKey(organizationId, agentId, {
      origins: ORIGINS.slice(this.random() * 3).map((origin) => ({ origin })),
      credential: this.#credential(),
      ...(this.random() < 0.5 && { expiresAt: this.#soon() }),
    });
    this.#publicKeys.push({ id, stream, organizationId, versions: 1 });
  }

  #otherStep(): void {
    const server = this.#pick(this.#servers);
    const userId = this.#pick(this.#users);
    const appendToUser = (type: string, more: Record<string, unknown> = {}) =>
      this.log.append(streamName('user', userId), type, { userId, ...more });
    this.#pick<() => unknown>([
      () => this.#createServer(),
      () => this.log.append(server, 'ServerRenamed', { name: this.#name() }),
      () => this.log.append(server, 'ServerUrlChanged', { url: 'https://mcp.example.com' }),
      () => (this.random() < 0.3 ? this.log.append(server, 'ServerRemoved', {}) : undefined),
      () => this.#createWebhook(),
      () => this.#webhookStep(),
      () => this.#webhookStep(),
      () => appendToUser('UserProfileChanged', { name: this.#name() }),
      () => appendToUser('UserProfileChanged', { email: 'someone@example.com' }),
      () => this.#eraseProfile(userId),
      () => this.#use(this.#pick([...this.#keys, ...this.#publicKeys])),
      () => this.#use(this.#pick([...this.#keys, ...this.#publicKeys])),
      // Of a key that nobody knows.
      () => this.#use({ id: newId('key'), organizationId: newId('organization') }),
    ])();
  }

  /** As it was recorded once, and as it is. */
  #eraseProfile(userId: string): void {
    const stream = streamName('user', userId);
    if (this.random() < 0.3) return void this.log.append(stream, 'UserProfileErased', { userId });
    const erased = this.log
      .of(stream)
      .map(({ position }) => ({ position: `${position}`, digest: 'd'.repeat(64) }));
    this.log.append(stream, 'UserProfileErased', { userId, erased }, { schemaVersion: 2 });
  }

  #createServer(): void {
    const id = newId('server');
    const organizationId = this.#pick(this.#organizations).id;
    this.#servers.push(streamName('server', id));
    const data = { serverId: id, organizationId, name: this.#name() };
    this.log.append(streamName('server', id), 'ServerCreated', data);
  }

  #createWebhook(): void {
    const id = newId('webhook');
    const organizationId = this.#pick(this.#organizations).id;
    this.#webhooks.push(streamName('webhook', id));
    this.log.append(streamName('webhook', id), 'WebhookCreated', {
      ...{ webhookId: id, organizationId, ...(this.random() < 0.5 && { name: this.#name() }) },
      url: 'https://siem.example.com/in',
      ...(this.random() < 0.5 && { eventTypes: ['KeyRevoked'] }),
      secret: { version: 1, keyVersion: 1 },
    });
  }

  #webhookStep(): void {
    const webhook = this.#pick(this.#webhooks);
    const rotated = () => ({ version: 2, keyVersion: this.#pick([1, 2]), previousValidUntil: this.#soon() });
    const append = (type: string, data: Record<string, unknown>) => this.log.append(webhook, type, data);
    this.#pick([
      () => append('WebhookRenamed', { name: this.#name() }),
      () => append('WebhookUrlChanged', { url: 'https://audit.example.com/in' }),
      () => append('WebhookEventTypesChanged', this.#pick([{}, { eventTypes: ['KeyCreated'] }])),
      () => append('WebhookSecretRotated', rotated()),
      () => append('WebhookDisabled', { reason: 'requested' }),
      () => append('WebhookDisabled', { reason: 'failing', since: this.log.timeAfter(-DAY_MS) }),
      () => append('WebhookEnabled', {}),
      () => this.random() < 0.3 && append('WebhookRemoved', {}),
    ])();
  }

  #use({ id, organizationId }: { id: string; organizationId: string }): void {
    // A hot key, so that more windows come than are kept.
    const times = this.random() < 0.1 ? 60 : 1;
    for (let n = 0; n < times; n += 1) {
      const from = this.log.timeAfter(-Math.floor(this.random() * DAY_MS));
      const told = this.random() < 0.5 && {
        lastUsedFrom: { userAgent: `agent-${Math.floor(this.random() * 9)}` },
      };
      this.log.use(id, organizationId, { from, count: 1 + Math.floor(this.random() * 9), ...told });
    }
  }

  #append(key: Key, type: string, data: Record<string, unknown>, schemaVersion = 1): void {
    this.log.append(key.stream, type, data, { schemaVersion });
  }

  #credential(): { digest: string; pepperVersion: number } {
    const known = this.random() < 0.05 && this.#digests.length > 0;
    const digest = known ? this.#pick(this.#digests) : digestOf(newId('key'));
    this.#digests.push(digest);
    return { digest, pepperVersion: this.#pick([1, 2]) };
  }

  #soon(): string {
    return this.log.timeAfter(this.#pick([0.5, 5, 20, 60]) * DAY_MS);
  }

  #name(): string {
    return `name ${this.log.events.length}`;
  }

  #actor(): Actor {
    const users = this.#users.map((id): Actor => ({ type: 'user', id }));
    const key: Actor = { type: 'key', id: this.#keys.length > 0 ? this.#pick(this.#keys).id : 'key_1' };
    return this.#pick([ACTOR, ...users, key, key]);
  }

  #pick<Item>(items: readonly Item[]): Item {
    return items[Math.floor(this.random() * items.length)]!;
  }
}
