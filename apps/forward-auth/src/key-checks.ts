/** One check, whichever proxy asks: what the client sent, what the route demands, and what comes of it. */
import { BlockList, isIP } from 'node:net';
import type { Log } from '@mcpstack/service-kit';
import type { Verifier } from '@mcpstack/verify';
import { DemandsError, type Demands } from './demands.ts';
import { identityHeaders, type IdentityHeader } from './identity.ts';

export interface Asked {
  /** The address of the proxy that asks. */
  asker: string | undefined;
  /** Who connected to the first of our proxies, as far as the asker says; XFF follows. */
  remoteAddress: string | undefined;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  demands: () => Demands;
}

export type Decision =
  | { allowed: true; identity: Record<IdentityHeader, string> }
  | { allowed: false; status: number; headers: Record<string, string>; body: string };

export class KeyChecks {
  readonly #verifier: Verifier;
  readonly #log: Log;
  readonly #trusted = new BlockList();

  constructor({ verifier, trustedProxies, log }: { verifier: Verifier; trustedProxies: string; log: Log }) {
    this.#verifier = verifier;
    this.#log = log;
    for (const network of trustedProxies.split(',').map((text) => text.trim())) {
      const [address = '', bits] = network.split('/');
      const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
      this.#trusted.addSubnet(
        address,
        bits === undefined ? (family === 'ipv6' ? 128 : 32) : Number(bits),
        family,
      );
    }
  }

  async check({ asker, headers, demands }: Asked): Promise<Decision> {
    void asker;
    let demanded: Demands;
    try {
      demanded = demands();
    } catch (error) {
      if (!(error instanceof DemandsError)) throw error;
      this.#log.error(`nobody is let through: ${error.message}`);
      return refuse(500, 'misconfigured');
    }
    const key = /^Bearer (.*)$/.exec([headers['authorization']].flat()[0] ?? '')?.[1];
    if (!key) return refuse(401, 'unauthenticated', { 'www-authenticate': 'Bearer realm="mcpstack"' });
    const reply = await this.#verifier.verify({ key, ...demanded });
    if (reply.valid) return { allowed: true, identity: identityHeaders(reply)! };
    const statuses: Record<string, number> = { RATE_LIMITED: 429, FORBIDDEN: 403, UNAVAILABLE: 503 };
    return refuse(statuses[reply.code] ?? 401, reply.code, {
      'www-authenticate': 'Bearer realm="mcpstack", error="invalid_token"',
      'retry-after': '7',
    });
  }
}

function refuse(status: number, code: string, headers = {}): Decision {
  return {
    allowed: false,
    status,
    headers: { 'content-type': 'application/problem+json', 'mcpstack-code': code, ...headers },
    body: JSON.stringify({ status, code }),
  };
}
