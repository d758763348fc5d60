/** Commands on organizations, as they arrive. */
import type { CreateOrganizationInput, CreateOrganizationOutput } from '@mcpstack/contracts';
import { Type } from 'class-transformer';
import { IsDefined, ValidateNested } from 'class-validator';
import { Envelope, IsIdOf, IsName } from '../envelope.ts';

class CreateOrganizationBody implements CreateOrganizationInput {
  @IsName()
  name!: string;

  @IsIdOf('user')
  ownerId!: string;
}

export class CreateOrganizationCommand extends Envelope<CreateOrganizationOutput> {
  @IsDefined()
  @ValidateNested()
  @Type(() => CreateOrganizationBody)
  input!: CreateOrganizationBody;
}
