/** As whom each service logs in at a NATS server with the users of deploy/nats. */
import { join } from 'node:path';
import { natsInboxPrefix } from '@mcpstack/contracts';
import type { GuardedNats } from './server.ts';

/** Who reads and writes the log as whom; the others do not know it. */
const LOG_USERS: Readonly<Record<string, string>> = {
  issuance: 'issuance-log',
  projection: 'projection-log',
  checkpointer: 'checkpointer',
};

/** They ask nobody over NATS. */
const NOT_IN_KEYS = ['checkpointer', 'identity-provider'];

/** Settings of one service (or of `setup`). */
export function loginSettings(nats: GuardedNats, service: string): Record<string, string> {
  const file = (user: string) => join(nats.folder, `${user}.password`);
  const user = service === 'setup' ? 'operator' : service;
  const log = LOG_USERS[service];
  return {
    ...(NOT_IN_KEYS.includes(service) ? {} : { NATS_USER: user, NATS_PASSWORD_FILE: file(user) }),
    ...(log && { EVENT_STORE_USER: log, EVENT_STORE_PASSWORD_FILE: file(log) }),
  };
}

/** What a client's `connect` takes. */
export function loginAs(nats: GuardedNats, user: string) {
  return {
    servers: nats.address,
    user,
    pass: nats.password(user),
    inboxPrefix: natsInboxPrefix(user)!,
  };
}
