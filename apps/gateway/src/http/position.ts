/** `Mcpstack-Position` (G6): a write answers it; whoever sends it back sees at least that write. */
import type { FastifyRequest } from 'fastify';
import { ProblemError } from '@mcpstack/contracts';
import { headerValues } from './headers.ts';

export const POSITION_HEADER = 'Mcpstack-Position';

/** How long a request waits for the read models to reach its position. Milliseconds. */
export const POSITION_WAIT_MS = 2_000;

/**
 * The position that the request carries. Opaque to callers; to us a decimal log position, below 2^53.
 * @throws ProblemError `bad-request` when it is none that we answered.
 */
export function positionOf(request: FastifyRequest): string | undefined {
  const values = headerValues(request.raw, POSITION_HEADER.toLowerCase());
  if (values.length === 0) return undefined;
  if (values.length > 1 || !/^(?:0|[1-9][0-9]{0,15})$/.test(values[0]!)) {
    throw new ProblemError('bad-request', `${POSITION_HEADER} must be a value that a write answered.`);
  }
  return values[0];
}
