/**
 * Which OCSF class and activity each event is. OCSF 1.7.0: the newest but two, because 1.9 gives up Account Change for
 * a class that few receivers know yet.
 *
 * Account Change (3001) is what happens to whoever is checked: members, and keys of both kinds, which hold a role as an
 * account does. Authentication (3002) is use of a key. API Activity (6003) is everything else that somebody asked for.
 * Entity Management (3004) and User Access (3005) would fit a few events as well; receivers know these three.
 */
import { type ToldType } from './told-event.ts';

export const OCSF_VERSION = '1.7.0';

export const CLASSES = {
  account: {
    class_uid: 3001,
    class_name: 'Account Change',
    category_uid: 3,
    category_name: 'Identity & Access Management',
  },
  authentication: {
    class_uid: 3002,
    class_name: 'Authentication',
    category_uid: 3,
    category_name: 'Identity & Access Management',
  },
  api: {
    class_uid: 6003,
    class_name: 'API Activity',
    category_uid: 6,
    category_name: 'Application Activity',
  },
} as const;
export type ClassName = keyof typeof CLASSES;

/** The activities of each class that are used here, as OCSF calls and numbers them. */
export const ACTIVITIES = {
  account: {
    Create: 1,
    Enable: 2,
    'Password Change': 3,
    Disable: 5,
    Delete: 6,
    'Attach Policy': 7,
    'Detach Policy': 8,
  },
  authentication: { Logon: 1 },
  api: { Create: 1, Update: 3, Delete: 4 },
} as const;
/** For what has no number: the name is ours then. */
export const OTHER = 99;

export const SEVERITIES = { Informational: 1, Low: 2, Medium: 3, High: 4 } as const;
export type Severity = keyof typeof SEVERITIES;

export type Mapping = {
  [Class in ClassName]: {
    class: Class;
    /** A name that OCSF does not have is activity 99 with this name. */
    activity: keyof (typeof ACTIVITIES)[Class] | `Other: ${string}`;
    severity?: Severity;
  };
}[ClassName];

const account = (
  activity: Extract<Mapping, { class: 'account' }>['activity'],
  severity?: Severity,
): Mapping => ({
  class: 'account',
  activity,
  ...(severity && { severity }),
});
const api = (activity: Extract<Mapping, { class: 'api' }>['activity'], severity?: Severity): Mapping => ({
  class: 'api',
  activity,
  ...(severity && { severity }),
});

export const MAPPINGS: Readonly<Record<ToldType, Mapping>> = {
  // Organizations, agents, domains, servers and invitations are things that are made, changed and removed.
  OrganizationCreated: api('Create'),
  OrganizationRenamed: api('Update'),
  OrganizationPolicyChanged: api('Update', 'Low'),
  // No account is disabled by it: all keys of the organization stand still, and none of them changes.
  OrganizationSuspended: api('Update', 'Medium'),
  OrganizationResumed: api('Update', 'Low'),
  MemberInvited: api('Create'),
  InvitationRevoked: api('Delete'),
  // Whoever accepts becomes a member: this is when the account begins, not the invitation.
  InvitationAccepted: account('Create', 'Low'),
  // A role is a named set of permissions, which is what OCSF calls a policy; the new one takes the place of the old.
  MemberRoleChanged: account('Attach Policy', 'Low'),
  MemberSuspended: account('Disable', 'Low'),
  MemberResumed: account('Enable', 'Low'),
  MemberRemoved: account('Delete', 'Low'),
  AgentCreated: api('Create'),
  AgentRenamed: api('Update'),
  AgentRemoved: api('Delete'),
  AgentDomainAdded: api('Create'),
  // Found by the scheduler, not asked for at that moment; still a change of the domain's state.
  AgentDomainVerified: api('Update'),
  AgentDomainStale: api('Update', 'Low'),
  AgentDomainLapsed: api('Update', 'Medium'),
  // Two organizations claim one name.
  AgentDomainContested: api('Update', 'Medium'),
  AgentDomainRemoved: api('Delete'),
  ServerCreated: api('Create'),
  ServerRenamed: api('Update'),
  ServerUrlChanged: api('Update'),
  ServerRemoved: api('Delete'),
  KeyCreated: account('Create', 'Low'),
  // Names and tags decide nothing.
  KeyRenamed: api('Update'),
  KeyTagged: api('Update'),
  // A key only ever loses: what it may do becomes less, or sooner over.
  KeyNarrowed: account('Detach Policy'),
  KeyRotated: account('Password Change'),
  // The older of two passwords stops working; nothing new is set.
  KeySecretRetired: account('Other: Old Secret Ended'),
  KeySuspended: account('Disable', 'Low'),
  KeyResumed: account('Enable', 'Low'),
  // For good, unlike a suspension. For a reported leak: High (see ocsf.ts).
  KeyRevoked: account('Delete', 'Low'),
  // A notice: nothing happened to the key.
  KeyExpiring: api('Other: Expiry Announced', 'Low'),
  // It stopped by the clock: nobody took it away.
  KeyExpired: account('Disable'),
  // Seen by the gateway in a page's request: the secret is public.
  KeyExposed: account('Other: Secret Exposed', 'High'),
  PublicKeyCreated: account('Create', 'Low'),
  PublicKeyOriginAdded: account('Attach Policy'),
  PublicKeyOriginRemoved: account('Detach Policy'),
  // From now on, events leave for somewhere; the same goes for a new address, and for more types.
  WebhookCreated: api('Create', 'Low'),
  WebhookRenamed: api('Update'),
  WebhookUrlChanged: api('Update', 'Low'),
  WebhookEventTypesChanged: api('Update'),
  WebhookSecretRotated: api('Update'),
  // Whoever watches there is told nothing any more.
  WebhookDisabled: api('Update', 'Medium'),
  WebhookEnabled: api('Update'),
  WebhookRemoved: api('Delete', 'Low'),
  // All uses of a window that were allowed, with their count: a logon each.
  KeyUsed: { class: 'authentication', activity: 'Logon' },
  // A profile is a record about a person; it lets nobody in.
  UserProfileChanged: api('Update'),
  UserProfileErased: api('Delete'),
  CheckpointSigned: api('Create'),
};
