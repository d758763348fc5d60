/** Checks MCPStack keys in a service that uses them. */
export type { VerifyCode, VerifyReply, RateLimitState } from '@mcpstack/contracts';
export { createVerifier, type Verifier, type VerifierOptions, type VerifierStats } from './verifier.ts';
export type { Question } from './question.ts';
export { keyOf, requireKey, type NodeRequest } from './http-node.ts';
export {
  requestCheck,
  type CheckedKey,
  type CheckedRequest,
  type Outcome,
  type RequireKeyOptions,
} from './http.ts';
export { TrustedProxies } from './http-address.ts';
export { refusal, type Refusal } from './http-refusals.ts';
