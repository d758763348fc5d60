/** Service keys as answers show them: field by field, as of now, never a credential. */
import {
  PERMISSIONS,
  permissionsOf,
  REVOCATION_REASONS,
  ROLES,
  type ApiKey,
  type CreateKeyOutput,
  type KeySecret,
  type KeyStateName,
  type Permission,
  type RevocationReason,
  type Role,
} from '@mcpstack/contracts';
import type { KeyUsage } from '@mcpstack/read-models';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ActorAnswer, actorAnswer } from '../http/actor-answer.ts';
import type { Reads } from '../reads.ts';
import { STATES } from './bodies.ts';
import { KeyScopeBody, limitOf, QuotaBody, quotaOf, RateLimitBody, scopeOf } from './key-terms.ts';
import { LastUsedFromAnswer, lastUseAnswer } from './last-use.ts';

export class KeySecretAnswer implements KeySecret {
  @ApiProperty({ type: 'integer', minimum: 1 })
  version!: number;

  @ApiProperty({ format: 'date-time' })
  createdAt!: string;

  @ApiPropertyOptional({ description: 'How the token begins, where it is none of our own making.' })
  hint?: string;

  @ApiPropertyOptional({ format: 'date-time', description: 'Until when an older secret still works.' })
  validUntil?: string;

  @ApiPropertyOptional({ enum: [true], description: 'It ends earlier, once the next one is seen in use.' })
  untilNextSeen?: true;
}

export class ApiKeyAnswer implements ApiKey {
  @ApiProperty({ example: 'key_0aB3dE5gH7jK9mN1pQ3sT5' })
  id!: string;

  @ApiProperty()
  organizationId!: string;

  @ApiProperty({ enum: ['service'] })
  kind!: 'service';

  @ApiProperty()
  name!: string;

  @ApiProperty({ enum: ROLES })
  role!: Role;

  @ApiProperty({ enum: PERMISSIONS, isArray: true })
  permissions!: readonly Permission[];

  @ApiPropertyOptional({ type: KeyScopeBody })
  scope?: KeyScopeBody;

  @ApiPropertyOptional({ type: [String], description: 'CIDR blocks in canonical form.' })
  allowedIps?: readonly string[];

  @ApiProperty({ type: [String] })
  tags!: readonly string[];

  @ApiPropertyOptional()
  environment?: string;

  @ApiPropertyOptional({ type: [RateLimitBody] })
  limits?: readonly RateLimitBody[];

  @ApiPropertyOptional({ type: [QuotaBody] })
  quotas?: readonly QuotaBody[];

  @ApiProperty({ enum: STATES })
  state!: KeyStateName;

  @ApiProperty({ type: [KeySecretAnswer], description: 'Those that still work, oldest first.' })
  secrets!: readonly KeySecretAnswer[];

  @ApiPropertyOptional({ format: 'date-time' })
  expiresAt?: string;

  @ApiProperty({ format: 'date-time' })
  createdAt!: string;

  @ApiProperty({ type: ActorAnswer })
  createdBy!: ActorAnswer;

  @ApiPropertyOptional({
    enum: [true],
    description: 'The member who made it no longer holds all that it may do.',
  })
  beyondMaker?: true;

  @ApiPropertyOptional({ format: 'date-time' })
  lastUsedAt?: string;

  @ApiPropertyOptional({ type: LastUsedFromAnswer })
  lastUsedFrom?: LastUsedFromAnswer;

  @ApiPropertyOptional({
    format: 'date-time',
    description: 'When a web page last sent its secret. Rotate it.',
  })
  exposedAt?: string;

  @ApiPropertyOptional({ format: 'date-time' })
  suspendedAt?: string;

  @ApiPropertyOptional({ format: 'date-time' })
  revokedAt?: string;

  @ApiPropertyOptional({ enum: REVOCATION_REASONS })
  revocationReason?: RevocationReason;

  @ApiProperty({ description: 'What the ETag holds.' })
  revision!: string;
}

export class CreatedKeyAnswer extends ApiKeyAnswer {
  @ApiPropertyOptional({ description: 'The key itself. Shown in this answer and never again.' })
  secret?: string;

  @ApiPropertyOptional({ enum: [true], description: 'A retry whose secret was shown before.' })
  secretAlreadyShown?: true;
}

/** Expiry is enforced by the clock; the event that records it may come a moment later. */
export function stateOf(
  { state, expiresAt }: Pick<ApiKey, 'state' | 'expiresAt'>,
  nowMs: number,
): KeyStateName {
  const isOver = expiresAt !== undefined && Date.parse(expiresAt) <= nowMs;
  return isOver && state !== 'revoked' ? 'expired' : state;
}

/** Of a key that has ended no secret works any more. */
export function workingSecrets(key: ApiKey, nowMs: number): readonly KeySecret[] {
  const state = stateOf(key, nowMs);
  if (state === 'revoked' || state === 'expired') return [];
  return key.secrets.filter(({ validUntil }) => validUntil === undefined || Date.parse(validUntil) > nowMs);
}

export function keyAnswer(key: ApiKey, nowMs = Date.now()): ApiKeyAnswer {
  return {
    id: key.id,
    organizationId: key.organizationId,
    kind: key.kind,
    name: key.name,
    role: key.role,
    permissions: [...key.permissions],
    ...(key.scope && { scope: scopeOf(key.scope) }),
    ...(key.allowedIps && { allowedIps: [...key.allowedIps] }),
    tags: [...key.tags],
    ...(key.environment !== undefined && { environment: key.environment }),
    ...(key.limits && { limits: key.limits.map(limitOf) }),
    ...(key.quotas && { quotas: key.quotas.map(quotaOf) }),
    state: stateOf(key, nowMs),
    secrets: workingSecrets(key, nowMs).map(secretAnswer),
    ...(key.expiresAt !== undefined && { expiresAt: key.expiresAt }),
    createdAt: key.createdAt,
    createdBy: actorAnswer(key.createdBy),
    ...lastUseAnswer(key),
    ...(key.exposedAt !== undefined && { exposedAt: key.exposedAt }),
    ...(key.suspendedAt !== undefined && { suspendedAt: key.suspendedAt }),
    ...(key.revokedAt !== undefined && { revokedAt: key.revokedAt }),
    ...(key.revocationReason !== undefined && { revocationReason: key.revocationReason }),
    revision: key.revision,
  };
}

function secretAnswer({ version, createdAt, hint, validUntil, untilNextSeen }: KeySecret): KeySecretAnswer {
  return {
    version,
    createdAt,
    ...(hint !== undefined && { hint }),
    ...(validUntil !== undefined && { validUntil }),
    ...(untilNextSeen && { untilNextSeen }),
  };
}

/**
 * The keys as answers, with `beyondMaker` on those in force whose maker, a member, no longer holds all that they
 * may do. Reads each maker once: never more than there are keys on a page.
 */
export async function keyAnswers(reads: Reads, keys: readonly ApiKey[]): Promise<ApiKeyAnswer[]> {
  const nowMs = Date.now();
  const answers = keys.map((key) => keyAnswer(key, nowMs));
  const makers = new Map<string, Promise<readonly Permission[]>>();
  for (const { organizationId, createdBy, state } of answers) {
    if (createdBy.type !== 'user' || makers.has(createdBy.id) || !isInForce(state)) continue;
    makers.set(createdBy.id, permissionsNow(reads, organizationId, createdBy.id));
  }
  return Promise.all(
    answers.map(async (answer) => {
      const held = isInForce(answer.state) ? await makers.get(answer.createdBy.id) : undefined;
      const isBeyond = held && !answer.permissions.every((permission) => held.includes(permission));
      return isBeyond ? { ...answer, beyondMaker: true as const } : answer;
    }),
  );
}

export async function oneKeyAnswer(reads: Reads, key: ApiKey): Promise<ApiKeyAnswer> {
  const [answer] = await keyAnswers(reads, [key]);
  return answer!;
}

/** The answer to a command that made a secret: the one place that shows it. */
export function withSecret({ key, secret, secretAlreadyShown }: CreateKeyOutput): CreatedKeyAnswer {
  return {
    ...keyAnswer(key),
    ...(secret !== undefined && { secret }),
    ...(secretAlreadyShown && { secretAlreadyShown }),
  };
}

function isInForce(state: KeyStateName): boolean {
  return state === 'active' || state === 'suspended';
}

/** Who left, or is suspended, holds nothing. A suspended organization changes nobody's role. */
async function permissionsNow(
  reads: Reads,
  organizationId: string,
  userId: string,
): Promise<readonly Permission[]> {
  const member = await reads.member(organizationId, userId);
  return member?.state === 'active' ? permissionsOf(member.role) : [];
}

export class UsageWindowAnswer {
  @ApiProperty({ format: 'date-time' })
  from!: string;

  @ApiProperty({ format: 'date-time' })
  to!: string;

  @ApiProperty({ type: 'integer', minimum: 0 })
  count!: number;
}

export class KeyUsageAnswer {
  @ApiProperty()
  keyId!: string;

  @ApiProperty({ type: 'integer', minimum: 0, description: 'VALID answers, in all.' })
  count!: number;

  @ApiPropertyOptional({ format: 'date-time' })
  firstUsedAt?: string;

  @ApiPropertyOptional({ format: 'date-time' })
  lastUsedAt?: string;

  @ApiPropertyOptional({ type: LastUsedFromAnswer })
  lastUsedFrom?: LastUsedFromAnswer;

  @ApiProperty({ type: [UsageWindowAnswer], description: 'The newest first, at most 100.' })
  windows!: readonly UsageWindowAnswer[];
}

/** @param usage absent for a key that was never used. */
export function usageAnswer(keyId: string, usage: KeyUsage | undefined): KeyUsageAnswer {
  if (!usage) return { keyId, count: 0, windows: [] };
  const { count, firstUsedAt, windows } = usage;
  const shown = windows.map(({ from, to, count: uses }) => ({ from, to, count: uses }));
  return { keyId, count, firstUsedAt, ...lastUseAnswer(usage), windows: shown };
}
