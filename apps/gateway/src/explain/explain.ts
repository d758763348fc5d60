/** Why a key is or would be refused: the body, the answer, and the question to the authorizer. */
import {
  EXPLAIN_SUBJECT,
  VERIFY_CODES,
  type ExplainedCheck,
  type ExplainReply,
  type ExplainRequest,
  type VerifyCode,
} from '@mcpstack/contracts';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { NatsConnection } from '@nats-io/transport-node';
import { IsIn, IsInt, IsIP, IsOptional, IsString, Matches, Max, MaxLength, Min } from 'class-validator';
import { noKey } from '../api-keys/bodies.ts';
import { fieldProblem, unavailable } from '../http/problem-response.ts';

/** Longer than the authorizer's own deadline. */
const EXPLAIN_TIMEOUT_MS = 3_000;
const MAX_COST = 1_000_000;
const CHECKS = [
  'proof',
  'expectation',
  'secret',
  'state',
  'origin',
  'address',
  'permission',
  'limits',
] as const satisfies readonly ExplainedCheck['check'][];

/** What the checking service would send with the key. */
export class ExplainBody {
  @ApiPropertyOptional({ example: 'servers:write' })
  @IsOptional()
  @IsString()
  @Matches(/^[a-z][a-z-]{0,31}:[a-z][a-z-]{0,31}$/, { message: 'must be noun:verb' })
  permission?: string;

  @ApiPropertyOptional({
    description: 'What the service takes the key for.',
    enum: ['service', 'publishable'],
  })
  @IsOptional()
  @IsIn(['service', 'publishable'])
  kind?: 'service' | 'publishable';

  @ApiPropertyOptional({ description: 'The agent that the request is about.' })
  @IsOptional()
  @IsString()
  @Matches(/^[0-9A-Za-z_-]{1,80}$/, { message: 'must be an id' })
  agentId?: string;

  @ApiPropertyOptional({ description: 'The server that the request is about.' })
  @IsOptional()
  @IsString()
  @Matches(/^[0-9A-Za-z_-]{1,80}$/, { message: 'must be an id' })
  serverId?: string;

  @ApiPropertyOptional({ description: "The page's Origin header.", maxLength: 2_048 })
  @IsOptional()
  @IsString()
  @MaxLength(2_048)
  origin?: string;

  @ApiPropertyOptional({ description: "The client's address." })
  @IsOptional()
  @IsIP()
  ip?: string;

  @ApiPropertyOptional({ type: 'integer', minimum: 0, maximum: MAX_COST, default: 1 })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(MAX_COST)
  cost?: number;
}

export class ExplainedCheckAnswer implements ExplainedCheck {
  @ApiProperty({ enum: CHECKS })
  check!: ExplainedCheck['check'];

  @ApiProperty()
  passed!: boolean;

  @ApiPropertyOptional({ enum: VERIFY_CODES, description: 'What this check alone would answer.' })
  code?: VerifyCode;

  @ApiProperty()
  message!: string;
}

export class ExplanationAnswer {
  @ApiProperty()
  keyId!: string;

  @ApiProperty({ enum: VERIFY_CODES, description: 'What a check would answer now.' })
  code!: VerifyCode;

  @ApiProperty({ type: [ExplainedCheckAnswer], description: 'Every step of a check, in its order.' })
  checks!: readonly ExplainedCheckAnswer[];
}

export class Explain {
  constructor(private readonly nats: NatsConnection) {}

  /**
   * What a check of this key would answer now, step by step. Permits, consumes and counts nothing.
   * @throws ProblemError `not-found` for an unknown key and a foreign one alike, `validation-failed`, `unavailable`.
   */
  async explain(
    organizationId: string,
    keyId: string,
    { kind, agentId, serverId, ...asked }: ExplainBody,
    position: string | undefined,
  ): Promise<ExplanationAnswer> {
    const expect = {
      ...(kind !== undefined && { kind }),
      ...(agentId !== undefined && { agentId }),
      ...(serverId !== undefined && { serverId }),
    };
    const { code, checks, message } = await this.ask({
      organizationId,
      keyId,
      ...asked,
      ...(Object.keys(expect).length > 0 && { expect }),
      ...(position !== undefined && { position }),
    });
    // With no step at all nothing was looked at: there is no such key, or nothing can be said.
    if (checks.length === 0 && code === 'NOT_FOUND') throw noKey();
    if (checks.length === 0 && code === 'MALFORMED')
      throw fieldProblem('body', message ?? 'is none that can be explained');
    if (checks.length === 0) throw notNow(new Error(message ?? code));
    return { keyId, code, checks: checks.map(checkAnswer) };
  }

  private async ask(request: ExplainRequest): Promise<ExplainReply> {
    try {
      const answer = await this.nats.request(EXPLAIN_SUBJECT, JSON.stringify(request), {
        timeout: EXPLAIN_TIMEOUT_MS,
      });
      const reply = answer.json<ExplainReply>();
      if (!VERIFY_CODES.includes(reply.code) || !Array.isArray(reply.checks))
        throw new Error('the answer is not whole');
      return reply;
    } catch (cause) {
      throw notNow(cause);
    }
  }
}

function checkAnswer({ check, passed, code, message }: ExplainedCheck): ExplainedCheckAnswer {
  return { check, passed, ...(code !== undefined && { code }), message };
}

function notNow(cause: unknown): Error {
  return unavailable('Keys cannot be looked into now. Repeat the request in a moment.', cause);
}
