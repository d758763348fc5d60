/** The client of KurrentDB, with its credentials. */
import type { Login } from '@mcpstack/contracts';
import { KurrentDBClient, type CredentialsProvider } from '@kurrent/kurrentdb-client';
import { EventStoreUrlError } from '../errors.ts';
import type { OpenOptions } from '../open.ts';
import type { KurrentDbUrl } from './url.ts';

const LOGIN_KEPT_MS = 1_000;

export function connect(
  { connectionString, tls }: Omit<KurrentDbUrl, 'shown'>,
  login: OpenOptions['login'],
): KurrentDBClient {
  try {
    const client = KurrentDBClient.connectionString(connectionString);
    // Without TLS the client would send them for all to read.
    if (login && tls) client.setCredentialsProvider(providerOf(login));
    return client;
  } catch {
    // The client's own message may hold the whole URL.
    throw new EventStoreUrlError(
      'EVENT_STORE_URL cannot be used: a certificate file is missing, or an option does not fit the others.',
    );
  }
}

/** The client asks before every request; what the login reads is asked for a second at a time. */
function providerOf(login: () => Login): CredentialsProvider {
  let known = { username: '', password: '' };
  let untilMs = Number.NEGATIVE_INFINITY;
  return () => {
    if (performance.now() < untilMs) return known;
    const found = login();
    if ('creds' in found)
      throw new EventStoreUrlError('KurrentDB takes a user and a password, and no credentials of NATS.');
    known = { username: found.user, password: found.password };
    untilMs = performance.now() + LOGIN_KEPT_MS;
    return known;
  };
}
