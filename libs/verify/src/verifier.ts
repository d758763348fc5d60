/** The SDK: one connection, checks in batches, answers reused for as long as that is safe (G3). */
import type { VerifyReply } from '@mcpstack/contracts';
import type { NatsConnection, NodeConnectionOptions } from '@nats-io/transport-node';
import { Checks } from './checks.ts';
import { openConnection } from './connection.ts';
import type { Question } from './question.ts';
import { findTracing } from './trace-context.ts';

export interface VerifierOptions {
  /**
   * Where NATS is, TLS and credentials: what the NATS library's own `connect` takes. A lost connection is made
   * again for ever, unless this says otherwise. Or a connection, which stays the caller's to close.
   */
  nats: NodeConnectionOptions | NatsConnection;
  /** The reply is out within this long; UNAVAILABLE if nobody answers. 50 to 60,000; 2,000 by default. Milliseconds. */
  timeoutMs?: number;
  /** How many answers are kept for reuse; 10,000 by default. 0 keeps none: every check is asked. */
  maxReused?: number;
  /** More checks than this that wait for an answer are UNAVAILABLE at once; 16,384 by default. */
  maxInFlight?: number;
  /** First part of the tokens; `mcpstack` by default. A key that is none is refused without any I/O. */
  tokenPrefix?: string;
}

/** What happened since it was made, for metrics. */
export interface VerifierStats {
  /** Checks that were answered, in all. */
  checks: number;
  /** Those answered from an earlier reply, without asking. */
  reused: number;
  /** Messages sent, each with one check or many. */
  messages: number;
  unavailable: number;
  /** Uses that could not be told of, and are counted nowhere. */
  uncounted: number;
}

export interface Verifier {
  /**
   * Answers a check. Never rejects: what cannot be proven is UNAVAILABLE, with the reason in `message`. An answer
   * that was reused is frozen, and its `freshForMs` is 0: nobody may reuse it again.
   */
  verify(question: Question): Promise<VerifyReply>;
  stats(): VerifierStats;
  /** Says what is not yet said of reuses, and ends. */
  close(): Promise<void>;
}

/**
 * Connects, and checks.
 *
 * @example
 * const verifier = await createVerifier({ nats: { servers: 'nats://localhost:4222' } });
 * const { valid, code } = await verifier.verify({ key, permission: 'servers:read' });
 *
 * @throws RangeError for an option that cannot be used, which says what to write; an Error when NATS is not reached or
 * refuses the connection.
 */
export async function createVerifier(options: VerifierOptions): Promise<Verifier> {
  validate(options);
  const { timeoutMs = 2_000, maxReused = 10_000, maxInFlight = 16_384, tokenPrefix } = options;
  inRange('timeoutMs', timeoutMs, 50, 60_000);
  inRange('maxReused', maxReused, 0, 10_000_000);
  inRange('maxInFlight', maxInFlight, 1, 1_000_000);
  const [opened] = await Promise.all([openConnection(options.nats), findTracing()]);
  return new Checks({ ...opened, timeoutMs, maxReused, maxInFlight, tokenPrefix });
}

const OPTIONS: ReadonlySet<string> = new Set([
  'nats',
  'timeoutMs',
  'maxReused',
  'maxInFlight',
  'tokenPrefix',
] satisfies (keyof VerifierOptions)[]);

/** Callers in JavaScript have no compiler that sees a misspelled option, or a variable that is not set. */
function validate(options: unknown): asserts options is VerifierOptions {
  const { nats } = Object(options) as { nats?: unknown };
  if (typeof nats !== 'object' || nats === null)
    throw new RangeError(
      "nats must be { servers: 'nats://host:4222' } with what else `connect` takes, or a connection",
    );
  if ('servers' in nats && nats.servers === undefined)
    throw new RangeError(
      'nats.servers is undefined: set the variable that it is taken from, or leave it out',
    );
  for (const name of Object.keys(options as object)) {
    if (!OPTIONS.has(name))
      throw new RangeError(`${name} is no option: there are ${[...OPTIONS].join(', ')}`);
  }
}

function inRange(name: string, value: number, min: number, max: number): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  throw new RangeError(`${name} must be a whole number from ${min} to ${max}`);
}
