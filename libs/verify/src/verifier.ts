/** The SDK: one connection, checks in batches, answers reused for as long as that is safe (G3). */
import type { VerifyReply } from '@mcpstack/contracts';
import type { NatsConnection, NodeConnectionOptions } from '@nats-io/transport-node';
import type { Question } from './question.ts';

export interface VerifierOptions {
  /** Where NATS is, TLS and credentials: what the NATS library's own `connect` takes. */
  nats: NodeConnectionOptions | NatsConnection;
  /** The reply is out within this long; UNAVAILABLE if nobody answers. 2,000 by default. Milliseconds. */
  timeoutMs?: number;
  /** How many answers are kept for reuse; 10,000 by default. 0 keeps none. */
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
}

export interface Verifier {
  /** Answers a check. Never rejects: what cannot be proven is UNAVAILABLE, with the reason in `message`. */
  verify(question: Question): Promise<VerifyReply>;
  stats(): VerifierStats;
  /** Says what is not yet said of reuses, and ends. */
  close(): Promise<void>;
}

/** Connects, and checks. @throws when NATS refuses the connection. */
export function createVerifier(options: VerifierOptions): Promise<Verifier> {
  return Promise.reject(new Error(`not built yet: ${Object.keys(options).join(', ')}`));
}
