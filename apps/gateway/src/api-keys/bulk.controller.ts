/** Many service keys in one request: revoked by a filter, imported by their digests. */
import type { ApiKey, Problem } from '@mcpstack/contracts';
import { Body, Controller, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import {
  ApiExtraModels,
  ApiParam,
  ApiProperty,
  ApiPropertyOptional,
  ApiTags,
  getSchemaPath,
} from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsBoolean, IsObject, ValidateNested } from 'class-validator';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Access } from '../auth/access.ts';
import { Accepts } from '../http/accepts.ts';
import { ApiWrite, Operation } from '../http/api-docs.ts';
import { IsGiven } from '../http/fields.ts';
import { fieldProblem } from '../http/problem-response.ts';
import { setWriteHeaders } from '../http/write-headers.ts';
import { ApiKeyAnswer } from './answers.ts';
import { filterOf, KeyFilterBody } from './bodies.ts';
import { BulkRevoke, MAX_KEYS } from './bulk-revoke.ts';
import { ImportedKeyBody, KeyImport, MAX_IMPORTED } from './key-import.ts';

export class BulkRevokeBody {
  @ApiProperty({ type: KeyFilterBody, description: 'At least one field; a key must meet all of them.' })
  @Type(() => KeyFilterBody)
  @ValidateNested()
  @IsObject()
  filter!: KeyFilterBody;

  @ApiPropertyOptional({ default: false, description: 'Only says what would be revoked now.' })
  @IsBoolean()
  @IsGiven()
  dryRun?: boolean;
}

export class BulkKeyAnswer {
  @ApiProperty()
  id!: string;

  @ApiProperty()
  name!: string;

  @ApiPropertyOptional({ format: 'date-time' })
  lastUsedAt?: string;
}

export class BulkRevokeAnswer {
  @ApiProperty()
  dryRun!: boolean;

  @ApiProperty({ type: [BulkKeyAnswer], maxItems: MAX_KEYS, description: 'Those revoked, newest first.' })
  keys!: readonly BulkKeyAnswer[];

  @ApiProperty({ type: 'integer', minimum: 0 })
  count!: number;

  @ApiPropertyOptional({ enum: [true], description: 'There may be others: repeat the request to go on.' })
  more?: true;
}

@ApiExtraModels(ImportedKeyBody)
export class ImportKeysBody {
  // Each line is validated by itself, so that one that is wrong does not stand in the way of the others.
  @ApiProperty({
    type: 'array',
    items: { $ref: getSchemaPath(ImportedKeyBody) },
    minItems: 1,
    maxItems: MAX_IMPORTED,
  })
  @ArrayMaxSize(MAX_IMPORTED)
  @ArrayMinSize(1)
  @IsArray()
  keys!: unknown[];
}

export class ImportResultAnswer {
  @ApiProperty({ enum: ['created', 'refused'] })
  status!: 'created' | 'refused';

  @ApiPropertyOptional({ type: ApiKeyAnswer })
  key?: ApiKeyAnswer;

  @ApiPropertyOptional({ allOf: [{ $ref: '#/components/schemas/Problem' }] })
  problem?: Problem;
}

export class ImportKeysAnswer {
  @ApiProperty({ type: [ImportResultAnswer], description: 'One for each key, in order.' })
  results!: readonly ImportResultAnswer[];
}

@ApiTags('api-keys')
@ApiParam({ name: 'orgId', type: String })
@Controller('api/v1/organizations/:orgId/api-keys')
export class BulkController {
  constructor(
    private readonly bulkRevoke: BulkRevoke,
    private readonly keyImport: KeyImport,
  ) {}

  @Post('bulk-revoke')
  @HttpCode(200)
  @Access({ to: 'organization', permission: 'api-keys:write' })
  @Accepts({ body: true })
  @Operation('bulkRevokeApiKeys', 'Revokes every service key in force that a filter finds.')
  @ApiWrite(200, 'What was revoked, finally; or what would be.', BulkRevokeAnswer)
  async revoke(
    @Param('orgId') organizationId: string,
    @Body() body: BulkRevokeBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<BulkRevokeAnswer> {
    const filter = filterOf(body.filter);
    if (Object.keys(filter).length === 0) throw fieldProblem('filter', 'must name at least one field');
    if (body.dryRun) return bulkAnswer(true, await this.bulkRevoke.find(organizationId, filter));
    const { position, ...revoked } = await this.bulkRevoke.revoke(request, organizationId, filter, body);
    if (position !== undefined) setWriteHeaders(reply, { position });
    return bulkAnswer(false, revoked);
  }

  @Post('import')
  @HttpCode(200)
  @Access({ to: 'organization', permission: 'api-keys:write' })
  // A line has about 10 fields, and lists inside: the size of the body bounds it as well.
  @Accepts({ body: true, maxValues: 200_000 })
  @Operation('importApiKeys', 'Imports keys of another make by the SHA-256 of their tokens.', {
    description: 'Each line is answered by itself. The tokens verify at once, with prefixes of their own.',
  })
  @ApiWrite(200, 'What became of each line.', ImportKeysAnswer)
  async import(
    @Param('orgId') organizationId: string,
    @Body() { keys }: ImportKeysBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ImportKeysAnswer> {
    const { results, position } = await this.keyImport.import(request, organizationId, keys);
    if (position !== undefined) setWriteHeaders(reply, { position });
    return { results };
  }
}

function bulkAnswer(
  dryRun: boolean,
  { keys, more }: { keys: readonly ApiKey[]; more: boolean },
): BulkRevokeAnswer {
  const shown = keys.map(({ id, name, lastUsedAt }) => ({
    id,
    name,
    ...(lastUsedAt !== undefined && { lastUsedAt }),
  }));
  return { dryRun, keys: shown, count: shown.length, ...(more && { more }) };
}
