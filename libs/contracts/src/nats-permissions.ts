/**
 * What each NATS user may do: the least that it needs. deploy/nats and the table in docs/nats.md are made from this file
 * (`npm run nats:permissions`); the matrix in tools/test/nats holds it against a table of its own.
 *
 * A permission guards what a client publishes, and not what a server or another service publishes for it. So:
 * - Answers go to the inboxes of those who may ask, and nowhere else. With `allow_responses` whoever may ask would have
 *   the answer published on any subject, `$JS.API.STREAM.PURGE.…` among them, by the rights of whoever answers.
 * - The log has an account of its own: JetStream acknowledges to any subject of the writer's account, and delivers a
 *   consumer's messages there. Where there are buckets nobody may make consumers.
 */
import {
  BUCKETS,
  CHANGED_SUBJECT,
  CHECK_DOMAIN_SUBJECT,
  COMMAND_SUBJECTS,
  CONFIRM_SUBJECT,
  EXPLAIN_SUBJECT,
  IDENTIFY_SUBJECT,
  KEYS_OF_MAKER_SUBJECT,
  LOG_STREAM,
  NATS_LOGIN_SUBJECT,
  QUEUE_GROUPS,
  REBUILD_SUBJECT,
  VERIFY_BATCH_SUBJECT,
  VERIFY_SUBJECT,
  WEBHOOK_SUBJECTS,
  type CommandName,
} from './subjects.ts';

/** Users by account: requests and buckets in one, a log that stands in JetStream in the other. */
export const NATS_ACCOUNTS = {
  /** Services, then `verifier` (whoever checks keys), `leaf` (a server beside them) and `operator` (set-up, rebuilds, discovery). */
  KEYS: [
    'gateway',
    'issuance',
    'projection',
    'authorizer',
    'scheduler',
    'webhooks',
    'forward-auth',
    'nats-login',
    'verifier',
    'leaf',
    'operator',
  ],
  /** Not needed where the log is KurrentDB. A server knows a name once, so that two services have a second one here. */
  LOG: ['issuance-log', 'projection-log', 'checkpointer', 'auditor'],
} as const;
export type NatsAccount = keyof typeof NATS_ACCOUNTS;
export type NatsUser = (typeof NATS_ACCOUNTS)[NatsAccount][number];

export interface NatsRights {
  publish: readonly string[];
  /** A queue group after a space: in this group alone. */
  subscribe: readonly string[];
}

interface Row {
  /** What it asks, tells and writes. */
  publish: readonly string[];
  /** What it answers; the inboxes of those who may ask follow from this. A queue group after a space. */
  answers?: readonly string[];
  /** What it is told and does not answer. */
  hears?: readonly string[];
}

/**
 * The inbox of a user: its own, so that nobody hears what another one is answered. Secrets are among it.
 * Undefined for a name that no subject could hold, and for whoever has none.
 */
export function natsInboxPrefix(user: string | undefined): string | undefined {
  return user !== undefined && /^[A-Za-z0-9_-]{1,64}$/.test(user) ? `_INBOX_${user}` : undefined;
}

/** Who sends each command. One more command does not compile before it says who. */
const SENDERS: Readonly<Record<CommandName, readonly NatsUser[]>> = {
  createOrganization: ['gateway', 'operator'],
  renameOrganization: ['gateway'],
  changePolicy: ['gateway'],
  suspendOrganization: ['gateway'],
  resumeOrganization: ['gateway'],
  inviteMember: ['gateway'],
  revokeInvitation: ['gateway'],
  acceptInvitation: ['gateway'],
  changeMemberRole: ['gateway'],
  suspendMember: ['gateway'],
  resumeMember: ['gateway'],
  removeMember: ['gateway'],
  changeProfile: ['gateway'],
  eraseProfile: ['gateway'],
  createAgent: ['gateway'],
  renameAgent: ['gateway'],
  removeAgent: ['gateway'],
  addDomain: ['gateway'],
  removeDomain: ['gateway'],
  recordDomainCheck: ['scheduler'],
  contestDomain: ['scheduler'],
  createServer: ['gateway'],
  updateServer: ['gateway'],
  removeServer: ['gateway'],
  createKey: ['gateway'],
  importKeys: ['gateway'],
  updateKey: ['gateway'],
  rotateKey: ['gateway'],
  suspendKey: ['gateway'],
  resumeKey: ['gateway'],
  revokeKey: ['gateway'],
  revokeKeys: ['gateway'],
  reportCredentials: ['gateway'],
  recordExposure: ['gateway'],
  recordKeyExpiry: ['scheduler'],
  recordSecretSeen: ['authorizer'],
  recordUsage: ['authorizer'],
  createPublicKey: ['gateway'],
  updatePublicKey: ['gateway'],
  addTemporaryOrigin: ['gateway'],
  createWebhook: ['gateway'],
  updateWebhook: ['gateway'],
  rotateWebhookSecret: ['gateway'],
  disableWebhook: ['gateway', 'webhooks'],
  enableWebhook: ['gateway'],
  removeWebhook: ['gateway'],
};

const CHECKS = [VERIFY_SUBJECT, VERIFY_BATCH_SUBJECT];
const DISCOVERY = ['$SRV.PING', '$SRV.INFO', '$SRV.STATS'];
/** What JetStream is and how full; asked before the first bucket. */
const ABOUT = '$JS.API.INFO';

/** Categories of the log that issuance decides about. Checkpoints are not among them: they are about what it wrote. */
const DECIDED = ['agent', 'key', 'organization', 'server', 'usage', 'user', 'webhook'];

/** Who may stand behind a leaf node: an authorizer, and whoever asks it. A leaf may do what they may, and no more. */
const BEHIND_LEAF = ['authorizer', 'verifier'] as const;

const TABLE: Readonly<Record<Exclude<NatsUser, 'leaf'>, Row>> = {
  gateway: {
    publish: [
      ...commandsOf('gateway'),
      VERIFY_SUBJECT,
      EXPLAIN_SUBJECT,
      IDENTIFY_SUBJECT,
      CONFIRM_SUBJECT,
      CHECK_DOMAIN_SUBJECT,
      ...Object.values(WEBHOOK_SUBJECTS),
      ABOUT,
      ...bucket(BUCKETS.sessions),
      // A session that ended a while ago goes with its mark; of the other buckets entries run out.
      `$JS.API.STREAM.PURGE.KV_${BUCKETS.sessions}`,
      ...bucket(BUCKETS.deviceGrants),
      ...bucket(BUCKETS.logins),
    ],
  },
  issuance: {
    publish: [
      CONFIRM_SUBJECT,
      KEYS_OF_MAKER_SUBJECT,
      ABOUT,
      ...bucket(BUCKETS.replies),
      // Replies need no compare-and-set: they are read from the nearest replica.
      `$JS.API.DIRECT.GET.KV_${BUCKETS.replies}.$KV.${BUCKETS.replies}.>`,
    ],
    answers: inGroup(QUEUE_GROUPS.issuance, Object.values(COMMAND_SUBJECTS)),
  },
  projection: {
    publish: [CHANGED_SUBJECT, ABOUT, ...bucket(BUCKETS.lease)],
    answers: [CONFIRM_SUBJECT, KEYS_OF_MAKER_SUBJECT, REBUILD_SUBJECT],
  },
  authorizer: {
    publish: commandsOf('authorizer'),
    answers: [
      ...inGroup(QUEUE_GROUPS.authorizer, [...CHECKS, EXPLAIN_SUBJECT, IDENTIFY_SUBJECT]),
      ...discovery('mcpstack-authorizer'),
    ],
    hears: [CHANGED_SUBJECT],
  },
  scheduler: {
    publish: [...commandsOf('scheduler'), ABOUT, ...bucket(BUCKETS.domainChecks)],
    answers: [...inGroup(QUEUE_GROUPS.scheduler, [CHECK_DOMAIN_SUBJECT]), ...discovery('mcpstack-scheduler')],
  },
  webhooks: {
    publish: [...commandsOf('webhooks'), ABOUT, ...bucket(BUCKETS.webhooks), ...bucket(BUCKETS.webhookLease)],
    answers: [
      ...inGroup(QUEUE_GROUPS.webhooks, [WEBHOOK_SUBJECTS.checkUrl]),
      // Of these the active process alone takes them, whichever it is.
      WEBHOOK_SUBJECTS.test,
      WEBHOOK_SUBJECTS.replay,
      WEBHOOK_SUBJECTS.deliveries,
    ],
  },
  'forward-auth': { publish: CHECKS, hears: [CHANGED_SUBJECT] },
  // The server names an inbox of its own for the answer.
  'nats-login': {
    publish: [...CHECKS, '$SYS._INBOX.>'],
    answers: inGroup(QUEUE_GROUPS.natsLogin, [NATS_LOGIN_SUBJECT]),
    hears: [CHANGED_SUBJECT],
  },
  verifier: { publish: CHECKS, hears: [CHANGED_SUBJECT] },
  operator: {
    publish: [...commandsOf('operator'), REBUILD_SUBJECT, ...DISCOVERY.flatMap((one) => [one, `${one}.>`])],
  },
  'issuance-log': {
    publish: [
      ...readLog(),
      ...makeLog(),
      ...DECIDED.map(logSubject),
      // Erasure (docs/erasure.md).
      `$JS.API.STREAM.MSG.DELETE.${LOG_STREAM}`,
      `$JS.API.STREAM.PURGE.${LOG_STREAM}`,
    ],
  },
  // At the first start of all, they may be there before issuance.
  'projection-log': { publish: [...readLog(), ...makeLog()] },
  checkpointer: { publish: [...readLog(), ...makeLog(), logSubject('checkpoint')] },
  auditor: { publish: readLog() },
};

/** What the user may do; everything else is refused. */
export function natsRights(user: NatsUser): NatsRights {
  if (user === 'leaf') return leafRights();
  const { publish, answers = [], hears = [] } = TABLE[user];
  const answered = new Set(answers.map((answer) => answer.split(' ')[0]!));
  const users = Object.keys(TABLE) as (keyof typeof TABLE)[];
  const askers = users.filter((one) => TABLE[one].publish.some((subject) => answered.has(subject)));
  return {
    publish: [...publish, ...askers.map(inbox)],
    subscribe: [...answers, ...hears, inbox(user)],
  };
}

/**
 * A leaf holds a subscription in a queue group against its rights as one subject, `mcpstack.keys.v1.verify authorizer`:
 * only a wildcard in the last place lets it pass. There is nothing else beside these subjects.
 */
function leafRights(): NatsRights {
  const rights = BEHIND_LEAF.map(natsRights);
  const all = (way: keyof NatsRights): string[] => [
    ...new Set(rights.flatMap((one) => one[way].map((subject) => subject.replace(/[^.]+ .*$/, '*')))),
  ];
  return { publish: all('publish'), subscribe: all('subscribe') };
}

function commandsOf(user: NatsUser): string[] {
  const names = Object.keys(SENDERS) as CommandName[];
  return names.filter((name) => SENDERS[name].includes(user)).map((name) => COMMAND_SUBJECTS[name]);
}

function inbox(user: NatsUser): string {
  return `${natsInboxPrefix(user)}.>`;
}

function inGroup(queue: string, subjects: readonly string[]): string[] {
  return subjects.map((subject) => `${subject} ${queue}`);
}

/** Reads and writes entries by compare-and-set, and makes the bucket where it is missing. */
function bucket(name: string): string[] {
  return [
    ...['INFO', 'CREATE', 'MSG.GET'].map((verb) => `$JS.API.STREAM.${verb}.KV_${name}`),
    `$KV.${name}.>`,
  ];
}

/** Of a log that stands in JetStream: reads events one by one, and follows them. */
function readLog(): string[] {
  return [
    ABOUT,
    `$JS.API.STREAM.INFO.${LOG_STREAM}`,
    `$JS.API.STREAM.MSG.GET.${LOG_STREAM}`,
    `$JS.API.CONSUMER.CREATE.${LOG_STREAM}`,
    `$JS.API.CONSUMER.MSG.NEXT.${LOG_STREAM}.*`,
    `$JS.API.CONSUMER.DELETE.${LOG_STREAM}.*`,
  ];
}

/** Where the events of a category are appended. */
function logSubject(category: string): string {
  return `${LOG_STREAM.replaceAll('_', '.')}.${category}.*`;
}

function makeLog(): string[] {
  return [`$JS.API.STREAM.CREATE.${LOG_STREAM}`];
}

/** The services protocol asks all at once, those of a name, or one by its id. */
function discovery(service: string): string[] {
  return DISCOVERY.flatMap((subject) => [subject, `${subject}.${service}`, `${subject}.${service}.*`]);
}
