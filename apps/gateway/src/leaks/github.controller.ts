/**
 * GitHub's secret scanning tells us of keys of ours that it found in public: each is revoked before the answer.
 * Source: GitHub Docs, "Secret scanning partner program". A replay is harmless: what it names is revoked already.
 */
import { ProblemError, tokenDigest } from '@mcpstack/contracts';
import { Controller, HttpCode, Post, Req } from '@nestjs/common';
import { ApiBody, ApiHeader, ApiProperty, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Access } from '../auth/access.ts';
import { Accepts } from '../http/accepts.ts';
import { GITHUB_SCANNING_PATH } from '../http/adapter.ts';
import { Operation } from '../http/api-docs.ts';
import { headerValues } from '../http/headers.ts';
import { HttpProblem } from '../http/problem-response.ts';
import type { GithubKeys } from './github-keys.ts';
import { MAX_IDENTIFIED } from './identify.ts';
import { LeakReports } from './reports.ts';

/** The documentation writes `Github-Public-Key-…`; `GITHUB-PUBLIC-KEY-…` is the same name. */
const IDENTIFIER_HEADER = 'github-public-key-identifier';
const SIGNATURE_HEADER = 'github-public-key-signature';

/** `source` and `url` tell where it was found; fields that GitHub may add are passed over. */
const Matches = z.array(z.object({ token: z.string(), type: z.string() }));
/** "A large number of matches" may come at once; only GitHub gets this far, and a body has 1 MiB at most. */
const MAX_MATCHES = 10_000;

/** The keys, where the setting names a source of them. */
export class GithubScanning {
  constructor(readonly keys: GithubKeys | undefined) {}
}

export class SecretMatch {
  @ApiProperty()
  token!: string;

  @ApiProperty()
  type!: string;

  @ApiProperty({ description: 'Where it was found; may be empty.' })
  url!: string;

  @ApiProperty({ example: 'commit' })
  source!: string;
}

export class MatchLabel {
  // The documentation takes `token_raw`, the token itself, or this; only this repeats no secret.
  @ApiProperty({ description: 'SHA-256 of the token, hexadecimal.' })
  token_hash!: string;

  @ApiProperty({ description: 'As it was sent.' })
  token_type!: string;

  @ApiProperty({ enum: ['true_positive', 'false_positive'] })
  label!: 'true_positive' | 'false_positive';
}

@ApiTags('leaks')
@Controller(GITHUB_SCANNING_PATH)
export class GithubController {
  constructor(
    private readonly scanning: GithubScanning,
    private readonly reports: LeakReports,
  ) {}

  @Post()
  @HttpCode(200)
  @Access({ to: 'public' })
  @Accepts({ body: 'raw' })
  @Operation('reportGithubSecrets', 'Takes the findings of GitHub secret scanning, signed by GitHub.', {
    description: '404 where `GITHUB_SECRET_SCANNING_KEYS` is not set.',
    security: [],
  })
  @ApiHeader({ name: 'Github-Public-Key-Identifier', required: true, schema: { type: 'string' } })
  @ApiHeader({
    name: 'Github-Public-Key-Signature',
    required: true,
    description: 'ECDSA on P-256 with SHA-256 over the body as it is sent; DER, base64.',
    schema: { type: 'string' },
  })
  @ApiBody({ type: [SecretMatch] })
  @ApiResponse({ status: 200, description: 'Which findings are keys of ours.', type: [MatchLabel] })
  async report(@Req() request: FastifyRequest): Promise<MatchLabel[]> {
    const { keys } = this.scanning;
    if (!keys) throw new ProblemError('not-found', 'GITHUB_SECRET_SCANNING_KEYS is not set here.');
    // Not one byte of the body is looked at before this has passed.
    const body = await signedBody(request, keys);
    const matches = readMatches(body);
    const found: boolean[] = [];
    for (let from = 0; from < matches.length; from += MAX_IDENTIFIED) {
      const tokens = matches.slice(from, from + MAX_IDENTIFIED).map(({ token }) => token);
      found.push(...(await this.reports.report(tokens, 'github', request.id)).map(Boolean));
    }
    return matches.map(({ token, type }, at) => ({
      token_hash: tokenDigest(token),
      token_type: type,
      label: found[at] ? 'true_positive' : 'false_positive',
    }));
  }
}

/** @throws ProblemError `unauthenticated` without a signature, `forbidden` with one that is not GitHub's. */
async function signedBody(request: FastifyRequest, keys: GithubKeys): Promise<Buffer> {
  const identifier = headerValues(request.raw, IDENTIFIER_HEADER);
  const signature = headerValues(request.raw, SIGNATURE_HEADER);
  if (identifier.length !== 1 || signature.length !== 1) {
    throw new HttpProblem(
      'unauthenticated',
      'Send Github-Public-Key-Identifier and Github-Public-Key-Signature, once each.',
      { 'WWW-Authenticate': 'Github-Public-Key-Signature realm="mcpstack"' },
    );
  }
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  if (!(await keys.signed(identifier[0]!.trim(), signature[0]!.trim(), body)))
    throw new ProblemError(
      'forbidden',
      "The body is not signed by one of GitHub's keys for secret scanning.",
    );
  return body;
}

function readMatches(body: Buffer): z.infer<typeof Matches> {
  try {
    return Matches.max(MAX_MATCHES).parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)));
  } catch (cause) {
    const detail = `The body must be a list of at most ${MAX_MATCHES} findings, each with a token and its type.`;
    throw new ProblemError('bad-request', detail, { cause });
  }
}
