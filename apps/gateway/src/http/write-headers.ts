/** The headers that answer a write. */
import type { FastifyReply } from 'fastify';
import { setEtag } from './etag.ts';
import { POSITION_HEADER } from './position.ts';

export interface Written {
  /** In the log, decimal. */
  position: string;
  /** Of the one resource that is answered. */
  revision?: string;
  /** Path of what was made. */
  location?: string;
}

export function setWriteHeaders(reply: FastifyReply, { position, revision, location }: Written): void {
  void reply.header(POSITION_HEADER, position);
  if (revision !== undefined) setEtag(reply, revision);
  if (location !== undefined) void reply.header('Location', location);
}
