/** One check, whichever proxy asks: what the client sent, what the route demands, and what comes of it. */
import type { Log } from '@mcpstack/service-kit';
import type { Verifier } from '@mcpstack/verify';
import { credentialOf, TrustedProxies, valuesOf, type Headers } from './client.ts';
import { DemandsError, type Demands } from './demands.ts';
import { identityHeaders, type IdentityHeader } from './identity.ts';
import { refusalOf, refuse, unauthenticated, unavailable, type Refusal } from './refusals.ts';

export interface Asked {
  /** The address of the proxy that asks. */
  asker: string | undefined;
  /** Who connected there, where the proxy says so apart from `X-Forwarded-For`; else the asker. */
  connectedFrom: string | undefined;
  /** The client's headers, and what the proxy added. */
  headers: Headers;
  /** Reads what the route demands. */
  demands: () => Demands;
}

export type Decision = { allowed: true; identity: Record<IdentityHeader, string> } | Refusal;

const MAX_USER_AGENT_LENGTH = 512;
/** A fault of the configuration is there at every request, and is said this often in a second. */
const SAID_A_SECOND = 5;

export class KeyChecks {
  readonly #verifier: Verifier;
  readonly #log: Log;
  readonly #trusted: TrustedProxies;
  #said = { second: 0, times: 0 };

  constructor({ verifier, trustedProxies, log }: { verifier: Verifier; trustedProxies: string; log: Log }) {
    this.#verifier = verifier;
    this.#log = log;
    this.#trusted = new TrustedProxies(trustedProxies);
  }

  /** Decides. Whatever is not proven is refused. */
  async check({ asker, connectedFrom, headers, demands: readDemands }: Asked): Promise<Decision> {
    if (!this.#trusted.includes(asker)) {
      return this.#misconfigured(`${asker ?? 'the asker'} is not in TRUSTED_PROXIES`);
    }
    let demands: Demands;
    try {
      demands = readDemands();
    } catch (error) {
      if (!(error instanceof DemandsError)) throw error;
      return this.#misconfigured(`a check demands what cannot be demanded: ${error.message}`);
    }
    const credential = credentialOf(headers);
    if (credential.type === 'ambiguous') {
      return refuse('ambiguous-credentials', 'Send one credential: Authorization or X-API-Key, once.');
    }
    if (credential.type === 'none') return unauthenticated('missing');

    const origin = valuesOf(headers, 'origin').join(', ');
    const userAgent = valuesOf(headers, 'user-agent').join(' ').slice(0, MAX_USER_AGENT_LENGTH);
    const ip = this.#trusted.clientOf(connectedFrom, headers);
    const reply = await this.#verifier.verify({
      key: credential.key,
      ...demands,
      ...(origin && { origin }),
      ...(ip && { ip }),
      ...(userAgent && { userAgent }),
    });
    if (!reply.valid || reply.code !== 'VALID') return refusalOf(reply, demands);
    const identity = identityHeaders(reply);
    return identity ? { allowed: true, identity } : unavailable();
  }

  #misconfigured(why: string): Refusal {
    const second = Math.floor(performance.now() / 1_000);
    if (second !== this.#said.second) this.#said = { second, times: 0 };
    this.#said.times += 1;
    if (this.#said.times <= SAID_A_SECOND) this.#log.error(`nobody is let through: ${why}`);
    return refuse(
      'internal',
      'Keys are not checked as the proxy is configured; the log of forward-auth says why.',
    );
  }
}
