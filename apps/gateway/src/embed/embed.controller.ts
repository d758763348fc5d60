/**
 * What a web page asks with its publishable key. The one address of the gateway that answers to other origins: with
 * exactly the origin that asks, after the key was found valid there, and without credentials of the browser.
 */
import { ProblemError } from '@mcpstack/contracts';
import { Controller, Get, HttpCode, Options, Req, Res } from '@nestjs/common';
import {
  ApiExcludeEndpoint,
  ApiHeader,
  ApiProperty,
  ApiPropertyOptional,
  ApiResponse,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Access, TokenPrefix } from '../auth/access.ts';
import { readPublishableKey } from '../auth/credentials.ts';
import { KeyCheck } from '../auth/key-check.ts';
import { Operation } from '../http/api-docs.ts';
import { headerValues } from '../http/headers.ts';
import { unauthenticated } from '../http/problem-response.ts';
import { Reads } from '../reads.ts';

/** How long browsers keep the answer to a preflight. */
const PREFLIGHT_LIFE_S = 600;
const MAX_ORIGIN_LENGTH = 300;

export class EmbeddedAgent {
  @ApiProperty()
  id!: string;

  @ApiProperty()
  name!: string;
}

export class EmbeddingKey {
  @ApiProperty()
  id!: string;

  @ApiPropertyOptional({ format: 'date-time' })
  expiresAt?: string;
}

export class EmbedAnswer {
  @ApiProperty({ type: EmbeddedAgent })
  agent!: EmbeddedAgent;

  @ApiProperty({ type: EmbeddingKey })
  key!: EmbeddingKey;
}

@ApiTags('embed')
@Controller('api/v1/embed/agent')
export class EmbedController {
  constructor(
    private readonly keys: KeyCheck,
    private readonly reads: Reads,
    private readonly prefix: TokenPrefix,
  ) {}

  @Get()
  // The key and the origin are checked together, below; no login takes a publishable key.
  @Access({ to: 'public' })
  @Operation('getEmbeddedAgent', 'The agent that a publishable key is for.', {
    description: 'Called by web pages: needs the Origin header of the browser, at which the key is allowed.',
    security: [{ bearer: [] }, { publishableKey: [] }],
  })
  @ApiHeader({ name: 'Origin', required: true, schema: { type: 'string', maxLength: MAX_ORIGIN_LENGTH } })
  @ApiResponse({
    status: 200,
    description: 'The agent.',
    type: EmbedAnswer,
    headers: {
      'Access-Control-Allow-Origin': { description: 'The origin that asked.', schema: { type: 'string' } },
    },
  })
  async agent(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<EmbedAnswer> {
    void reply.header('Vary', 'Origin');
    const digest = readPublishableKey(request.raw, this.prefix.value);
    const origin = originOf(request);
    if (origin === undefined) {
      throw new ProblemError(
        'forbidden',
        'A publishable key works only on web pages: send it from one, so that the browser adds its Origin.',
      );
    }
    const { keyId, organizationId, agentId, expiresAt } = await this.keys.checkPage(
      digest,
      origin,
      request.id,
    );
    const agent = await this.reads.agent(organizationId, agentId);
    // Removed since the check: its keys have ended with it.
    if (!agent) throw unauthenticated('invalid');
    void reply.header('Access-Control-Allow-Origin', origin);
    return {
      agent: { id: agent.id, name: agent.name },
      key: { id: keyId, ...(expiresAt !== undefined && { expiresAt }) },
    };
  }

  /** A preflight carries no key: the origin is told only that somebody allows it. The request itself decides. */
  @Options()
  @HttpCode(204)
  @Access({ to: 'public' })
  @ApiExcludeEndpoint()
  async preflight(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    void reply.header('Vary', 'Origin');
    const origin = originOf(request);
    if (origin === undefined || !(await this.reads.isOriginKnown(origin))) return;
    void reply.headers({
      'Access-Control-Allow-Origin': origin,
      'Access-Control-Allow-Methods': 'GET',
      'Access-Control-Allow-Headers': 'Authorization, X-API-Key',
      'Access-Control-Max-Age': String(PREFLIGHT_LIFE_S),
    });
  }
}

/** The origin of the page, as the browser serialises it. `null`, of sandboxes and files, is nobody's. */
function originOf(request: FastifyRequest): string | undefined {
  const values = headerValues(request.raw, 'origin');
  const [origin] = values;
  const isOne = values.length === 1 && origin !== 'null' && origin!.length <= MAX_ORIGIN_LENGTH;
  return isOne && /^[\x21-\x7e]+$/.test(origin!) ? origin : undefined;
}
