/** Commands on agents and their domains, as they arrive. */
import type {
  AddDomainInput,
  AgentIdInput,
  AgentOutput,
  ContestDomainInput,
  CreateAgentInput,
  DomainIdInput,
  DomainOutput,
  DomainProofMethod,
  Positioned,
  RecordDomainCheckInput,
  RenameAgentInput,
} from '@mcpstack/contracts';
import { IsIn, IsString, Length, Matches } from 'class-validator';
import { Envelope, IsIdOf, IsName, IsRevision, MayBeAbsent, Nested } from '../envelope.ts';
import { IsTime } from '../fields.ts';

/** As a person writes it, in U-labels and with a trailing dot at most; the decision says whether it is one. */
const LONGEST_DOMAIN = 254;

class CreateAgentBody implements CreateAgentInput {
  @IsIdOf('organization')
  organizationId!: string;

  @IsName()
  name!: string;
}

class AgentIdBody implements AgentIdInput {
  @IsIdOf('organization')
  organizationId!: string;

  @IsIdOf('agent')
  agentId!: string;
}

class RenameAgentBody extends AgentIdBody implements RenameAgentInput {
  @IsName()
  name!: string;

  @MayBeAbsent()
  @IsRevision()
  ifRevision?: string;
}

class AddDomainBody extends AgentIdBody implements AddDomainInput {
  @IsString()
  @Length(1, LONGEST_DOMAIN)
  domain!: string;
}

class DomainIdBody extends AgentIdBody implements DomainIdInput {
  @IsIdOf('domain')
  domainId!: string;
}

class RecordDomainCheckBody extends DomainIdBody implements RecordDomainCheckInput {
  @IsIn(['found', 'missing'], { message: 'must be found or missing' })
  result!: RecordDomainCheckInput['result'];

  @MayBeAbsent()
  @IsIn(['dns', 'file'], { message: 'must be dns or file' })
  method?: DomainProofMethod;

  @Matches(/^[!-~]{1,128}$/, { message: 'must be the challenge that was looked for' })
  challenge!: string;
}

class ContestDomainBody extends DomainIdBody implements ContestDomainInput {
  @IsTime()
  provenAt!: string;
}

export class CreateAgentCommand extends Envelope<AgentOutput> {
  @Nested(() => CreateAgentBody)
  input!: CreateAgentBody;
}

export class RenameAgentCommand extends Envelope<AgentOutput> {
  @Nested(() => RenameAgentBody)
  input!: RenameAgentBody;
}

export class RemoveAgentCommand extends Envelope<Positioned> {
  @Nested(() => AgentIdBody)
  input!: AgentIdBody;
}

export class AddDomainCommand extends Envelope<DomainOutput> {
  @Nested(() => AddDomainBody)
  input!: AddDomainBody;
}

export class RemoveDomainCommand extends Envelope<Positioned> {
  @Nested(() => DomainIdBody)
  input!: DomainIdBody;
}

export class RecordDomainCheckCommand extends Envelope<DomainOutput> {
  @Nested(() => RecordDomainCheckBody)
  input!: RecordDomainCheckBody;
}

export class ContestDomainCommand extends Envelope<DomainOutput> {
  @Nested(() => ContestDomainBody)
  input!: ContestDomainBody;
}
