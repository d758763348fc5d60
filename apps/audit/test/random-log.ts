/** A random log, decided by the product's own deciders: whatever they let happen may stand in it. */
import { PERMISSIONS, ROLES, type Actor } from '@mcpstack/contracts';
import { DecidedLog } from './decided-log.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;
const SYSTEM: Actor = { type: 'system', id: 'scheduler' };
const DOMAINS = ['example.com', 'shop.example.com', 'example.org'];
const ORIGINS = [
  'http://localhost:3000',
  'https://example.com',
  'https://app.shop.example.com',
  'https://example.org',
  'https://other.example.net',
];

export class RandomLog extends DecidedLog {
  readonly #organizations: string[] = [];
  readonly #agents: { id: string; organizationId: string; domains: string[] }[] = [];
  readonly #servers: { id: string; organizationId: string }[] = [];
  readonly #invitations: { id: string; organizationId: string }[] = [];

  constructor(random: () => number) {
    super(random);
    this.#createOrganization();
  }

  grow(count: number): this {
    const until = this.events.length + count;
    while (this.events.length < until) this.step();
    return this;
  }

  step(): void {
    // Often at the same moment, mostly hours later, now and then weeks.
    this.nowMs += this.pick([0, 0, 1, 60_000, 3_600_000, 5 * 3_600_000, DAY_MS]) * this.random();
    this.nowMs = Math.floor(this.nowMs);
    this.request = this.id('request');
    this.pick<() => void>([
      () => this.#organizationStep(),
      () => this.#memberStep(),
      () => this.#memberStep(),
      () => this.#agentStep(),
      () => this.#agentStep(),
      () => this.#createKey(),
      () => this.#keyStep(),
      () => this.#keyStep(),
      () => this.#keyStep(),
      () => this.#keyStep(),
      () => this.#publicKeyStep(),
      () => this.pick([() => this.#serverStep(), () => this.#userStep(), () => this.#use()])(),
    ])();
  }

  #organizationStep(): void {
    const organizationId = this.pick(this.#organizations);
    this.pick<() => void>([
      () => (this.#organizations.length < 3 ? this.#createOrganization() : undefined),
      () => this.inOrganization(organizationId, 'RenameOrganization', { name: this.name() }),
      () => this.inOrganization(organizationId, 'SuspendOrganization'),
      () => this.inOrganization(organizationId, 'ResumeOrganization'),
      () => this.inOrganization(organizationId, 'ResumeOrganization'),
      () =>
        this.inOrganization(organizationId, 'ChangePolicy', {
          policy: { onMakerLoss: this.pick(['list', 'revoke']) },
        }),
    ])();
  }

  #createOrganization(): void {
    const id = this.id('org');
    const ownerId = this.pick(this.users);
    this.#organizations.push(id);
    const command = { type: 'CreateOrganization', organizationId: id, name: this.name(), ownerId };
    this.decide('organization', id, { ...command, actor: { type: 'user', id: ownerId } });
  }

  #memberStep(): void {
    const organizationId = this.pick(this.#organizations);
    const userId = this.pick(this.users);
    const act = (type: string, more: object = {}) =>
      this.inOrganization(organizationId, type, { userId, ...more });
    this.pick<() => void>([
      () => this.#invite(organizationId),
      () => this.#invite(organizationId),
      () => this.#accept(userId),
      () => this.#accept(userId),
      () => this.#accept(userId),
      () => act('ChangeMemberRole', { role: this.pick(ROLES) }),
      () => act('ChangeMemberRole', { role: this.pick(ROLES) }),
      () => act('SuspendMember'),
      () => act('ResumeMember'),
      () => act('RemoveMember'),
      () => {
        const invitation = this.#invitations.at(-1);
        if (invitation)
          this.inOrganization(invitation.organizationId, 'RevokeInvitation', {
            invitationId: invitation.id,
          });
      },
    ])();
  }

  #invite(organizationId: string): void {
    const invitationId = this.id('inv');
    this.#invitations.push({ id: invitationId, organizationId });
    this.inOrganization(organizationId, 'InviteMember', {
      invitationId,
      role: this.pick(ROLES),
      profileId: this.id('user'),
      credential: this.credential(),
      expiresAt: this.later(10 * DAY_MS),
    });
  }

  #accept(userId: string): void {
    const invitation = this.#invitations.splice(Math.floor(this.random() * this.#invitations.length), 1)[0];
    if (!invitation) return;
    const command = { type: 'AcceptInvitation', invitationId: invitation.id, isProven: true };
    const more = { organizationId: invitation.organizationId, actor: { type: 'user', id: userId } };
    this.decide('organization', invitation.organizationId, { ...command, ...more });
  }

  #agentStep(): void {
    const inForce = this.#agents.filter(({ id }) => this.agentState(id)?.status === 'active');
    const found = this.pick(inForce);
    if (!found || (inForce.length < 5 && this.random() < 0.2)) return this.#createAgent();
    const { id, organizationId, domains } = found;
    const domainId = this.pick(domains);
    const check = (result: string) => {
      const challenge = this.agentState(id)?.domains[domainId]?.challenge;
      if (challenge !== undefined)
        this.decide('agent', id, {
          ...{ type: 'RecordDomainCheck', organizationId, agentId: id, domainId, result, method: 'dns' },
          ...{ challenge, actor: SYSTEM },
        });
    };
    this.pick<() => void>([
      () => this.#inAgent(found, 'RenameAgent', { name: this.name() }),
      () => (this.random() < 0.1 ? this.#inAgent(found, 'RemoveAgent') : undefined),
      () => this.#addDomain(found),
      () => check('found'),
      () => check('found'),
      () => check('missing'),
      () => check('missing'),
      () => this.#inAgent(found, 'RemoveDomain', { domainId }),
      () =>
        this.decide('agent', id, {
          ...{ type: 'ContestDomain', organizationId, agentId: id, domainId, actor: SYSTEM },
          ...{ provenAt: this.later(DAY_MS), challenge: 'another' },
        }),
    ])();
  }

  #createAgent(): void {
    const one = { id: this.id('agent'), organizationId: this.pick(this.#organizations), domains: [] };
    if (this.#inAgent(one, 'CreateAgent', { name: this.name() })) this.#agents.push(one);
  }

  #addDomain(one: { id: string; organizationId: string; domains: string[] }): void {
    const domainId = this.id('dom');
    const more = { domainId, domain: this.pick(DOMAINS), challenge: `challenge-${domainId}` };
    if (this.#inAgent(one, 'AddDomain', more)) one.domains.push(domainId);
  }

  #serverStep(): void {
    const found = this.pick(this.#servers);
    if (!found || this.random() < 0.3) {
      const one = { id: this.id('srv'), organizationId: this.pick(this.#organizations) };
      if (this.#inServer(one, 'CreateServer', { name: this.name() })) this.#servers.push(one);
      return;
    }
    this.pick<() => unknown>([
      () => this.#inServer(found, 'UpdateServer', { name: this.name(), url: 'https://mcp.example.com' }),
      () => this.#inServer(found, 'RemoveServer'),
    ])();
  }

  #createKey(): void {
    const organizationId = this.pick(this.#organizations);
    const agents = this.#agents.filter((one) => this.agentState(one.id)?.organizationId === organizationId);
    if (agents.length > 0 && this.random() < 0.6) return this.#createPublicKey(this.pick(agents));
    const id = this.id('key');
    const role = this.pick(ROLES);
    const narrowed = PERMISSIONS.filter(() => this.random() < 0.5);
    const command = {
      ...{ type: 'CreateKey', organizationId, keyId: id, name: this.name(), role },
      ...(this.random() < 0.3 && { permissions: narrowed }),
      ...(this.random() < 0.5 && { expiresAt: this.later(40 * DAY_MS) }),
      ...(this.random() < 0.3 && { tags: ['ci'], environment: 'staging' }),
      ...{ credential: this.credential(), unknownScopeIds: [], policy: { onMakerLoss: 'list' } },
    };
    if (this.#inKey({ id, organizationId }, command)) this.keys.push({ id, organizationId });
  }

  #createPublicKey({ id: agentId, organizationId }: { id: string; organizationId: string }): void {
    const id = this.id('key');
    const agentState = this.agentState(agentId);
    const proven = Object.values(agentState?.domains ?? {}).filter(({ state }) => state === 'verified');
    const wanted = [...proven.map(({ domain }) => `https://${domain}`), this.pick(ORIGINS)];
    const origins = wanted
      .filter(() => this.random() < 0.8)
      .map((origin) => ({
        origin,
        ...(this.random() < 0.3 && { expiresAt: this.later(DAY_MS) }),
      }));
    const command = {
      ...{ type: 'CreatePublicKey', organizationId, keyId: id, agentId, name: this.name(), origins },
      ...{ value: `mcpstack_pk_${id}`, credential: this.credential(), development: this.random() < 0.5 },
      ...(this.random() < 0.3 && { expiresAt: this.later(30 * DAY_MS) }),
      agent: agentState ?? { status: 'none' },
    };
    if (this.#inKey({ id, organizationId }, command)) this.keys.push({ id, organizationId, agentId });
  }

  #keyStep(): void {
    const found = this.pick(this.keys);
    if (!found) return;
    const kind = found.agentId === undefined ? 'service' : 'publishable';
    const act = (type: string, more: object = {}) =>
      this.#inKey(found, { type, organizationId: found.organizationId, keyId: found.id, kind, ...more });
    const bySystem = (type: string, more: object = {}) => act(type, { actor: SYSTEM, ...more });
    this.pick<() => unknown>([
      () => act('UpdateKey', { name: this.name(), tags: ['a', 'b'] }),
      () => act('UpdateKey', { role: this.pick(ROLES) }),
      () => act('UpdateKey', { permissions: ['servers:read'] }),
      () => act('UpdateKey', { expiresAt: this.later(20 * DAY_MS) }),
      () =>
        act('RotateKey', {
          credential: this.credential(),
          previous: { validForMs: this.pick([0, DAY_MS]) },
        }),
      () => act('RotateKey', { credential: this.credential(), previous: { untilNextSeen: true } }),
      () => bySystem('RecordSecretSeen', { version: 2 }),
      () => act('SuspendKey'),
      () => act('ResumeKey'),
      () => act('ResumeKey'),
      () => (this.random() < 0.3 ? act('RevokeKey') : undefined),
      () => bySystem('RecordKeyExpiry'),
      () => bySystem('RecordExposure'),
      () => (this.random() < 0.2 ? bySystem('ReportKeyLeak', { source: 'github' }) : undefined),
      () => (this.random() < 0.2 ? bySystem('WithdrawKey') : undefined),
    ])();
  }

  #publicKeyStep(): void {
    const found = this.pick(this.keys.filter(({ agentId }) => agentId !== undefined));
    if (!found) return;
    const { id: keyId, organizationId } = found;
    const agentState = this.stateOf('agent', found.agentId!);
    const temporary = { origin: this.pick(ORIGINS), expiresAt: this.later(DAY_MS), agent: agentState };
    this.pick<() => unknown>([
      () => this.#inKey(found, { type: 'AddTemporaryOrigin', organizationId, keyId, ...temporary }),
      () => this.#inKey(found, { type: 'UpdatePublicKey', organizationId, keyId, origins: [ORIGINS[0]] }),
    ])();
  }

  #userStep(): void {
    const userId = this.pick(this.users);
    const actor = { type: 'user', id: userId };
    this.pick<() => unknown>([
      () => this.decide('user', userId, { type: 'ChangeProfile', userId, name: this.name(), actor }),
      () =>
        this.decide('user', userId, { type: 'EraseProfile', userId, actor, standing: this.standing(userId) }),
    ])();
  }

  #use(): void {
    const found = this.pick(this.keys);
    if (!found) return;
    const at = this.later(0);
    const data = { keyId: found.id, organizationId: found.organizationId, from: at, to: at, count: 3 };
    this.append('usage', found.id, [
      { type: 'KeyUsed', data: { ...data, lastUsedAt: at }, at, actor: { type: 'system', id: 'authorizer' } },
    ]);
  }

  #inAgent(one: { id: string; organizationId: string }, type: string, more: object = {}): boolean {
    const { id: agentId, organizationId } = one;
    const command = { type, organizationId, agentId, ...this.acting(organizationId), ...more };
    return this.decide('agent', agentId, command);
  }

  #inServer(one: { id: string; organizationId: string }, type: string, more: object = {}): boolean {
    const { id: serverId, organizationId } = one;
    const command = { type, organizationId, serverId, ...this.acting(organizationId), ...more };
    return this.decide('server', serverId, command);
  }

  #inKey(one: { id: string; organizationId: string }, command: object): boolean {
    return this.decide('key', one.id, { ...this.acting(one.organizationId), ...command });
  }
}
