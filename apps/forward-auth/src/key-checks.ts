/** One check, whichever proxy asks: may it ask, what does the route demand, and what comes of the client's request. */
import type { Log } from '@mcpstack/service-kit';
import {
  refusal,
  requestCheck,
  TrustedProxies,
  type CheckedRequest,
  type Outcome,
  type Refusal,
  type Verifier,
} from '@mcpstack/verify';
import { DemandsError, type Demands } from './demands.ts';
import { identityHeaders, type IdentityHeader } from './identity.ts';

export interface Asked {
  /** The address of the proxy that asks. */
  asker: string | undefined;
  /** The client's request, as far as the proxy tells of it. */
  request: CheckedRequest;
  /** Reads what the route demands. */
  demands: () => Demands;
}

/** Told of each check: the status of its answer, and how long it took. */
export type OnCheck = (status: number, durationMs: number) => void;

export type Decision = { ok: true; identity: Record<IdentityHeader, string> } | Refusal;

/** A fault of the configuration is there at every request, and is said this often in a second. */
const SAID_A_SECOND = 5;

export interface KeyChecksOptions {
  verifier: Verifier;
  trustedProxies: string;
  log: Log;
  onCheck?: OnCheck;
}

export class KeyChecks {
  readonly #verifier: Verifier;
  readonly #log: Log;
  readonly #trusted: TrustedProxies;
  readonly #onCheck: OnCheck | undefined;
  #said = { second: 0, times: 0 };

  /** @throws RangeError for a proxy that is none. */
  constructor({ verifier, trustedProxies, log, onCheck }: KeyChecksOptions) {
    this.#verifier = verifier;
    this.#log = log;
    this.#onCheck = onCheck;
    const blocks = trustedProxies.split(',').map((block) => block.trim());
    // Only proxies ask here: one that reports nobody is not the client.
    this.#trusted = new TrustedProxies(blocks, { areClients: false });
  }

  /** Decides. Whatever is not proven is refused. */
  async check(asked: Asked): Promise<Decision> {
    const began = performance.now();
    const decision = await this.#check(asked);
    this.#onCheck?.(decision.ok ? 200 : decision.status, performance.now() - began);
    return decision;
  }

  async #check({ asker, request, demands: readDemands }: Asked): Promise<Decision> {
    if (!this.#trusted.includes(asker)) {
      return this.#misconfigured(`${asker ?? 'the asker'} is not in TRUSTED_PROXIES`);
    }
    let check: (request: CheckedRequest) => Promise<Outcome>;
    try {
      check = requestCheck(this.#verifier, { ...readDemands(), trustedProxies: this.#trusted });
    } catch (error) {
      if (!(error instanceof DemandsError)) throw error;
      return this.#misconfigured(`a check demands what cannot be demanded: ${error.message}`);
    }
    const outcome = await check(request);
    if (!outcome.ok) return outcome;
    const identity = identityHeaders(outcome.key);
    return identity
      ? { ok: true, identity }
      : refusal('unavailable', 'Who calls cannot be told to the service: no header can carry it.');
  }

  #misconfigured(why: string): Refusal {
    const second = Math.floor(performance.now() / 1_000);
    if (second !== this.#said.second) this.#said = { second, times: 0 };
    this.#said.times += 1;
    if (this.#said.times <= SAID_A_SECOND) this.#log.error(`nobody is let through: ${why}`);
    return refusal(
      'internal',
      'Keys are not checked as the proxy is configured; the log of forward-auth says why.',
    );
  }
}
