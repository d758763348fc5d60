/** Where commands on webhooks arrive: one subject each. */
import {
  COMMAND_SUBJECTS,
  type CreateWebhookOutput,
  type Positioned,
  type WebhookOutput,
} from '@mcpstack/contracts';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { CommandController, CommandRunner } from '../command-runner.ts';
import {
  CreateWebhookCommand,
  DisableWebhookCommand,
  EnableWebhookCommand,
  RemoveWebhookCommand,
  RotateWebhookSecretCommand,
  UpdateWebhookCommand,
} from './commands.ts';

@CommandController()
export class WebhookController {
  constructor(private readonly runner: CommandRunner) {}

  @MessagePattern(COMMAND_SUBJECTS.createWebhook)
  createWebhook(@Payload() command: CreateWebhookCommand): Promise<CreateWebhookOutput> {
    return this.runner.run('createWebhook', command);
  }

  @MessagePattern(COMMAND_SUBJECTS.updateWebhook)
  updateWebhook(@Payload() command: UpdateWebhookCommand): Promise<WebhookOutput> {
    return this.runner.run('updateWebhook', command);
  }

  @MessagePattern(COMMAND_SUBJECTS.rotateWebhookSecret)
  rotateWebhookSecret(@Payload() command: RotateWebhookSecretCommand): Promise<CreateWebhookOutput> {
    return this.runner.run('rotateWebhookSecret', command);
  }

  @MessagePattern(COMMAND_SUBJECTS.disableWebhook)
  disableWebhook(@Payload() command: DisableWebhookCommand): Promise<WebhookOutput> {
    return this.runner.run('disableWebhook', command);
  }

  @MessagePattern(COMMAND_SUBJECTS.enableWebhook)
  enableWebhook(@Payload() command: EnableWebhookCommand): Promise<WebhookOutput> {
    return this.runner.run('enableWebhook', command);
  }

  @MessagePattern(COMMAND_SUBJECTS.removeWebhook)
  removeWebhook(@Payload() command: RemoveWebhookCommand): Promise<Positioned> {
    return this.runner.run('removeWebhook', command);
  }
}
