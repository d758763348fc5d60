/** What happened, in words: one line for a person, without who did it and when. */
import type { AuditEvent, AuditEventData } from './audit-events.ts';

/**
 * One event in plain words, in lower case: what was done to what kind of thing, and what matters of it. Ids of the
 * subject and of the actor stand beside it.
 *
 * @example
 * describeEvent(event); // 'key revoked: reported as a leak by github'
 */
export function describeEvent(event: AuditEvent): string {
  switch (event.type) {
    case 'OrganizationCreated':
      return `organization created: ${quoted(event.data.name)}, owned by ${event.data.ownerId}`;
    case 'OrganizationRenamed':
      return `organization renamed: ${quoted(event.data.name)}`;
    case 'OrganizationPolicyChanged':
      return `policy for keys changed: ${policyIn(event.data)}`;
    case 'OrganizationSuspended':
      return 'organization suspended';
    case 'OrganizationResumed':
      return 'organization resumed';
    case 'MemberInvited':
      return `somebody invited as ${event.data.role}, until ${event.data.expiresAt}`;
    case 'InvitationRevoked':
      return 'invitation revoked';
    case 'InvitationAccepted':
      return `invitation accepted: ${event.data.userId} is a member now, as ${event.data.role}`;
    case 'MemberRoleChanged':
      return `member given another role: ${event.data.role}`;
    case 'MemberSuspended':
      return 'member suspended';
    case 'MemberResumed':
      return 'member resumed';
    case 'MemberRemoved':
      return 'member removed';
    case 'AgentCreated':
      return `agent created: ${quoted(event.data.name)}`;
    case 'AgentRenamed':
      return `agent renamed: ${quoted(event.data.name)}`;
    case 'AgentRemoved':
      return 'agent removed';
    case 'AgentDomainAdded':
      return `domain added: ${event.data.domain}, to ${event.data.agentId}`;
    case 'AgentDomainVerified':
      return `domain verified by ${event.data.method}`;
    case 'AgentDomainStale':
      return `proof of the domain not found any more; good until ${event.data.graceEndsAt}`;
    case 'AgentDomainLapsed':
      return 'domain lapsed';
    case 'AgentDomainContested':
      return 'domain proven by another organization: to be proven again';
    case 'AgentDomainRemoved':
      return 'domain removed';
    case 'ServerCreated':
      return `server created: ${quoted(event.data.name)}${event.data.url === undefined ? '' : `, ${event.data.url}`}`;
    case 'ServerRenamed':
      return `server renamed: ${quoted(event.data.name)}`;
    case 'ServerUrlChanged':
      return `server moved: ${event.data.url}`;
    case 'ServerRemoved':
      return 'server removed';
    case 'WebhookCreated':
    case 'WebhookRenamed':
    case 'WebhookUrlChanged':
    case 'WebhookEventTypesChanged':
    case 'WebhookSecretRotated':
    case 'WebhookDisabled':
    case 'WebhookEnabled':
    case 'WebhookRemoved':
      return describeWebhookEvent(event);
    default:
      return describeKeyEvent(event);
  }
}

function describeKeyEvent(
  event: AuditEvent<Extract<AuditEvent['type'], `${'Public' | ''}Key${string}`>>,
): string {
  switch (event.type) {
    case 'KeyCreated':
      return `key created: ${[quoted(event.data.name), `role ${event.data.role}`, ...termsIn(event.data)].join(', ')}`;
    case 'KeyRenamed':
      return `key renamed: ${quoted(event.data.name)}`;
    case 'KeyTagged':
      return `key tagged: ${listed(event.data.tags)}`;
    case 'KeyNarrowed': {
      const { role } = event.data;
      return `key narrowed: ${[...(role ? [`role ${role}`] : []), ...termsIn(event.data)].join(', ')}`;
    }
    case 'KeyRotated': {
      const { version, previous } = event.data;
      const until = previous.untilNextSeen ? 'until this one is used, at the latest' : 'until';
      return `key rotated: secret ${version}; the one before is good ${until} ${previous.validUntil}`;
    }
    case 'KeySecretRetired':
      return `secret ${event.data.version} of the key ended: the next one is in use`;
    case 'KeySuspended':
      return 'key suspended';
    case 'KeyResumed':
      return 'key resumed';
    case 'KeyRevoked':
      return `key revoked: ${REASONS[event.data.reason]}${event.data.source === undefined ? '' : ` by ${quoted(event.data.source)}`}`;
    case 'KeyExpiring':
      return `key about to expire: ${event.data.expiresAt}, less than ${days(event.data.daysBefore)} ahead`;
    case 'KeyExpired':
      return `key expired: ${event.data.expiresAt}`;
    case 'KeyExposed':
      return 'secret of the key sent by a web page, where everybody can read it';
    case 'PublicKeyCreated': {
      const { name, agentId, origins, development, expiresAt } = event.data;
      const allowed = listed(origins.map(({ origin }) => origin));
      const more = [
        ...(development ? ['also from localhost'] : []),
        ...(expiresAt ? [`until ${expiresAt}`] : []),
      ];
      return `publishable key created: ${[quoted(name), `for ${agentId}`, `from ${allowed}`, ...more].join(', ')}`;
    }
    case 'PublicKeyOriginAdded':
      return `origin allowed: ${event.data.origin}, until ${event.data.expiresAt}`;
    case 'PublicKeyOriginRemoved':
      return `origin not allowed any more: ${event.data.origin}`;
    default:
      return event satisfies never;
  }
}

function describeWebhookEvent(event: AuditEvent<Extract<AuditEvent['type'], `Webhook${string}`>>): string {
  switch (event.type) {
    case 'WebhookCreated': {
      const { name, origin } = event.data;
      return `webhook created: ${name === undefined ? '' : `${quoted(name)}, `}to ${origin}, ${typesIn(event.data)}`;
    }
    case 'WebhookRenamed':
      return `webhook renamed: ${quoted(event.data.name)}`;
    case 'WebhookUrlChanged':
      return `webhook moved: ${event.data.origin}`;
    case 'WebhookEventTypesChanged':
      return `webhook told of others: ${typesIn(event.data)}`;
    case 'WebhookSecretRotated': {
      const { version, previousValidUntil } = event.data;
      return `secret of the webhook rotated: ${version}; the one before signs too until ${previousValidUntil}`;
    }
    case 'WebhookDisabled': {
      const { reason, since } = event.data;
      return `webhook disabled: ${DISABLE_REASONS[reason]}${since === undefined ? '' : ` since ${since}`}`;
    }
    case 'WebhookEnabled':
      return 'webhook enabled';
    case 'WebhookRemoved':
      return 'webhook removed';
    default:
      return event satisfies never;
  }
}

const DISABLE_REASONS: Readonly<Record<AuditEventData['WebhookDisabled']['reason'], string>> = {
  requested: 'on request',
  failing: 'nothing but failure',
  gone: 'the receiver wants no more',
};

function typesIn({ eventTypes }: { eventTypes?: readonly string[] }): string {
  return eventTypes ? `events ${listed(eventTypes)}` : 'all events';
}

const REASONS: Readonly<Record<AuditEventData['KeyRevoked']['reason'], string>> = {
  requested: 'on request',
  'maker-lost-rights': 'its maker lost the rights that it holds',
  'reported-leak': 'reported as a leak',
  'ended-by-holder': 'by whoever held it',
};

/** What limits a key, each in a few words. */
function termsIn(terms: Omit<AuditEventData['KeyNarrowed'], 'role'>): string[] {
  const { permissions, scope, expiresAt, allowedIps, limits, quotas } = terms;
  return [
    ...(permissions ? [`only ${listed(permissions)}`] : []),
    ...(scope?.agents ? [`agents ${listed(scope.agents)}`] : []),
    ...(scope?.servers ? [`servers ${listed(scope.servers)}`] : []),
    ...(allowedIps ? [`from ${listed(allowedIps)}`] : []),
    ...(limits ? limits.map(({ name, limit, windowMs }) => `${name} ${limit} in ${windowMs / 1_000} s`) : []),
    ...(quotas ? quotas.map(({ name, limit, interval }) => `${name} ${limit} a ${interval}`) : []),
    ...(expiresAt === undefined ? [] : [`until ${expiresAt}`]),
  ];
}

function policyIn({ policy }: AuditEventData['OrganizationPolicyChanged']): string {
  const { longestKeyLifeDays, expiryRequired, allowedKeyRoles, onMakerLoss } = policy;
  return [
    ...(longestKeyLifeDays === undefined ? [] : [`at most ${days(longestKeyLifeDays)}`]),
    ...(expiryRequired ? ['expiry required'] : []),
    ...(allowedKeyRoles ? [`roles ${listed(allowedKeyRoles)}`] : []),
    onMakerLoss === 'revoke'
      ? 'revoked when the maker loses the rights'
      : 'listed when the maker loses the rights',
  ].join(', ');
}

function days(count: number): string {
  return count === 1 ? '1 day' : `${count} days`;
}

function listed(items: readonly string[]): string {
  return items.length === 0 ? 'none' : items.join(' ');
}

/** A name may hold anything that a person typed: control characters are spelled out. */
function quoted(name: string): string {
  return JSON.stringify(name);
}
