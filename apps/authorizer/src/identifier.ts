/** Which keys some digests belong to, whatever the keys' state: for the gateway's reports and imports. */
import { isTokenDigest, type IdentifiedKey, type IdentifyReply } from '@mcpstack/contracts';
import type { KeyLookup, ReadModels } from '@mcpstack/read-models';
import type { Peppers } from '@mcpstack/service-kit';
import { within } from './deadline.ts';

export interface IdentifierOptions {
  models: Pick<ReadModels, 'findMany'>;
  peppers: Peppers;
  /** The reply is out within this long. Milliseconds. */
  deadlineMs?: number;
  /** More requests than this at once are not looked at: each is up to 1,000 look-ups. */
  maxInFlight?: number;
  /** Told of failures that nobody expected. */
  onError?: (error: unknown) => void;
}

const DEADLINE_MS = 2_000;
const MAX_IN_FLIGHT = 8;
const MAX_DIGESTS = 1_000;
/** 1,000 digests with their quotes and commas, and room for spaces. */
const MAX_REQUEST_BYTES = 80_000;
const UTF8 = new TextDecoder('utf-8', { fatal: true });

export class Identifier {
  readonly #options: IdentifierOptions;
  #inFlight = 0;

  constructor(options: IdentifierOptions) {
    this.#options = options;
  }

  /** Answers a request. Never rejects. */
  async identify(bytes: Uint8Array): Promise<IdentifyReply> {
    const { deadlineMs = DEADLINE_MS, maxInFlight = MAX_IN_FLIGHT } = this.#options;
    const digests = parseDigests(bytes);
    if (!digests)
      return { reason: `the request is not {"digests": [1 to ${MAX_DIGESTS} lower-case SHA-256 digests]}` };
    if (this.#inFlight >= maxInFlight) return { reason: 'too many requests at once' };
    this.#inFlight += 1;
    try {
      const reason = `not answered within ${deadlineMs} ms`;
      return await within<IdentifyReply>(deadlineMs, this.#find(digests), () => ({ reason }));
    } catch (error) {
      const isKnown = (error as { code?: unknown }).code === 'unavailable';
      if (!isKnown) this.#options.onError?.(error);
      return { reason: isKnown ? (error as Error).message : 'something went wrong on our side' };
    } finally {
      this.#inFlight -= 1;
    }
  }

  async #find(digests: readonly string[]): Promise<IdentifyReply> {
    const { models, peppers } = this.#options;
    const reading = await models.findMany(digests.map((digest) => peppers.candidates(digest)));
    // Nothing is permitted by this, so Δ does not matter; but an emptied data set must not say "no key".
    if (!reading.trusted) return { reason: reading.reason ?? 'the read models are not trusted' };
    if (reading.value.length !== digests.length) return { reason: 'the read models answered something else' };
    const unprovable = reading.value.find((lookup) => lookup.status === 'unprovable');
    return unprovable ? { reason: unprovable.reason } : { keys: reading.value.map(identified) };
  }
}

function identified(lookup: KeyLookup): IdentifiedKey | null {
  if (lookup.status !== 'found') return null;
  const { id: keyId, organizationId, kind, state } = lookup.key;
  return { keyId, organizationId, kind, state };
}

/** The digests of a request in which everything is in order. */
function parseDigests(bytes: Uint8Array): readonly string[] | undefined {
  if (bytes.length > MAX_REQUEST_BYTES) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(UTF8.decode(bytes));
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || Object.keys(value).join() !== 'digests')
    return undefined;
  const { digests } = value as { digests: unknown };
  if (!Array.isArray(digests) || digests.length < 1 || digests.length > MAX_DIGESTS) return undefined;
  return digests.every(isTokenDigest) ? digests : undefined;
}
