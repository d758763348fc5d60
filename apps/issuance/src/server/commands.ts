/** Commands on servers, as they arrive. */
import type {
  CreateServerInput,
  Positioned,
  ServerIdInput,
  ServerOutput,
  UpdateServerInput,
} from '@mcpstack/contracts';
import { IsString, Length } from 'class-validator';
import { Envelope, IsIdOf, IsName, IsRevision, MayBeAbsent, Nested } from '../envelope.ts';

/** Whether it is a URL that may be stored, the decision says. */
const LONGEST_URL = 2_048;

class CreateServerBody implements CreateServerInput {
  @IsIdOf('organization')
  organizationId!: string;

  @IsName()
  name!: string;

  @MayBeAbsent()
  @IsString()
  @Length(1, LONGEST_URL)
  url?: string;
}

class ServerIdBody implements ServerIdInput {
  @IsIdOf('organization')
  organizationId!: string;

  @IsIdOf('server')
  serverId!: string;
}

class UpdateServerBody extends ServerIdBody implements UpdateServerInput {
  @MayBeAbsent()
  @IsName()
  name?: string;

  @MayBeAbsent()
  @IsString()
  @Length(1, LONGEST_URL)
  url?: string;

  @MayBeAbsent()
  @IsRevision()
  ifRevision?: string;
}

export class CreateServerCommand extends Envelope<ServerOutput> {
  @Nested(() => CreateServerBody)
  input!: CreateServerBody;
}

export class UpdateServerCommand extends Envelope<ServerOutput> {
  @Nested(() => UpdateServerBody)
  input!: UpdateServerBody;
}

export class RemoveServerCommand extends Envelope<Positioned> {
  @Nested(() => ServerIdBody)
  input!: ServerIdBody;
}
