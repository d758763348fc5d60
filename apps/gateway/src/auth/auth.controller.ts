/** Log out. */
import { Controller, HttpCode, Post, Res } from '@nestjs/common';
import { ApiResponse, ApiTags } from '@nestjs/swagger';
import { type FastifyReply } from 'fastify';
import { Operation } from '../http/api-docs.ts';
import { Access } from './access.ts';
import { asUser, CurrentCaller, type Caller } from './caller.ts';
import { SessionCookie } from './session-cookie.ts';
import { Sessions } from './sessions.ts';

@ApiTags('auth')
@Controller('api/v1/auth')
export class AuthController {
  constructor(
    private readonly sessions: Sessions,
    private readonly cookie: SessionCookie,
  ) {}

  @Post('logout')
  @HttpCode(204)
  @Access({ to: 'people' })
  @Operation('logout', 'Log out')
  @ApiResponse({ status: 204, description: 'The session has ended.' })
  async logout(
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const { userId, sessionId } = asUser(caller);
    await this.sessions.end(userId, sessionId);
    this.cookie.clear(reply);
  }
}
