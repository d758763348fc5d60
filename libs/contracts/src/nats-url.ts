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
  const parsed = url.split(',').map((part, index) => {
    const text = part.trim();
    // Only the first must say what it is.
    const withScheme = index > 0 && !text.includes('://') ? `nats://${text}` : text;
    return URL.canParse(withScheme) ? new URL(withScheme) : undefined;
  });
  const first = parsed[0];
  if (!first || !parsed.every(isServer)) {
    throw new TypeError('write nats://host:4222 (or tls://…), several servers separated by commas');
  }
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
