/** Where commands on organizations arrive: one subject each. */
import { COMMAND_SUBJECTS, type OrganizationOutput } from '@mcpstack/contracts';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { CommandController, CommandRunner } from '../command-runner.ts';
import { CreateOrganizationCommand } from './commands.ts';

@CommandController()
export class OrganizationController {
  constructor(private readonly runner: CommandRunner) {}

  @MessagePattern(COMMAND_SUBJECTS.createOrganization)
  createOrganization(@Payload() command: CreateOrganizationCommand): Promise<OrganizationOutput> {
    return this.runner.run('createOrganization', command);
  }
}
