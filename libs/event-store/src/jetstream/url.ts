/** Reads EVENT_STORE_URL for NATS: servers apart from credentials, so that the latter never show. */
import { EventStoreUrlError } from '../errors.ts';

export interface NatsAddress {
  /** `host:port`, one or several, without credentials: fit for logs. */
  servers: string[];
  tls: boolean;
  user?: string;
  pass?: string;
  token?: string;
}

/**
 * `nats://[user:password@|token@]host[:port][,host…]`, or `tls://…`.
 * @throws EventStoreUrlError, which never repeats the URL: it may hold a password.
 */
export function parseNatsUrl(url: string): NatsAddress {
  const parts = url.split(',').map((part) => parsePart(part.includes('://') ? part : `nats://${part}`));
  const login = parts.find((part) => part.username !== '');
  return {
    servers: parts.map((part) => `${part.hostname}:${part.port || '4222'}`),
    tls: parts.some((part) => part.protocol === 'tls:'),
    ...(login && credentialsOf(login)),
  };
}

function parsePart(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url?.hostname || !['nats:', 'tls:'].includes(url.protocol) || !['', '/'].includes(url.pathname)) {
    throw new EventStoreUrlError('EVENT_STORE_URL is no NATS address: write nats://host:4222.');
  }
  return url;
}

function credentialsOf(url: URL): Pick<NatsAddress, 'user' | 'pass' | 'token'> {
  const user = decodeURIComponent(url.username);
  return url.password === '' ? { token: user } : { user, pass: decodeURIComponent(url.password) };
}
