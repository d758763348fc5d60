/** Imports keys of another make: every line is checked by itself, and the good ones go on together. */
import {
  fromWireProblem,
  importedKeyId,
  ProblemError,
  ROLES,
  type ImportedKey,
  type ImportKeysOutput,
  type IdentifiedKey,
  type Problem,
  type Role,
} from '@mcpstack/contracts';
import { VALIDATION, validationProblem } from '@mcpstack/service-kit';
import { Injectable } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { plainToInstance } from 'class-transformer';
import { IsIn, IsString, Matches, MaxLength, validate } from 'class-validator';
import type { FastifyRequest } from 'fastify';
import { Commands } from '../http/commands.ts';
import { IsGiven } from '../http/fields.ts';
import { IsName } from '../http/is-name.ts';
import { fieldProblem, problemBody } from '../http/problem-response.ts';
import { keyAnswer, type ApiKeyAnswer } from './answers.ts';
import { later } from './bulk-revoke.ts';
import { IsEnvironment, IsTags, NAME } from './bodies.ts';
import { DIGEST_ENCODINGS, digestHex, type DigestEncoding } from './digest-encoding.ts';
import { digestInUse, FreeDigests } from './free-digests.ts';
import { KeyTermsBody, termsOf } from './key-terms.ts';

export const MAX_IMPORTED = 1_000;
/** What one command takes: issuance refuses 600,000 bytes, and 1,000 agents and servers. */
const MAX_CHUNK_BYTES = 400_000;
const MAX_CHUNK_IDS = 1_000;

export class ImportedKeyBody extends KeyTermsBody {
  @ApiProperty(NAME)
  @IsName()
  name!: string;

  @ApiProperty({ enum: ROLES, example: 'developer' })
  @IsIn(ROLES)
  role!: Role;

  @IsTags()
  tags?: string[];

  @IsEnvironment()
  environment?: string;

  @ApiProperty({ minLength: 43, maxLength: 64, description: 'SHA-256 of the token.' })
  @MaxLength(64)
  @IsString()
  digest!: string;

  @ApiPropertyOptional({ enum: DIGEST_ENCODINGS, description: 'Told from the digest if absent.' })
  @IsIn(DIGEST_ENCODINGS)
  @IsGiven()
  encoding?: DigestEncoding;

  @ApiPropertyOptional({
    pattern: '^[\\x21-\\x7e]{1,16}$',
    example: 'acme_live_',
    description: 'How the token begins.',
  })
  @Matches(/^[\x21-\x7e]{1,16}$/, { message: 'hint must be 1 to 16 visible ASCII characters' })
  @IsString()
  @IsGiven()
  hint?: string;
}

export type ImportResult = { status: 'created'; key: ApiKeyAnswer } | { status: 'refused'; problem: Problem };

/** A line that was read, or why it was not. */
type Line = { key: ImportedKey } | { problem: ProblemError };

@Injectable()
export class KeyImport {
  constructor(
    private readonly commands: Commands,
    private readonly digests: FreeDigests,
  ) {}

  /** @returns one result for each line, in order; no position when nothing was good enough to be sent. */
  async import(
    request: FastifyRequest,
    organizationId: string,
    lines: readonly unknown[],
  ): Promise<{ results: ImportResult[]; position: string | undefined }> {
    const commandId = this.commands.idOf(request);
    const read = refuseRepeated(await Promise.all(lines.map(readLine)));
    const checked = await this.refuseUsed(read, commandId);
    const keys = checked.flatMap((line) => ('key' in line ? [line.key] : []));
    const made: ImportKeysOutput['results'][number][] = [];
    let position: string | undefined;
    for (const chunk of chunksOf(keys)) {
      const input = { organizationId, keys: chunk };
      // Which lines are good may have changed since the first try; what was asked for has not.
      const options = { commandId, asked: { organizationId, lines } };
      const answer = await this.commands.send('importKeys', request, input, options);
      if (answer.results.length !== chunk.length)
        throw new Error('issuance answered another number of keys than it was sent');
      made.push(...answer.results);
      position = later(position, answer.position);
    }
    let next = 0;
    const results = checked.map((line): ImportResult => {
      if ('problem' in line) return refused(line.problem, request);
      const result = made[next++]!;
      return 'key' in result
        ? { status: 'created', key: keyAnswer(result.key) }
        : refused(fromWireProblem(result.problem), request);
    });
    return { results, position };
  }

  private async refuseUsed(lines: readonly Line[], commandId: string): Promise<Line[]> {
    const digests = lines.flatMap((line) => ('key' in line ? [line.key.digest] : []));
    const owners = await this.digests.keysOf(digests);
    const owned = new Map(digests.map((digest, at) => [digest, owners[at]]));
    return lines.map((line) => {
      const owner = 'key' in line ? owned.get(line.key.digest) : undefined;
      return 'key' in line && owner && !isRetried(owner, commandId, line.key)
        ? { problem: digestInUse() }
        : line;
    });
  }
}

/**
 * The lines in as few commands as take them: a message between services is bounded, and so are the agents and
 * servers that one command looks up. One line alone is far below both.
 */
export function chunksOf(keys: readonly ImportedKey[]): readonly (readonly ImportedKey[])[] {
  const chunks: ImportedKey[][] = [];
  let bytes = Infinity;
  let ids = 0;
  for (const key of keys) {
    const size = Buffer.byteLength(JSON.stringify(key)) + 1;
    const named = (key.scope?.agents?.length ?? 0) + (key.scope?.servers?.length ?? 0);
    if (bytes + size > MAX_CHUNK_BYTES || ids + named > MAX_CHUNK_IDS) {
      chunks.push([]);
      [bytes, ids] = [0, 0];
    }
    chunks.at(-1)!.push(key);
    bytes += size;
    ids += named;
  }
  return chunks;
}

/** A retry of this very import finds the keys that its first try made. */
function isRetried(owner: IdentifiedKey, commandId: string, { digest }: ImportedKey): boolean {
  return owner.keyId === importedKeyId(commandId, digest);
}

async function readLine(line: unknown): Promise<Line> {
  if (typeof line !== 'object' || line === null || Array.isArray(line))
    return { problem: new ProblemError('validation-failed', 'Each key must be an object.') };
  const body = plainToInstance(ImportedKeyBody, line);
  const errors = await validate(body, VALIDATION);
  if (errors.length > 0) return { problem: validationProblem(errors) };
  return withDigest(body);
}

function withDigest(body: ImportedKeyBody): Line {
  const { name, role, tags, environment, hint, encoding } = body;
  const digest = digestHex(body.digest, encoding);
  if (digest === undefined)
    return { problem: fieldProblem('digest', 'must be a SHA-256 in hexadecimal, base64 or base64url') };
  const key: ImportedKey = {
    name,
    role,
    ...termsOf(body),
    ...(tags && { tags }),
    ...(environment !== undefined && { environment }),
    ...(hint !== undefined && { hint }),
    digest,
  };
  return { key };
}

/** Of several lines with one digest the first counts, whatever encoding each is in. */
function refuseRepeated(lines: readonly Line[]): Line[] {
  const seen = new Set<string>();
  return lines.map((line) => {
    if (!('key' in line)) return line;
    if (seen.has(line.key.digest)) return { problem: digestInUse() };
    seen.add(line.key.digest);
    return line;
  });
}

function refused(problem: ProblemError, request: FastifyRequest): ImportResult {
  return { status: 'refused', problem: problemBody(problem, request.id) };
}
