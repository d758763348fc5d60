/** Bodies and answers of the publishable key routes. A publishable key is no secret: its value is always shown. */
import {
  ID_PREFIXES,
  REVOCATION_REASONS,
  type AllowedOrigin,
  type KeyStateName,
  type PublicKey,
  type RevocationReason,
} from '@mcpstack/contracts';
import { ApiExtraModels, ApiProperty, ApiPropertyOptional, getSchemaPath } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsString,
  Matches,
  MaxLength,
} from 'class-validator';
import { stateOf } from '../api-keys/answers.ts';
import { NAME, STATES } from '../api-keys/bodies.ts';
import { LastUsedFromAnswer, lastUseAnswer } from '../api-keys/last-use.ts';
import { ActorAnswer, actorAnswer } from '../http/actor-answer.ts';
import { IsGiven, IsIdOf, IsIsoTime, isoTime } from '../http/fields.ts';
import { IsName } from '../http/is-name.ts';
import { PageQuery } from '../http/pages.ts';
import { fieldProblem } from '../http/problem-response.ts';

const MAX_ORIGINS = 50;
/** A host name has at most 253 characters. */
const MAX_ORIGIN_LENGTH = 300;
const ORIGIN_EXAMPLE = 'https://app.example.com';

export class AllowedOriginAnswer implements AllowedOrigin {
  @ApiProperty({ example: ORIGIN_EXAMPLE })
  origin!: string;

  @ApiPropertyOptional({ format: 'date-time', description: 'Of a temporary one.' })
  expiresAt?: string;
}

const ORIGIN = { type: 'string', maxLength: MAX_ORIGIN_LENGTH, example: ORIGIN_EXAMPLE } as const;

@ApiExtraModels(AllowedOriginAnswer)
export class CreatePublicKeyBody {
  @ApiProperty(NAME)
  @IsName()
  name!: string;

  @ApiProperty({ example: `${ID_PREFIXES.agent}_0aB3dE5gH7jK9mN1pQ3sT5` })
  @IsIdOf('agent')
  agentId!: string;

  // Texts and objects in one list: `originsOf` checks each.
  @ApiProperty({
    type: 'array',
    items: { oneOf: [ORIGIN, { $ref: getSchemaPath(AllowedOriginAnswer) }] },
    minItems: 1,
    maxItems: MAX_ORIGINS,
    description: 'Exact origins: scheme, host and port, under a verified domain of the agent.',
  })
  @ArrayMaxSize(MAX_ORIGINS)
  @ArrayMinSize(1)
  @IsArray()
  origins!: unknown[];

  @ApiPropertyOptional({ default: false, description: 'May also be used from localhost.' })
  @IsBoolean()
  @IsGiven()
  development?: boolean;

  @ApiPropertyOptional({ format: 'date-time' })
  @IsIsoTime()
  @IsGiven()
  expiresAt?: string;
}

export class UpdatePublicKeyBody {
  @ApiPropertyOptional(NAME)
  @IsName()
  @IsGiven()
  name?: string;

  @ApiPropertyOptional({
    type: 'array',
    items: ORIGIN,
    minItems: 1,
    maxItems: MAX_ORIGINS,
    description: 'The origins that stay. Others need a new key.',
  })
  @MaxLength(MAX_ORIGIN_LENGTH, { each: true })
  @IsString({ each: true })
  @ArrayUnique()
  @ArrayMaxSize(MAX_ORIGINS)
  @ArrayMinSize(1)
  @IsArray()
  @IsGiven()
  origins?: string[];
}

export class TemporaryOriginBody {
  @ApiProperty(ORIGIN)
  @MaxLength(MAX_ORIGIN_LENGTH)
  @IsString()
  origin!: string;

  @ApiProperty({ format: 'date-time', description: 'At most 7 days ahead.' })
  @IsIsoTime()
  expiresAt!: string;
}

const AGENT_ID = new RegExp(`^${ID_PREFIXES.agent}_[0-9A-Za-z]{1,64}$`);

export class ListPublicKeysQuery extends PageQuery {
  @ApiPropertyOptional({ pattern: AGENT_ID.source })
  @Matches(AGENT_ID, { message: 'agentId must be the id of an agent' })
  @IsString()
  @IsGiven()
  agentId?: string;
}

/**
 * The origins of a body as a command takes them; what an origin may be is decided there.
 * @throws ProblemError `validation-failed` that names the one that is no text and no `{origin, expiresAt}`.
 */
export function originsOf(list: readonly unknown[]): AllowedOrigin[] {
  const seen = new Set<string>();
  return list.map((item, at) => {
    const { origin, expiresAt, ...rest } = asFields(item);
    const time = expiresAt === undefined ? undefined : isoTime(expiresAt);
    const isWhole =
      typeof origin === 'string' &&
      origin.length <= MAX_ORIGIN_LENGTH &&
      (expiresAt === undefined || time !== undefined) &&
      Object.keys(rest).length === 0;
    if (!isWhole)
      throw fieldProblem(
        `origins.${at}`,
        `must be an origin such as ${ORIGIN_EXAMPLE}, or {origin, expiresAt}`,
      );
    if (seen.has(origin)) throw fieldProblem(`origins.${at}`, 'stands in the list already');
    seen.add(origin);
    return { origin, ...(time !== undefined && { expiresAt: time }) };
  });
}

function asFields(item: unknown): Record<string, unknown> {
  if (typeof item === 'string') return { origin: item };
  return typeof item === 'object' && item !== null && !Array.isArray(item) ? { ...item } : {};
}

export class PublicKeyAnswer implements PublicKey {
  @ApiProperty({ example: 'key_0aB3dE5gH7jK9mN1pQ3sT5' })
  id!: string;

  @ApiProperty()
  organizationId!: string;

  @ApiProperty({ enum: ['publishable'] })
  kind!: 'publishable';

  @ApiProperty()
  name!: string;

  @ApiProperty()
  agentId!: string;

  @ApiProperty({ description: 'The key itself, for the page that embeds the agent.' })
  value!: string;

  @ApiProperty({ type: [AllowedOriginAnswer], description: 'Temporary ones only until they end.' })
  origins!: readonly AllowedOriginAnswer[];

  @ApiProperty({ description: 'May also be used from localhost.' })
  development!: boolean;

  @ApiProperty({ enum: STATES })
  state!: KeyStateName;

  @ApiPropertyOptional({ format: 'date-time' })
  expiresAt?: string;

  @ApiProperty({ format: 'date-time' })
  createdAt!: string;

  @ApiProperty({ type: ActorAnswer })
  createdBy!: ActorAnswer;

  @ApiPropertyOptional({ format: 'date-time' })
  lastUsedAt?: string;

  @ApiPropertyOptional({ type: LastUsedFromAnswer })
  lastUsedFrom?: LastUsedFromAnswer;

  @ApiPropertyOptional({ format: 'date-time' })
  suspendedAt?: string;

  @ApiPropertyOptional({ format: 'date-time' })
  revokedAt?: string;

  @ApiPropertyOptional({ enum: REVOCATION_REASONS })
  revocationReason?: RevocationReason;

  @ApiProperty({ description: 'What the ETag holds.' })
  revision!: string;
}

/** Field by field, as of now: origins whose time is over are not allowed any more, so they are not shown. */
export function publicKeyAnswer(key: PublicKey): PublicKeyAnswer {
  const nowMs = Date.now();
  const isOver = ({ expiresAt }: AllowedOrigin): boolean =>
    expiresAt !== undefined && Date.parse(expiresAt) <= nowMs;
  return {
    id: key.id,
    organizationId: key.organizationId,
    kind: key.kind,
    name: key.name,
    agentId: key.agentId,
    value: key.value,
    origins: key.origins.filter((one) => !isOver(one)).map(originAnswer),
    development: key.development,
    state: stateOf(key, nowMs),
    ...(key.expiresAt !== undefined && { expiresAt: key.expiresAt }),
    createdAt: key.createdAt,
    createdBy: actorAnswer(key.createdBy),
    ...lastUseAnswer(key),
    ...(key.suspendedAt !== undefined && { suspendedAt: key.suspendedAt }),
    ...(key.revokedAt !== undefined && { revokedAt: key.revokedAt }),
    ...(key.revocationReason !== undefined && { revocationReason: key.revocationReason }),
    revision: key.revision,
  };
}

function originAnswer({ origin, expiresAt }: AllowedOrigin): AllowedOriginAnswer {
  return { origin, ...(expiresAt !== undefined && { expiresAt }) };
}
