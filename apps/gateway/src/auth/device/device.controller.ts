/** Letting devices in, for programs: begin, then ask for tokens until a person has decided; refresh them later. */
import { Body, Controller, HttpCode, Post, Req } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional, ApiResponse, ApiTags } from '@nestjs/swagger';
import { IsIn, IsString, MaxLength, MinLength, ValidateIf } from 'class-validator';
import { type FastifyRequest } from 'fastify';
import { Accepts } from '../../http/accepts.ts';
import { DEVICE_PAGE_PATH } from '../../http/adapter.ts';
import { Operation } from '../../http/api-docs.ts';
import { IsGiven } from '../../http/fields.ts';
import { IsName } from '../../http/is-name.ts';
import { fieldProblem } from '../../http/problem-response.ts';
import { Access } from '../access.ts';
import { SessionCookie } from '../session-cookie.ts';
import { Sessions, type DeviceSession } from '../sessions.ts';
import { DeviceLimits } from './device-limits.ts';
import { Devices } from './devices.ts';

const GRANT_TYPES = ['device-code', 'refresh-token'] as const;
const NAME = '1b3D5f7H9j1L3n5P7r9T1v_7h9J1l3N5p7R9t1V3x5Z7b';
const SECRET = `${'0aB'.repeat(14)}0`;

export class DeviceBody {
  @ApiPropertyOptional({
    example: 'mcpstack on build-7',
    maxLength: 100,
    description: 'What the person reads who decides, and later the name of the session.',
  })
  @IsName()
  @IsGiven()
  clientName?: string;
}

export class DeviceAnswer {
  @ApiProperty({ example: `mcpstack_dc_${SECRET}`, description: 'For POST /auth/token. Show it to nobody.' })
  deviceCode!: string;

  @ApiProperty({ example: 'BCDF-GHJK', description: 'For a person to type.' })
  userCode!: string;

  @ApiProperty({ example: `https://keys.example.com${DEVICE_PAGE_PATH}` })
  verificationUri!: string;

  @ApiProperty({
    example: `https://keys.example.com${DEVICE_PAGE_PATH}?userCode=BCDF-GHJK`,
    description: 'With the code in it.',
  })
  verificationUriComplete!: string;

  @ApiProperty({ type: 'integer', example: 600, description: 'Of both codes. Seconds.' })
  expiresIn!: number;

  @ApiProperty({ type: 'integer', example: 5, description: 'To wait between two polls. Seconds.' })
  interval!: number;
}

export class TokenBody {
  @ApiProperty({ enum: GRANT_TYPES })
  @IsIn(GRANT_TYPES)
  grantType!: (typeof GRANT_TYPES)[number];

  @ApiPropertyOptional({
    example: `mcpstack_dc_${SECRET}`,
    maxLength: 300,
    description: 'With `device-code`, and only with it.',
  })
  @MaxLength(300)
  @MinLength(1)
  @IsString()
  @ValidateIf(
    ({ grantType, deviceCode }: TokenBody) => grantType === 'device-code' || deviceCode !== undefined,
  )
  deviceCode?: string;

  @ApiPropertyOptional({ maxLength: 300, description: 'With `refresh-token`, and only with it.' })
  @MaxLength(300)
  @MinLength(1)
  @IsString()
  @ValidateIf(
    ({ grantType, refreshToken }: TokenBody) => grantType === 'refresh-token' || refreshToken !== undefined,
  )
  refreshToken?: string;
}

export class TokenAnswer {
  @ApiProperty({
    example: `mcpstack_st_${NAME}_${SECRET}`,
    description: 'Send it as `Authorization: Bearer`.',
  })
  accessToken!: string;

  @ApiProperty({ enum: ['Bearer'] })
  tokenType!: 'Bearer';

  @ApiProperty({ type: 'integer', example: 900, description: 'Of the access token. Seconds.' })
  expiresIn!: number;

  @ApiProperty({
    example: `mcpstack_rt_${NAME}_5z7B9d1F3h5J7l9N1p3R5t_${SECRET}`,
    description: 'Good once, for the next two tokens, within 30 days.',
  })
  refreshToken!: string;

  @ApiProperty({ example: 'ses_7h9J1l3N5p7R9t1V3x5Z7b' })
  sessionId!: string;

  @ApiProperty({ example: 'user_1b3D5f7H9j1L3n5P7r9T1v' })
  userId!: string;
}

@ApiTags('auth')
@Controller('api/v1/auth')
export class DeviceController {
  constructor(
    private readonly devices: Devices,
    private readonly sessions: Sessions,
    private readonly limits: DeviceLimits,
    private readonly cookie: SessionCookie,
  ) {}

  @Post('device')
  @HttpCode(200)
  @Access({ to: 'public' })
  @Accepts({ body: 'optional' })
  @Operation('beginDeviceLogin', 'Ask to be let in as a person', {
    description:
      'For programs without a browser of their own. Show the person `verificationUri` and `userCode`, and poll ' +
      '`POST /auth/token`.',
  })
  @ApiResponse({ status: 200, description: 'The codes.', type: DeviceAnswer })
  async begin(@Body() body: DeviceBody, @Req() request: FastifyRequest): Promise<DeviceAnswer> {
    const { clientName } = body;
    const asked = { address: request.ip, ...(clientName !== undefined && { clientName }) };
    const { deviceCode, userCode, expiresIn, interval } = await this.devices.begin(asked);
    const verificationUri = `${this.cookie.origin}${DEVICE_PAGE_PATH}`;
    const verificationUriComplete = `${verificationUri}?userCode=${userCode}`;
    return { deviceCode, userCode, verificationUri, verificationUriComplete, expiresIn, interval };
  }

  @Post('token')
  @HttpCode(200)
  @Access({ to: 'public' })
  @Accepts({ body: true })
  @Operation('getToken', 'Get the tokens of a session', {
    description:
      'With a device code, once a person has approved: before, 400 `authorization-pending`, or `slow-down` with ' +
      'a longer interval; 400 `authorization-denied` and `grant-expired` are final. With a refresh token: it ' +
      'is good once; until the next tokens were used, and within 30 seconds, the same one again answers the ' +
      'same again; later it ends the session.',
  })
  @ApiResponse({ status: 200, description: 'Shown once.', type: TokenAnswer })
  async token(@Body() body: TokenBody, @Req() request: FastifyRequest): Promise<TokenAnswer> {
    await this.limits.token.take(request.ip);
    return tokenAnswer(await this.session(body));
  }

  private session({ grantType, deviceCode, refreshToken }: TokenBody): Promise<DeviceSession> {
    if (grantType === 'device-code') {
      if (refreshToken !== undefined) throw fieldProblem('refreshToken', 'goes with `refresh-token`');
      return this.devices.poll(deviceCode!);
    }
    if (deviceCode !== undefined) throw fieldProblem('deviceCode', 'goes with `device-code`');
    return this.sessions.refresh(refreshToken!);
  }
}

function tokenAnswer({
  accessToken,
  expiresIn,
  refreshToken,
  sessionId,
  userId,
}: DeviceSession): TokenAnswer {
  return { accessToken, tokenType: 'Bearer', expiresIn, refreshToken, sessionId, userId };
}
