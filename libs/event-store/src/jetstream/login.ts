/** How a connection to NATS logs in: asked anew each time, so that rotated credentials count from the next one on. */
import { natsInboxPrefix, type Login } from '@mcpstack/contracts';
import { credsAuthenticator, type Authenticator, type NodeConnectionOptions } from '@nats-io/transport-node';
import type { OpenOptions } from '../open.ts';
import { parseNatsUrl } from './url.ts';

/** @throws EventStoreUrlError */
export function loginOptions(
  url: string,
  { login, caFile }: OpenOptions,
): NodeConnectionOptions & { servers: string[] } {
  const { tls, ...target } = parseNatsUrl(url);
  const asked = login?.();
  const inboxPrefix = natsInboxPrefix(target.user ?? (asked && 'user' in asked ? asked.user : undefined));
  return {
    ...target,
    ...(inboxPrefix && { inboxPrefix }),
    ...(tls && { tls: caFile === undefined ? {} : { caFile } }),
    ...(login && { authenticator: authenticatorOf(login) }),
  };
}

function authenticatorOf(login: () => Login): Authenticator {
  return (nonce) => {
    const found = login();
    if ('creds' in found) return credsAuthenticator(new TextEncoder().encode(found.creds))(nonce);
    return { user: found.user, pass: found.password };
  };
}
