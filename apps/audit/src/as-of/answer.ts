/** What is answered about a moment, as plain data. */
import { type Permission, type Role } from '@mcpstack/contracts';
import {
  type AuditedKey,
  type AuditedMember,
  type AuditedOrganization,
  type LogState,
} from '@mcpstack/replay';
import { type Past } from './fold-until.ts';
import {
  heldSince,
  judgeKey,
  originsInForce,
  permissionsOfKey,
  permissionsOfMember,
  secretsInForce,
  type Verdict,
} from './judge.ts';

/** Whoever could do what was asked for. */
export interface Holder {
  kind: 'person' | 'key';
  id: string;
  organizationId: string;
  /** Of a person as far as their profile still stands. */
  name?: string;
  role: Role;
  since: string;
  /** How they came to it. */
  why: string;
  /** What else must have been so. */
  conditions: readonly string[];
}

export interface KeyAt {
  id: string;
  organizationId: string;
  kind: AuditedKey['kind'];
  name: string;
  verdict: Verdict;
  role?: Role;
  permissions?: readonly Permission[];
  conditions: readonly string[];
  /** Numbers of the secrets that worked. */
  secrets?: readonly number[];
  agentId?: string;
  /** From which a publishable key could be used. */
  origins?: readonly string[];
  expiresAt?: string;
  createdAt: string;
  createdBy: string;
  lastUsedAt?: string;
}

export interface MemberAt {
  userId: string;
  organizationId: string;
  name?: string;
  role: Role;
  state: 'active' | 'suspended';
  joinedAt: string;
  roleAt: string;
  why: string;
  permissions: readonly Permission[];
}

export interface OrganizationAt {
  id: string;
  name: string;
  state: 'active' | 'suspended';
  since: string;
  createdAt: string;
  members: number;
  keys: number;
  validKeys: number;
}

export class Answers {
  readonly #state: LogState;
  readonly #past: Past;
  readonly #atMs: number;

  constructor(past: Past, atMs: number) {
    this.#past = past;
    this.#state = past.fold.state;
    this.#atMs = atMs;
  }

  /** People first, then keys; each in the order in which they came. */
  *holdersOf(permission: Permission): Generator<Holder, void, undefined> {
    for (const organization of this.#state.organizations.values())
      for (const member of organization.members.values())
        if (permissionsOfMember(organization, member).includes(permission))
          yield this.#personHolding(organization, member, permission);
    for (const key of this.#state.keys.values()) {
      if (key.kind !== 'service' || !permissionsOfKey(key).includes(permission)) continue;
      const { code, since } = judgeKey(this.#state, key, this.#atMs);
      if (code !== 'VALID') continue;
      yield {
        ...{ kind: 'key', id: key.id, organizationId: key.organizationId, name: key.name, role: key.role },
        ...{ since: since!, why: `made by ${key.createdBy.id}`, conditions: conditionsOf(key) },
      };
    }
  }

  #personHolding(organization: AuditedOrganization, member: AuditedMember, permission: Permission): Holder {
    return {
      ...{ kind: 'person', id: member.userId, organizationId: organization.id, role: member.role },
      ...this.#nameOf(member.userId),
      since: heldSince(organization, member, permission),
      why: whyMember(organization, member),
      conditions: [],
    };
  }

  *keys(): Generator<KeyAt, void, undefined> {
    for (const key of this.#state.keys.values()) yield this.keyAt(key);
  }

  keyAt(key: AuditedKey): KeyAt {
    const verdict = judgeKey(this.#state, key, this.#atMs);
    const isValid = verdict.code === 'VALID';
    const agent = key.kind === 'publishable' ? this.#state.agents.get(key.agentId) : undefined;
    const used = this.#state.usage.get(key.id)?.lastUsedAt;
    const { id, organizationId, kind, name, expiresAt, createdAt, createdBy } = key;
    return {
      ...{ id, organizationId, kind, name, verdict },
      ...(key.kind === 'service' && { role: key.role, permissions: permissionsOfKey(key) }),
      conditions: key.kind === 'service' ? conditionsOf(key) : [],
      ...(key.kind === 'service' && {
        secrets: isValid ? secretsInForce(key, this.#atMs).map(({ version }) => version) : [],
      }),
      ...(key.kind === 'publishable' && {
        agentId: key.agentId,
        origins: isValid && agent ? originsInForce(key, agent, this.#atMs) : [],
      }),
      ...(expiresAt !== undefined && { expiresAt }),
      ...{ createdAt, createdBy: createdBy.id },
      ...(used !== undefined && { lastUsedAt: used }),
    };
  }

  *members(): Generator<MemberAt, void, undefined> {
    for (const organization of this.#state.organizations.values())
      for (const member of organization.members.values()) {
        const { userId, role, state, joinedAt, roleAt } = member;
        yield {
          ...{ userId, organizationId: organization.id, ...this.#nameOf(userId), role, state },
          ...{ joinedAt, roleAt, why: whyMember(organization, member) },
          permissions: permissionsOfMember(organization, member),
        };
      }
  }

  organizations(): OrganizationAt[] {
    const [all, valid] = [new Map<string, number>(), new Map<string, number>()];
    const add = (counts: Map<string, number>, id: string) => counts.set(id, (counts.get(id) ?? 0) + 1);
    for (const key of this.#state.keys.values()) {
      add(all, key.organizationId);
      if (judgeKey(this.#state, key, this.#atMs).code === 'VALID') add(valid, key.organizationId);
    }
    return [...this.#state.organizations.values()].map((one) => ({
      ...{ id: one.id, name: one.name, state: one.state, createdAt: one.createdAt },
      since: one.suspendedAt ?? one.activeSince,
      ...{ members: one.members.size, keys: all.get(one.id) ?? 0, validKeys: valid.get(one.id) ?? 0 },
    }));
  }

  /** Of a profile that was erased since, nothing is shown. */
  #nameOf(userId: string): { name?: string } {
    const name = this.#past.erased.has(userId) ? undefined : this.#state.users.get(userId)?.profile?.name;
    return name === undefined ? {} : { name };
  }
}

function whyMember(
  { invitations }: AuditedOrganization,
  { role, roleBy, roleAt, joinedAt, invitationId }: AuditedMember,
): string {
  if (roleAt !== joinedAt) return `made ${role} by ${roleBy.id}`;
  if (invitationId === undefined) return 'the organization was made for them';
  const maker = invitations.get(invitationId)?.createdBy.id;
  return `accepted invitation ${invitationId}${maker === undefined ? '' : ` of ${maker}`}`;
}

/** What limits a service key beyond its permissions. */
function conditionsOf(key: Extract<AuditedKey, { kind: 'service' }>): string[] {
  const { allowedIps, scope } = key;
  return [
    ...(allowedIps ? [`only from ${allowedIps.join(' ') || 'nowhere'}`] : []),
    ...(scope?.agents ? [`only for agents ${scope.agents.join(' ') || 'of none'}`] : []),
    ...(scope?.servers ? [`only for servers ${scope.servers.join(' ') || 'of none'}`] : []),
  ];
}
