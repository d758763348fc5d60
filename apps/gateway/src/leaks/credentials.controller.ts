/** Ends leaked keys without login: whoever holds a secret may end it. */
import { Body, Controller, HttpCode, Post, Req } from '@nestjs/common';
import { ApiProperty, ApiResponse, ApiTags } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsString, MaxLength, MinLength } from 'class-validator';
import type { FastifyRequest } from 'fastify';
import { Access } from '../auth/access.ts';
import { Accepts } from '../http/accepts.ts';
import { Operation } from '../http/api-docs.ts';
import { AddressLimit } from './address-limit.ts';
import { MAX_IDENTIFIED } from './identify.ts';
import { LeakReports } from './reports.ts';

export class RevokeCredentialsBody {
  @ApiProperty({
    type: 'array',
    items: { type: 'string', minLength: 1, maxLength: 512 },
    minItems: 1,
    maxItems: MAX_IDENTIFIED,
    description:
      'Secrets of service keys, as they stand. Publishable keys are no secret and are passed over.',
  })
  @MaxLength(512, { each: true })
  @MinLength(1, { each: true })
  @IsString({ each: true })
  @ArrayMaxSize(MAX_IDENTIFIED)
  @ArrayMinSize(1)
  @IsArray()
  credentials!: string[];
}

export class AcceptedAnswer {
  @ApiProperty({ type: 'integer', minimum: 1, description: 'How many were sent.' })
  accepted!: number;
}

@ApiTags('leaks')
@Controller('api/v1/credentials/revoke')
export class CredentialsController {
  constructor(
    private readonly reports: LeakReports,
    private readonly limit: AddressLimit,
  ) {}

  @Post()
  @HttpCode(202)
  @Access({ to: 'public' })
  @Accepts({ body: true, maxValues: MAX_IDENTIFIED + 100 })
  @Operation('revokeCredentials', 'Ends leaked service keys. No login: whoever holds a secret may end it.', {
    description:
      'The answer is the same whatever was found. What was found is revoked, finally, when it comes. ' +
      'Answers 429 to an address that asks too often.',
    security: [],
  })
  @ApiResponse({ status: 202, description: 'Done.', type: AcceptedAnswer })
  async revoke(
    @Body() { credentials }: RevokeCredentialsBody,
    @Req() request: FastifyRequest,
  ): Promise<AcceptedAnswer> {
    await this.limit.take(request.ip);
    // A key that was read from a file ends with a line break; the answer would not tell that it was passed over.
    const tokens = credentials.map((text) => text.trim());
    await this.reports.report(tokens, 'holder', request.id);
    return { accepted: credentials.length };
  }
}
