/** Why a key is or would be refused: every step of a check with what was found. Consumes and counts nothing. */
import type { ExplainedCheck, ExplainReply } from '@mcpstack/contracts';
import type { KeyLookup, ReadModels, Reading } from '@mcpstack/read-models';
import type { Peppers } from '@mcpstack/service-kit';
import { within } from './deadline.ts';
import { STEPS, type Finding } from './evaluate.ts';
import { boundsOf, wouldTake } from './limits.ts';
import { parseExplain, type ParsedExplain, type Terms } from './request.ts';

export interface ExplainerOptions {
  models: Pick<ReadModels, 'findByDigests' | 'findKey' | 'waitFor' | 'take'>;
  peppers: Pick<Peppers, 'candidates'>;
  tokenPrefix: string;
  onError?: (error: unknown) => void;
}

const DEADLINE_MS = 2_000;
const POSITION_WAIT_MS = 1_000;
const MAX_IN_FLIGHT = 64;

/** For people, where a finding says no more than its code or that nothing stands in the way. */
const TEXTS: Readonly<Record<ExplainedCheck['check'], readonly [passed: string, failed: string]>> = {
  proof: ['The read models are current.', 'The read models prove nothing now.'],
  expectation: [
    'The key is known, and the one that is expected.',
    'There is no such key, or another is expected.',
  ],
  secret: ['The secret is in force; by keyId, the newest one is looked at.', 'The secret is not in force.'],
  state: ['The key and its organization are in force.', 'The key or its organization is not in force.'],
  origin: ['The origin, or that there is none, is right.', 'The key may not be used from this origin.'],
  address: [
    'The address is allowed, or none is asked for.',
    "The address is missing or not in the key's allow list.",
  ],
  permission: ['The key covers what is asked.', 'The key does not cover what is asked.'],
  limits: ['No limit or quota stands in the way.', 'A limit or quota has no room for the cost.'],
};

export class Explainer {
  readonly #options: ExplainerOptions;
  #inFlight = 0;

  constructor(options: ExplainerOptions) {
    this.#options = options;
  }

  /** Answers a request. Never rejects. */
  async explain(bytes: Uint8Array): Promise<ExplainReply> {
    if (this.#inFlight >= MAX_IN_FLIGHT) return nothing('UNAVAILABLE', 'too many requests at once');
    const parsed = parseExplain(bytes, this.#options.tokenPrefix);
    if (!parsed.ok) return nothing('MALFORMED', parsed.message);
    this.#inFlight += 1;
    try {
      return await within(DEADLINE_MS, this.#explain(parsed.request), () =>
        nothing('UNAVAILABLE', `not answered within ${DEADLINE_MS} ms`),
      );
    } catch (error) {
      const isKnown = (error as { code?: unknown }).code === 'unavailable';
      if (!isKnown) this.#options.onError?.(error);
      return nothing('UNAVAILABLE', isKnown ? (error as Error).message : 'something went wrong on our side');
    } finally {
      this.#inFlight -= 1;
    }
  }

  async #explain({ key, terms }: ParsedExplain): Promise<ExplainReply> {
    const { models, peppers } = this.#options;
    if (terms.position !== undefined && !(await models.waitFor(terms.position, POSITION_WAIT_MS)))
      return nothing('UNAVAILABLE', 'the read models have not reached the position yet');
    const reading = await ('digest' in key
      ? models.findByDigests(peppers.candidates(key.digest))
      : models.findKey(key.organizationId, key.keyId));
    const now = { monotonicMs: performance.now(), wallMs: Date.now() };
    const checks = explained(terms, reading, now);
    const { value } = reading;
    if (value.status === 'found') checks.push(await this.#limits(value, terms));
    const code = checks.find(({ passed }) => !passed)?.code ?? 'VALID';
    return {
      code,
      checks,
      ...(value.status === 'found' && { keyId: value.key.id, orgId: value.key.organizationId }),
      position: reading.position,
      ageMs: Math.max(0, Math.round(now.monotonicMs - reading.beganAtMs)),
    };
  }

  async #limits(
    { key }: Extract<KeyLookup, { status: 'found' }>,
    { cost = 1 }: Terms,
  ): Promise<ExplainedCheck> {
    const bounds = boundsOf(key);
    if (!bounds) return told('limits', Infinity);
    const [looked] = await this.#options.models.take([{ keyId: key.id, bounds, cost: 0 }]);
    const { refusedBy } = wouldTake(bounds, cost, looked!.states);
    if (!refusedBy) return told('limits', Infinity);
    return told('limits', { code: refusedBy === 'limit' ? 'RATE_LIMITED' : 'QUOTA_EXCEEDED' });
  }
}

/** The steps of `evaluate`, all of them. Where there is no key, those that look at one are left out. */
export function explained(
  terms: Terms,
  reading: Reading<KeyLookup>,
  now: { monotonicMs: number; wallMs: number },
): ExplainedCheck[] {
  const steps = reading.value.status === 'found' ? STEPS : STEPS.slice(0, 2);
  return steps.map(({ check, find }) => told(check, find(reading, terms, now)));
}

function told(check: ExplainedCheck['check'], finding: Finding): ExplainedCheck {
  const [passed, failed] = TEXTS[check];
  if (typeof finding === 'number') return { check, passed: true, message: passed };
  return { check, passed: false, code: finding.code, message: finding.message ?? failed };
}

function nothing(code: ExplainReply['code'], message: string): ExplainReply {
  return { code, checks: [], message };
}
