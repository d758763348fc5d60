/** Commands on organizations, as they arrive. */
import type { CreateOrganizationInput, CreateOrganizationOutput } from '@mcpstack/contracts';
import { Envelope, IsIdOf, IsName, Nested } from '../envelope.ts';

class CreateOrganizationBody implements CreateOrganizationInput {
  @IsName()
  name!: string;

  @IsIdOf('user')
  ownerId!: string;
}

export class CreateOrganizationCommand extends Envelope<CreateOrganizationOutput> {
  @Nested(() => CreateOrganizationBody)
  input!: CreateOrganizationBody;
}
