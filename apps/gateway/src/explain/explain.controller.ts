/** Why a key is or would be refused, for people: behind a permission of its own. */
import { Body, Controller, HttpCode, Param, Post, Req } from '@nestjs/common';
import { ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { noKey, refuseUnknown } from '../api-keys/bodies.ts';
import { Access } from '../auth/access.ts';
import { callerOf } from '../auth/caller.ts';
import { Accepts } from '../http/accepts.ts';
import { ApiRead, Operation } from '../http/api-docs.ts';
import { positionOf } from '../http/position.ts';
import { VisibleKeys } from '../public-keys/visible-keys.ts';
import { Reads } from '../reads.ts';
import { Explain, ExplainBody, ExplanationAnswer } from './explain.ts';

const DESCRIPTION = 'Every step of a check with what was found. Uses nothing up, and counts as no use.';

@ApiTags('api-keys')
@ApiParam({ name: 'orgId', type: String })
@ApiParam({ name: 'keyId', type: String })
@Controller('api/v1/organizations/:orgId')
export class ExplainController {
  constructor(
    private readonly explanations: Explain,
    private readonly reads: Reads,
    private readonly visible: VisibleKeys,
  ) {}

  @Post('api-keys/:keyId/explain')
  @HttpCode(200)
  @Access({ to: 'organization', permission: 'api-keys:explain' })
  @Accepts({ body: 'optional' })
  @Operation('explainApiKey', 'Says why a check of a service key would answer what it answers.', {
    description: DESCRIPTION,
  })
  @ApiRead('What a check would answer, and why.', ExplanationAnswer)
  async service(
    @Param('orgId') organizationId: string,
    @Param('keyId') keyId: string,
    @Body() body: ExplainBody,
    @Req() request: FastifyRequest,
  ): Promise<ExplanationAnswer> {
    refuseUnknown(keyId);
    if (!(await this.reads.key(organizationId, keyId))) throw noKey();
    return this.explanations.explain(organizationId, keyId, body, positionOf(request));
  }

  @Post('public-keys/:keyId/explain')
  @HttpCode(200)
  @Access({ to: 'organization', permission: 'api-keys:explain' })
  @Accepts({ body: 'optional' })
  @Operation('explainPublicKey', 'Says why a check of a publishable key would answer what it answers.', {
    description: DESCRIPTION,
  })
  @ApiRead('What a check would answer, and why.', ExplanationAnswer)
  async publishable(
    @Param('orgId') organizationId: string,
    @Param('keyId') keyId: string,
    @Body() body: ExplainBody,
    @Req() request: FastifyRequest,
  ): Promise<ExplanationAnswer> {
    await this.visible.get(callerOf(request), organizationId, keyId);
    return this.explanations.explain(organizationId, keyId, body, positionOf(request));
  }
}
