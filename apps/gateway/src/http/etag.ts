/** `ETag` and `If-Match` (RFC 9110, sections 8.8.3 and 13.1.1): a change rests on what the caller has seen. */
import { SetMetadata } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { headerValues } from './headers.ts';
import { fieldProblem } from './problem-response.ts';

/** Names the revision of the one resource that is answered. */
export function setEtag(reply: FastifyReply, revision: string): void {
  void reply.header('ETag', `"${revision}"`);
}

/**
 * What `If-Match` demands, to be spread into a command's input. Issuance compares it, so that no change slips
 * between the look and the write. `*` demands only that there is something, which every change does anyway.
 * @throws ProblemError `validation-failed` for anything but one strong tag as we answer them, or `*`. A weak tag
 *   never matches by the RFC, and a list would be a race that the caller lost: neither is worth a silent pass.
 */
export function ifMatchOf(request: FastifyRequest): { ifRevision?: string } {
  const values = headerValues(request.raw, 'if-match');
  if (values.length === 0) return {};
  const [value] = values;
  if (values.length > 1 || !/^(?:\*|"(?:0|[1-9][0-9]{0,15})")$/.test(value!))
    throw fieldProblem('If-Match', 'must be the ETag of the resource, such as "7", or *');
  return value === '*' ? {} : { ifRevision: value!.slice(1, -1) };
}

const COMPARES = 'mcpstack:if-match';

/** The route hands `ifMatchOf` on. On every other one that writes the header is refused, by `refuseUnread`. */
export const ComparesIfMatch = (): MethodDecorator => SetMetadata(COMPARES, true);

/**
 * A write that rests on `If-Match` must not happen where nobody compares it: the caller would take it for safe.
 * @throws ProblemError `validation-failed`
 */
export function refuseUnread(request: FastifyRequest, handler: object): void {
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  if (isRead || Reflect.getMetadata(COMPARES, handler) === true) return;
  if (headerValues(request.raw, 'if-match').length > 0)
    throw fieldProblem('If-Match', 'this address does not compare it: send the request without');
}
