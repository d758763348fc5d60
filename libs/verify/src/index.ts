/** Checks MCPStack keys in a service that uses them. */
export type { VerifyCode, VerifyReply, RateLimitState } from '@mcpstack/contracts';
export { createVerifier, type Verifier, type VerifierOptions, type VerifierStats } from './verifier.ts';
export type { Question } from './question.ts';
