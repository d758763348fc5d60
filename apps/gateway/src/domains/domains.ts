/** Bodies and answers of the domain routes. */
import {
  DOMAIN_PROOF_LABEL,
  DOMAIN_PROOF_PATH,
  type AgentDomain,
  type CheckDomainReply,
  type DomainProofMethod,
  type DomainState,
} from '@mcpstack/contracts';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsString, MaxLength, MinLength } from 'class-validator';

export class AddDomainBody {
  @ApiProperty({
    example: 'example.com',
    maxLength: 253,
    description: 'A host name, without scheme and path. It is stored in lower case and A-labels.',
  })
  @MaxLength(253)
  @MinLength(1)
  @IsString()
  domain!: string;
}

export class DnsProof {
  @ApiProperty({ enum: ['TXT'] })
  type!: 'TXT';

  @ApiProperty({ example: `${DOMAIN_PROOF_LABEL}.example.com` })
  name!: string;

  @ApiProperty({ example: `mcpstack-verify=${'0aB'.repeat(14)}0` })
  value!: string;
}

export class FileProof {
  @ApiProperty({ format: 'uri', example: `https://example.com${DOMAIN_PROOF_PATH}` })
  url!: string;

  @ApiProperty({ example: `mcpstack-verify=${'0aB'.repeat(14)}0` })
  content!: string;
}

export class DomainProof {
  @ApiProperty({ type: DnsProof })
  dns!: DnsProof;

  @ApiProperty({ type: FileProof })
  file!: FileProof;
}

export class DomainAnswer implements Omit<AgentDomain, 'challenge'> {
  @ApiProperty({ example: 'dom_6g8I0k2M4o6Q8s0U2w4Y6a' })
  id!: string;

  @ApiProperty({ example: 'org_4fZ0q2m1c8bVdJw5rT7yXa' })
  organizationId!: string;

  @ApiProperty({ example: 'agent_3d5F7h9J1l3N5p7R9t1V3x' })
  agentId!: string;

  @ApiProperty({ example: 'example.com' })
  domain!: string;

  @ApiProperty({
    enum: ['pending', 'verified', 'stale', 'lapsed'],
    description:
      '`stale`: the proof was not found at the last look; still good until `graceEndsAt`. `lapsed`: no more.',
  })
  state!: DomainState;

  @ApiProperty({ type: DomainProof, description: 'Publish one of the two.' })
  proof!: DomainProof;

  @ApiProperty({ format: 'date-time' })
  createdAt!: string;

  @ApiPropertyOptional({ format: 'date-time' })
  verifiedAt?: string;

  @ApiPropertyOptional({ enum: ['dns', 'file'], description: 'Where the proof was found.' })
  method?: DomainProofMethod;

  @ApiPropertyOptional({ format: 'date-time' })
  graceEndsAt?: string;

  @ApiPropertyOptional({
    format: 'date-time',
    description: 'Another organization has proven the domain since; it must be proven again here.',
  })
  contestedAt?: string;
}

export class DomainList {
  @ApiProperty({ type: [DomainAnswer] })
  data!: DomainAnswer[];
}

export class FoundInDns {
  @ApiProperty({ example: `${DOMAIN_PROOF_LABEL}.example.com` })
  name!: string;

  @ApiProperty()
  ok!: boolean;

  @ApiProperty({ type: [String], description: 'The TXT values that stand there.' })
  values!: string[];

  @ApiPropertyOptional({ description: 'What is wrong, for people.' })
  problem?: string;
}

export class FoundInFile {
  @ApiProperty({ format: 'uri', example: `https://example.com${DOMAIN_PROOF_PATH}` })
  url!: string;

  @ApiProperty()
  ok!: boolean;

  @ApiPropertyOptional({ description: 'What is wrong, for people.' })
  problem?: string;
}

export class DomainFound {
  @ApiProperty({ type: FoundInDns })
  dns!: FoundInDns;

  @ApiProperty({ type: FoundInFile })
  file!: FoundInFile;
}

export class CheckedDomainAnswer extends DomainAnswer {
  @ApiProperty({ type: DomainFound, description: 'What was looked for and found.' })
  found!: DomainFound;
}

/** Field by field, with what to publish spelled out. */
export function domainAnswer(domain: AgentDomain): DomainAnswer {
  const { id, organizationId, agentId, state, challenge, createdAt } = domain;
  const { verifiedAt, method, graceEndsAt, contestedAt } = domain;
  return {
    id,
    organizationId,
    agentId,
    domain: domain.domain,
    state,
    proof: {
      dns: { type: 'TXT', name: `${DOMAIN_PROOF_LABEL}.${domain.domain}`, value: challenge },
      file: { url: `https://${domain.domain}${DOMAIN_PROOF_PATH}`, content: challenge },
    },
    createdAt,
    ...(verifiedAt !== undefined && { verifiedAt }),
    ...(method !== undefined && { method }),
    ...(graceEndsAt !== undefined && { graceEndsAt }),
    ...(contestedAt !== undefined && { contestedAt }),
  };
}

export function foundAnswer({ dns, file }: NonNullable<CheckDomainReply['found']>): DomainFound {
  return {
    dns: {
      name: dns.name,
      ok: dns.ok,
      values: [...dns.values],
      ...(dns.problem !== undefined && { problem: dns.problem }),
    },
    file: { url: file.url, ok: file.ok, ...(file.problem !== undefined && { problem: file.problem }) },
  };
}
