/** Handlers of the commands on webhooks. Who sends events somewhere is looked at twice, like who makes a key (G8). */
import {
  deriveId,
  ProblemError,
  type AuditEventType,
  type CreateWebhookOutput,
  type Positioned,
  type Webhook,
  type WebhookOutput,
} from '@mcpstack/contracts';
import { requireToTell } from '@mcpstack/domain';
import { Injectable, type Provider } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Confirmation } from '../confirmation.ts';
import { Decisions, stepOf, type Decided } from '../decisions.ts';
import { plain, type Envelope } from '../envelope.ts';
import {
  CreateWebhookCommand,
  DisableWebhookCommand,
  EnableWebhookCommand,
  RemoveWebhookCommand,
  RotateWebhookSecretCommand,
  UpdateWebhookCommand,
} from './commands.ts';
import { WebhookSecrets } from './webhook-secrets.ts';

type AnyWebhookCommand = Envelope<unknown> & { input: { organizationId: string } };

@Injectable()
class WebhookHandler {
  constructor(
    protected readonly decisions: Decisions,
    protected readonly confirmation: Confirmation,
    protected readonly secrets: WebhookSecrets,
  ) {}

  protected async acting({ actor, input: { organizationId } }: AnyWebhookCommand) {
    const authority = await this.decisions.authority(actor, organizationId);
    return { at: this.decisions.now(), actor, organizationId, authority };
  }

  /** What is wrong with showing a secret to somebody who may do this by now; `undefined` when nothing is. */
  protected async lossOf({ actor, input }: AnyWebhookCommand): Promise<ProblemError | undefined> {
    const authority = await this.decisions.authority(actor, input.organizationId);
    try {
      requireToTell(authority);
      return undefined;
    } catch (error) {
      if (error instanceof ProblemError) return error;
      throw error;
    }
  }

  protected async answer(decided: Decided<'webhook'>, requestId: string): Promise<WebhookOutput> {
    const { position } = decided;
    await this.confirmation.visible(position, requestId);
    return { webhook: webhookOf(decided), position: position.toString() };
  }
}

@CommandHandler(CreateWebhookCommand)
export class CreateWebhookHandler extends WebhookHandler implements ICommandHandler<CreateWebhookCommand> {
  async execute(command: CreateWebhookCommand): Promise<CreateWebhookOutput> {
    const webhookId = deriveId('webhook', command.commandId);
    const { keyVersion, local } = this.secrets;
    const decided = await this.decisions.decide(
      'webhook',
      webhookId,
      command,
      {
        type: 'CreateWebhook',
        ...(await this.acting(command)),
        webhookId,
        ...plain(command.input),
        ...{ keyVersion, local },
      },
      { beforeAppend: () => this.secrets.keep(command, webhookId) },
    );
    const loss = await this.lossOf(command);
    if (loss) throw await this.takenBack(command, webhookId, { loss, decided });
    const shown = await this.secrets.shown(command, webhookId, decided);
    return { ...(await this.answer(decided, command.requestId)), ...shown };
  }

  /** Whoever lost the rights meanwhile gets no secret, and nothing is sent there; a retry takes nothing back. */
  private async takenBack(
    command: CreateWebhookCommand,
    webhookId: string,
    { loss, decided }: { loss: ProblemError; decided: Decided<'webhook'> },
  ): Promise<ProblemError> {
    if (decided.events.length === 0 || decided.repeated) return loss;
    await this.decisions.decide('webhook', webhookId, stepOf(command, 'withdraw'), {
      type: 'WithdrawWebhook',
      at: this.decisions.now(),
      actor: { type: 'system', id: 'issuance' },
      organizationId: command.input.organizationId,
      webhookId,
      authority: undefined,
    });
    return new ProblemError(
      'forbidden',
      'Your rights changed while the webhook was being made. It was removed.',
      { permission: loss.permission ?? 'webhooks:write' },
    );
  }
}

@CommandHandler(UpdateWebhookCommand)
export class UpdateWebhookHandler extends WebhookHandler implements ICommandHandler<UpdateWebhookCommand> {
  async execute(command: UpdateWebhookCommand): Promise<WebhookOutput> {
    const { ifRevision, ...asked } = plain(command.input);
    const { local } = this.secrets;
    const decided = await this.decisions.decide(
      'webhook',
      asked.webhookId,
      command,
      { type: 'UpdateWebhook', ...(await this.acting(command)), ...asked, local },
      { ifRevision },
    );
    return this.answer(decided, command.requestId);
  }
}

@CommandHandler(RotateWebhookSecretCommand)
export class RotateWebhookSecretHandler
  extends WebhookHandler
  implements ICommandHandler<RotateWebhookSecretCommand>
{
  async execute(command: RotateWebhookSecretCommand): Promise<CreateWebhookOutput> {
    const asked = plain(command.input);
    const { webhookId } = asked;
    const { keyVersion } = this.secrets;
    const decided = await this.decisions.decide(
      'webhook',
      webhookId,
      command,
      { type: 'RotateWebhookSecret', ...(await this.acting(command)), ...asked, keyVersion },
      { beforeAppend: () => this.secrets.keep(command, webhookId) },
    );
    const loss = await this.lossOf(command);
    // The rotation stands: nobody knows the new secret, and the one before signs for as long as they chose.
    if (loss) throw loss;
    const shown = await this.secrets.shown(command, webhookId, decided);
    return { ...(await this.answer(decided, command.requestId)), ...shown };
  }
}

@CommandHandler(DisableWebhookCommand)
export class DisableWebhookHandler extends WebhookHandler implements ICommandHandler<DisableWebhookCommand> {
  async execute(command: DisableWebhookCommand): Promise<WebhookOutput> {
    const asked = plain(command.input);
    const decided = await this.decisions.decide('webhook', asked.webhookId, command, {
      type: 'DisableWebhook',
      ...(await this.acting(command)),
      ...asked,
    });
    return this.answer(decided, command.requestId);
  }
}

@CommandHandler(EnableWebhookCommand)
export class EnableWebhookHandler extends WebhookHandler implements ICommandHandler<EnableWebhookCommand> {
  async execute(command: EnableWebhookCommand): Promise<WebhookOutput> {
    const { webhookId } = command.input;
    const decided = await this.decisions.decide('webhook', webhookId, command, {
      type: 'EnableWebhook',
      ...(await this.acting(command)),
      webhookId,
    });
    return this.answer(decided, command.requestId);
  }
}

@CommandHandler(RemoveWebhookCommand)
export class RemoveWebhookHandler extends WebhookHandler implements ICommandHandler<RemoveWebhookCommand> {
  async execute(command: RemoveWebhookCommand): Promise<Positioned> {
    const { webhookId } = command.input;
    const { position } = await this.decisions.decide('webhook', webhookId, command, {
      type: 'RemoveWebhook',
      ...(await this.acting(command)),
      webhookId,
    });
    await this.confirmation.visible(position, command.requestId);
    return { position: position.toString() };
  }
}

/** As answers show it. Which master key a secret is made from is nobody's affair. */
function webhookOf({ state, stateRevision }: Decided<'webhook'>): Webhook {
  if (state.status === 'none') throw new Error('the webhook is not there');
  const { status, secrets, eventTypes, enabledAt: _, ...shown } = state;
  return {
    ...shown,
    ...(eventTypes && { eventTypes: eventTypes as readonly AuditEventType[] }),
    state: status,
    secrets: secrets.map(({ keyVersion: _, ...secret }) => secret),
    revision: stateRevision.toString(),
  };
}

export const WEBHOOK_HANDLERS: readonly Provider[] = [
  CreateWebhookHandler,
  UpdateWebhookHandler,
  RotateWebhookSecretHandler,
  DisableWebhookHandler,
  EnableWebhookHandler,
  RemoveWebhookHandler,
];
