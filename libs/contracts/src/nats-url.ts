/** How `NATS_URL` is read: one or more servers, with credentials in the first. */

/** What the NATS client needs to connect. Holds credentials: never log it. */
export interface NatsServers {
  /** `host:port` of each server. */
  servers: string[];
  user?: string;
  pass?: string;
  token?: string;
  /** `tls://` was written. */
  tls: boolean;
}

/**
 * Reads `nats://[user:password@|token@]host[:4222][,host…]` or the same with `tls://`.
 * @throws TypeError with a sentence that says what to write; it never repeats the credentials.
 */
export function parseNatsUrl(url: string): NatsServers {
  const scheme = /^\s*(\w+):/.exec(url)?.[1] ?? 'nats';
  const parsed = url.split(',').map((part, index) => {
    const text = part.trim();
    // Only the first must say what it is; the others are the same.
    const withScheme = index > 0 && !text.includes('://') ? `${scheme}://${text}` : text;
    return URL.canParse(withScheme) ? new URL(withScheme) : undefined;
  });
  const first = parsed[0];
  if (!first || !parsed.every(isServer)) {
    throw new TypeError('write nats://host:4222 (or tls://…), several servers separated by commas');
  }
  // The client asks for TLS of all or of none.
  if (parsed.some((one) => one!.protocol !== first.protocol))
    throw new TypeError('write tls:// for all servers or nats:// for all of them');
  const user = decodeURIComponent(first.username);
  const pass = decodeURIComponent(first.password);
  return {
    servers: parsed.map((one) => `${one!.hostname}:${one!.port || '4222'}`),
    tls: first.protocol === 'tls:',
    ...(user && pass ? { user, pass } : user ? { token: user } : {}),
  };
}

function isServer(url: URL | undefined): boolean {
  return (
    Boolean(url?.hostname) && ['nats:', 'tls:'].includes(url!.protocol) && ['', '/'].includes(url!.pathname)
  );
}
