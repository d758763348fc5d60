/** Where a person is logged in, and ending that. */
import { ProblemError } from '@mcpstack/contracts';
import { Controller, Delete, Get, HttpCode, Param } from '@nestjs/common';
import { ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Access } from '../auth/access.ts';
import { asUser, CurrentCaller, type Caller } from '../auth/caller.ts';
import { Sessions } from '../auth/sessions.ts';
import { Operation } from '../http/api-docs.ts';
import { sessionAnswer, SessionList } from './sessions.ts';

@ApiTags('me')
@Controller('api/v1/me/sessions')
export class MySessionsController {
  constructor(private readonly sessions: Sessions) {}

  @Get()
  @Access({ to: 'people' })
  @Operation('listSessions', 'List where you are logged in')
  @ApiResponse({ status: 200, description: 'Your sessions, the newest first.', type: SessionList })
  async list(@CurrentCaller() caller: Caller): Promise<SessionList> {
    const { userId, sessionId } = asUser(caller);
    const sessions = await this.sessions.list(userId);
    return { data: sessions.map((session) => sessionAnswer(session, sessionId)) };
  }

  /** One that has ended is answered alike, so that a repeated request is no error. */
  @Delete(':sessionId')
  @HttpCode(204)
  @Access({ to: 'people' })
  @ApiParam({ name: 'sessionId', type: String })
  @Operation('endSession', 'End a session of yours')
  @ApiResponse({ status: 204, description: 'No request that begins later is let in with it.' })
  async end(@CurrentCaller() caller: Caller, @Param('sessionId') sessionId: string): Promise<void> {
    if (!(await this.sessions.end(asUser(caller).userId, sessionId)))
      throw new ProblemError('not-found', 'You have no such session.');
  }
}
