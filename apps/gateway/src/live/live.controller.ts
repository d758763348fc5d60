/** The stream of changes that open pages follow. */
import { ProblemError } from '@mcpstack/contracts';
import { Controller, Headers, Param, Req, Sse, type MessageEvent } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { Observable } from 'rxjs';
import { Access } from '../auth/access.ts';
import { asUser, CurrentCaller, type Caller } from '../auth/caller.ts';
import { LiveChanges } from './live-changes.ts';

const POSITION = /^(?:0|[1-9][0-9]{0,15})$/;

/** For the console alone: programs follow `GET …/events`, which tells what happened and by whom. */
@ApiExcludeController()
@Controller('api/v1/organizations/:orgId')
export class LiveController {
  constructor(private readonly changes: LiveChanges) {}

  @Sse('changes')
  @Access({ to: 'organization', permission: 'organization:read' })
  follow(
    @Param('orgId') orgId: string,
    @CurrentCaller() caller: Caller,
    @Headers('last-event-id') since: string | undefined,
    @Req() { method, raw: { socket } }: FastifyRequest,
  ): Observable<MessageEvent> {
    // A stream without a body would hold its connection for nothing.
    if (method === 'HEAD')
      throw new ProblemError('method-not-allowed', 'The stream of changes takes GET alone.');
    const user = asUser(caller);
    if (!this.changes.hasRoom(user.userId))
      throw new ProblemError('too-many-requests', 'Too many pages are open. Close some of them.');
    const seen = since !== undefined && POSITION.test(since) ? since : undefined;
    return this.changes.stream({ orgId, user, since: seen, socket });
  }
}
