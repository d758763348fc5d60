/** Log in and out. */
import { Body, Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiProperty, ApiResponse, ApiTags } from '@nestjs/swagger';
import { IsString, MaxLength, MinLength } from 'class-validator';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { Accepts } from '../http/accepts.ts';
import { Operation } from '../http/api-docs.ts';
import { Access } from './access.ts';
import { asUser, CurrentCaller, type Caller } from './caller.ts';
import { SessionCookie } from './session-cookie.ts';
import { LocalLogin } from './local-login.ts';
import { Sessions } from './sessions.ts';

export class LoginBody {
  @ApiProperty({ example: 'owner@localhost', maxLength: 254 })
  @MaxLength(254)
  @MinLength(3)
  @IsString()
  email!: string;

  @ApiProperty({ format: 'password', example: 'correct horse battery', maxLength: 1024 })
  @MaxLength(1024)
  @MinLength(1)
  @IsString()
  password!: string;
}

export class LoginAnswer {
  @ApiProperty({
    example: `mcpstack_st_1b3D5f7H9j1L3n5P7r9T1v_7h9J1l3N5p7R9t1V3x5Z7b_${'0aB'.repeat(14)}0`,
    description: 'Send it as `Authorization: Bearer`. Shown once.',
  })
  token!: string;

  @ApiProperty({ format: 'date-time' })
  expiresAt!: string;
}

@ApiTags('auth')
@Controller('api/v1/auth')
export class AuthController {
  constructor(
    private readonly logins: LocalLogin,
    private readonly sessions: Sessions,
    private readonly cookie: SessionCookie,
  ) {}

  @Post('login')
  @HttpCode(200)
  @Access({ to: 'public' })
  @Operation('login', 'Log in')
  @Accepts({ body: true })
  @ApiResponse({ status: 200, description: 'A session.', type: LoginAnswer })
  async login(@Body() body: LoginBody, @Req() request: FastifyRequest): Promise<LoginAnswer> {
    const userId = await this.logins.login(body.email, body.password, request.ip);
    const { token, expiresAt } = await this.sessions.begin({
      userId,
      kind: 'browser',
      label: 'Password login',
    });
    return { token, expiresAt };
  }

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
