/**
 * Who may publish and who may subscribe, subject by subject, as people decided it: written by hand, so that it shares
 * nothing with what the configuration is made from. Whoever is not named is refused.
 */

/** Users, with spaces between; `user@group` may subscribe in this queue group alone. */
export interface Allowed {
  publish?: string;
  subscribe?: string;
}

const command = (publish: string): Allowed => ({ publish, subscribe: 'issuance@issuance' });

export const SUBJECTS: Readonly<Record<string, Allowed>> = {
  'mcpstack.keys.v1.verify': {
    publish: 'gateway forward-auth nats-login verifier leaf',
    subscribe: 'authorizer@authorizer leaf',
  },
  'mcpstack.keys.v1.verify-batch': {
    publish: 'forward-auth nats-login verifier leaf',
    subscribe: 'authorizer@authorizer leaf',
  },
  'mcpstack.keys.v1.explain': { publish: 'gateway', subscribe: 'authorizer@authorizer leaf' },
  'mcpstack.keys.v1.identify': { publish: 'gateway', subscribe: 'authorizer@authorizer leaf' },
  'mcpstack.keys.v1.changed': {
    publish: 'projection',
    subscribe: 'authorizer forward-auth nats-login verifier leaf',
  },

  'mcpstack.projection.v1.confirm': { publish: 'gateway issuance', subscribe: 'projection' },
  'mcpstack.projection.v1.keys-of-maker': { publish: 'issuance', subscribe: 'projection' },
  'mcpstack.projection.v1.rebuild': { publish: 'operator', subscribe: 'projection' },
  'mcpstack.domains.v1.check': { publish: 'gateway', subscribe: 'scheduler@scheduler' },
  'mcpstack.webhooks.v1.check-url': { publish: 'gateway', subscribe: 'webhooks@webhooks' },
  'mcpstack.webhooks.v1.test': { publish: 'gateway', subscribe: 'webhooks' },
  'mcpstack.webhooks.v1.replay': { publish: 'gateway', subscribe: 'webhooks' },
  'mcpstack.webhooks.v1.deliveries': { publish: 'gateway', subscribe: 'webhooks' },

  'mcpstack.issuance.v1.create-organization': command('gateway operator'),
  'mcpstack.issuance.v1.rename-organization': command('gateway'),
  'mcpstack.issuance.v1.change-policy': command('gateway'),
  'mcpstack.issuance.v1.suspend-organization': command('gateway'),
  'mcpstack.issuance.v1.resume-organization': command('gateway'),
  'mcpstack.issuance.v1.invite-member': command('gateway'),
  'mcpstack.issuance.v1.revoke-invitation': command('gateway'),
  'mcpstack.issuance.v1.accept-invitation': command('gateway'),
  'mcpstack.issuance.v1.change-member-role': command('gateway'),
  'mcpstack.issuance.v1.suspend-member': command('gateway'),
  'mcpstack.issuance.v1.resume-member': command('gateway'),
  'mcpstack.issuance.v1.remove-member': command('gateway'),
  'mcpstack.issuance.v1.change-profile': command('gateway'),
  'mcpstack.issuance.v1.erase-profile': command('gateway'),
  'mcpstack.issuance.v1.create-agent': command('gateway'),
  'mcpstack.issuance.v1.rename-agent': command('gateway'),
  'mcpstack.issuance.v1.remove-agent': command('gateway'),
  'mcpstack.issuance.v1.add-domain': command('gateway'),
  'mcpstack.issuance.v1.remove-domain': command('gateway'),
  'mcpstack.issuance.v1.record-domain-check': command('scheduler'),
  'mcpstack.issuance.v1.contest-domain': command('scheduler'),
  'mcpstack.issuance.v1.create-server': command('gateway'),
  'mcpstack.issuance.v1.update-server': command('gateway'),
  'mcpstack.issuance.v1.remove-server': command('gateway'),
  'mcpstack.issuance.v1.create-key': command('gateway'),
  'mcpstack.issuance.v1.import-keys': command('gateway'),
  'mcpstack.issuance.v1.update-key': command('gateway'),
  'mcpstack.issuance.v1.rotate-key': command('gateway'),
  'mcpstack.issuance.v1.suspend-key': command('gateway'),
  'mcpstack.issuance.v1.resume-key': command('gateway'),
  'mcpstack.issuance.v1.revoke-key': command('gateway'),
  'mcpstack.issuance.v1.revoke-keys': command('gateway'),
  'mcpstack.issuance.v1.report-credentials': command('gateway'),
  'mcpstack.issuance.v1.record-exposure': command('gateway'),
  'mcpstack.issuance.v1.record-key-expiry': command('scheduler'),
  'mcpstack.issuance.v1.record-secret-seen': command('authorizer leaf'),
  'mcpstack.issuance.v1.record-usage': command('authorizer leaf'),
  'mcpstack.issuance.v1.create-public-key': command('gateway'),
  'mcpstack.issuance.v1.update-public-key': command('gateway'),
  'mcpstack.issuance.v1.add-temporary-origin': command('gateway'),
  'mcpstack.issuance.v1.create-webhook': command('gateway'),
  'mcpstack.issuance.v1.update-webhook': command('gateway'),
  'mcpstack.issuance.v1.rotate-webhook-secret': command('gateway'),
  'mcpstack.issuance.v1.disable-webhook': command('gateway webhooks'),
  'mcpstack.issuance.v1.enable-webhook': command('gateway'),
  'mcpstack.issuance.v1.remove-webhook': command('gateway'),

  // Who is there, and how busy.
  '$SRV.PING': { publish: 'operator', subscribe: 'authorizer scheduler leaf' },
  '$SRV.INFO': { publish: 'operator', subscribe: 'authorizer scheduler leaf' },
  '$SRV.STATS': { publish: 'operator', subscribe: 'authorizer scheduler leaf' },
  '$SRV.PING.mcpstack-authorizer': { publish: 'operator', subscribe: 'authorizer leaf' },
  '$SRV.INFO.mcpstack-scheduler.x1': { publish: 'operator', subscribe: 'scheduler' },
  '$SRV.STATS.mcpstack-gateway': { publish: 'operator' },

  // Answers reach those who may ask, from those who are asked, and nobody else.
  '_INBOX_gateway.a.b': {
    publish: 'issuance projection authorizer scheduler webhooks leaf',
    subscribe: 'gateway',
  },
  '_INBOX_issuance.a.b': { publish: 'projection', subscribe: 'issuance' },
  '_INBOX_projection.a.b': { subscribe: 'projection' },
  '_INBOX_authorizer.a.b': { publish: 'issuance', subscribe: 'authorizer leaf' },
  '_INBOX_scheduler.a.b': { publish: 'issuance', subscribe: 'scheduler' },
  '_INBOX_webhooks.a.b': { publish: 'issuance', subscribe: 'webhooks' },
  '_INBOX_forward-auth.a.b': { publish: 'authorizer leaf', subscribe: 'forward-auth' },
  '_INBOX_nats-login.a.b': { publish: 'authorizer leaf', subscribe: 'nats-login' },
  '_INBOX_verifier.a.b': { publish: 'authorizer leaf', subscribe: 'verifier leaf' },
  // A leaf asks for its clients, by their inboxes, and never for itself.
  '_INBOX_leaf.a.b': {},
  '_INBOX_operator.a.b': { publish: 'issuance projection authorizer scheduler leaf', subscribe: 'operator' },
  '_INBOX_issuance-log.a.b': { subscribe: 'issuance-log' },
  '_INBOX_projection-log.a.b': { subscribe: 'projection-log' },
  '_INBOX_checkpointer.a.b': { subscribe: 'checkpointer' },
  '_INBOX_auditor.a.b': { subscribe: 'auditor' },
  '_INBOX.a.b': {},

  // The log: who decides writes, but no checkpoints; who checkpoints writes nothing else.
  'mcpstack.log.organization.x': { publish: 'issuance-log' },
  'mcpstack.log.agent.x': { publish: 'issuance-log' },
  'mcpstack.log.server.x': { publish: 'issuance-log' },
  'mcpstack.log.key.x': { publish: 'issuance-log' },
  'mcpstack.log.usage.x': { publish: 'issuance-log' },
  'mcpstack.log.user.x': { publish: 'issuance-log' },
  'mcpstack.log.webhook.x': { publish: 'issuance-log' },
  'mcpstack.log.checkpoint.x': { publish: 'checkpointer' },
  'mcpstack.log.new.x': {},

  // Of the server itself: what JetStream is; nothing that manages it, or other accounts.
  '$JS.API.INFO': {
    publish:
      'gateway issuance projection scheduler webhooks issuance-log projection-log checkpointer auditor',
  },
  '$JS.API.STREAM.NAMES': {},
  '$JS.API.STREAM.LIST': {},
  '$JS.API.ACCOUNT.PURGE.LOG': {},
  '$JS.API.META.LEADER.STEPDOWN': {},
  '$JS.API.SERVER.REMOVE': {},
  '$JS.ACK.mcpstack_log.c.1.1.1.1.0': {},
  '$JS.EVENT.ADVISORY.API': {},
  '$SYS.REQ.USER.AUTH': { subscribe: 'nats-login@nats-login' },
  '$SYS._INBOX.x.y': { publish: 'nats-login' },
  '$SYS.REQ.SERVER.PING': {},
  'anything.else': {},
};

/** Who uses each bucket; nobody else may even ask whether it is there. */
export const BUCKET_USERS: Readonly<Record<string, string>> = {
  mcpstack_lease: 'projection',
  mcpstack_replies: 'issuance',
  mcpstack_login_sessions: 'gateway',
  mcpstack_device_grants: 'gateway',
  mcpstack_logins: 'gateway',
  mcpstack_domain_checks: 'scheduler',
  mcpstack_webhooks: 'webhooks',
  mcpstack_webhook_lease: 'webhooks',
};

/** What may be done with the stream of a bucket, and with the log's. `%` is the stream. */
export function streamRights(stream: string): Readonly<Record<string, Allowed>> {
  const readers = 'issuance-log projection-log checkpointer auditor';
  const isLog = stream === 'mcpstack_log';
  const user = BUCKET_USERS[stream.slice('KV_'.length)] ?? '';
  const entry = `$KV.${stream.slice('KV_'.length)}.some.key`;
  const reads: Allowed = isLog ? { publish: readers } : {};
  const calls: Record<string, Allowed> = {
    'STREAM.INFO.%': { publish: isLog ? readers : user },
    'STREAM.MSG.GET.%': { publish: isLog ? readers : user },
    'STREAM.CREATE.%': { publish: isLog ? 'issuance-log projection-log checkpointer' : user },
    'STREAM.UPDATE.%': {},
    'STREAM.DELETE.%': {},
    'STREAM.PURGE.%':
      isLog || stream === 'KV_mcpstack_login_sessions' ? { publish: isLog ? 'issuance-log' : 'gateway' } : {},
    'STREAM.MSG.DELETE.%': isLog ? { publish: 'issuance-log' } : {},
    'STREAM.SNAPSHOT.%': {},
    'STREAM.RESTORE.%': {},
    'STREAM.LEADER.STEPDOWN.%': {},
    'STREAM.PEER.REMOVE.%': {},
    'DIRECT.GET.%': {},
    // A consumer delivers to any subject of its account: nobody makes one where there are commands.
    'CONSUMER.CREATE.%': reads,
    'CONSUMER.CREATE.%.c': {},
    'CONSUMER.CREATE.%.c.mcpstack.log.>': {},
    'CONSUMER.DURABLE.CREATE.%.c': {},
    'CONSUMER.MSG.NEXT.%.c': reads,
    'CONSUMER.DELETE.%.c': reads,
    'CONSUMER.INFO.%.c': {},
    'CONSUMER.NAMES.%': {},
    'CONSUMER.LIST.%': {},
  };
  const named = Object.entries(calls).map(
    ([verb, allowed]) => [`$JS.API.${verb.replace('%', stream)}`, allowed] as const,
  );
  if (isLog) return Object.fromEntries(named);
  return {
    ...Object.fromEntries(named),
    [entry]: { publish: user },
    [`$JS.API.DIRECT.GET.${stream}.${entry}`]:
      stream === 'KV_mcpstack_replies' ? { publish: 'issuance' } : {},
  };
}

/** Too wide for anybody to subscribe to. */
export const WIDE = [
  '>',
  '*',
  'mcpstack.>',
  'mcpstack.keys.v1.*',
  '_INBOX.>',
  '_INBOX_gateway.>',
  '*.>',
  '$JS.>',
  '$KV.>',
  '$SYS.>',
  '$SRV.>',
];
export const WIDE_ALLOWED: Readonly<Record<string, string>> = {
  '_INBOX_gateway.>': 'gateway',
  'mcpstack.keys.v1.*': 'leaf',
};
