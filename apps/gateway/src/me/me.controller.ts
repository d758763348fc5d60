/** Who the caller is, and a person's own profile. */
import { Body, Controller, Delete, Get, HttpCode, Patch, Req, Res } from '@nestjs/common';
import { ApiResponse, ApiTags } from '@nestjs/swagger';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { Access } from '../auth/access.ts';
import { asUser, CurrentCaller, type Caller } from '../auth/caller.ts';
import { Accepts } from '../http/accepts.ts';
import { ApiRead, ApiWrite, Operation } from '../http/api-docs.ts';
import { Commands } from '../http/commands.ts';
import { refuseEmpty } from '../http/fields.ts';
import { setWriteHeaders } from '../http/write-headers.ts';
import { Reads } from '../reads.ts';
import { MeAnswer, profileAnswer, ProfileAnswer, ProfileBody } from './me.ts';

@ApiTags('me')
@Controller('api/v1/me')
export class MeController {
  constructor(
    private readonly commands: Commands,
    private readonly reads: Reads,
  ) {}

  @Get()
  @Access({ to: 'anyone' })
  @Operation('getMe', 'Get who you are')
  @ApiResponse({ status: 200, description: 'The caller.', type: MeAnswer })
  me(@CurrentCaller() caller: Caller): MeAnswer {
    if (caller.type === 'user') return { type: 'user', id: caller.userId };
    const { keyId, organizationId, role, permissions, scope, expiresAt } = caller;
    return {
      type: 'key',
      id: keyId,
      organizationId,
      role,
      permissions,
      ...(scope !== undefined && { scope }),
      ...(expiresAt !== undefined && { expiresAt }),
    };
  }

  @Get('profile')
  @Access({ to: 'people' })
  @Operation('getProfile', 'Get your profile')
  @ApiRead('Name and e-mail, where they are known.', ProfileAnswer)
  async profile(@CurrentCaller() caller: Caller): Promise<ProfileAnswer> {
    const { userId } = asUser(caller);
    const [profile] = await this.reads.profiles([userId]);
    return profileAnswer(userId, profile);
  }

  /** The command answers no profile, so the read waits for it: 503 may follow a change that was made. */
  @Patch('profile')
  @Access({ to: 'people' })
  @Accepts({ body: true })
  @Operation('changeProfile', 'Change your profile', { description: 'What is absent stays.' })
  @ApiWrite(200, 'The profile.', ProfileAnswer)
  async changeProfile(
    @CurrentCaller() caller: Caller,
    @Body() body: ProfileBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ProfileAnswer> {
    const { userId } = asUser(caller);
    refuseEmpty(body);
    const { name, email } = body;
    const input = { ...(name !== undefined && { name }), ...(email !== undefined && { email }) };
    const { position } = await this.commands.send('changeProfile', request, input);
    setWriteHeaders(reply, { position });
    await this.reads.reach(position);
    const [profile] = await this.reads.profiles([userId]);
    return profileAnswer(userId, profile);
  }

  @Delete('profile')
  @HttpCode(204)
  @Access({ to: 'people' })
  @Operation('eraseProfile', 'Erase your profile')
  @ApiWrite(204, 'Name and e-mail are kept no more.')
  async eraseProfile(
    @CurrentCaller() caller: Caller,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const { userId } = asUser(caller);
    setWriteHeaders(reply, await this.commands.send('eraseProfile', request, { userId }));
  }
}
