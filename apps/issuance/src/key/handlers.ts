/** Handlers of the commands that change a service key, or the state of a key of either kind. */
import type { KeyOutput, KeyTerms, Positioned, RevokeKeysOutput } from '@mcpstack/contracts';
import { ProblemError } from '@mcpstack/contracts';
import { requirePermission, type ChangeKeyState } from '@mcpstack/domain';
import { inSteps } from '@mcpstack/service-kit';
import type { Provider } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { highest } from '../positions.ts';
import { Confirmation } from '../confirmation.ts';
import { Decisions, stepOf, type Decided } from '../decisions.ts';
import { plain } from '../envelope.ts';
import {
  ResumeKeyCommand,
  RevokeKeyCommand,
  RevokeKeysCommand,
  SuspendKeyCommand,
  UpdateKeyCommand,
} from './commands.ts';
import { CreateKeyHandler } from './create-key.ts';
import { ImportKeysHandler } from './import-keys.ts';
import { KeyMaking, scopeIds } from './making.ts';
import {
  AddTemporaryOriginHandler,
  CreatePublicKeyHandler,
  UpdatePublicKeyHandler,
} from './public-key-handlers.ts';
import { RotateKeyHandler } from './rotate-key.ts';
import { RecordUsageHandler } from '../usage/record-usage.ts';
import {
  RecordExposureHandler,
  RecordKeyExpiryHandler,
  RecordSecretSeenHandler,
  ReportCredentialsHandler,
} from './system-handlers.ts';
import { apiKey } from './view.ts';

const TERMS: readonly (keyof KeyTerms)[] = [
  'role',
  'permissions',
  'scope',
  'expiresAt',
  'allowedIps',
  'limits',
  'quotas',
];

@CommandHandler(UpdateKeyCommand)
export class UpdateKeyHandler implements ICommandHandler<UpdateKeyCommand> {
  constructor(
    private readonly decisions: Decisions,
    private readonly confirmation: Confirmation,
    private readonly making: KeyMaking,
  ) {}

  /**
   * Final whenever a term was named (G3), also when nothing was left to narrow: the try that narrowed it may not
   * have got that far.
   */
  async execute(command: UpdateKeyCommand): Promise<KeyOutput> {
    const { actor, requestId } = command;
    const { ifRevision, ...input } = plain(command.input);
    const authority = await this.decisions.authority(actor, input.organizationId);
    const ids = authority && input.scope ? scopeIds({ scope: input.scope }) : [];
    const unknown = await this.making.unknownIds(input.organizationId, ids);
    const { state, stateRevision, position } = await this.decisions.decide(
      'key',
      input.keyId,
      command,
      {
        type: 'UpdateKey',
        at: this.decisions.now(),
        actor,
        authority,
        ...input,
        unknownScopeIds: [...unknown],
      },
      { ifRevision },
    );
    if (TERMS.some((term) => input[term] !== undefined)) await this.confirmation.final(position, requestId);
    else await this.confirmation.visible(position, requestId);
    return {
      key: apiKey(state, { stateRevision, at: this.decisions.now() }),
      position: position.toString(),
    };
  }
}

@CommandHandler(SuspendKeyCommand)
export class SuspendKeyHandler implements ICommandHandler<SuspendKeyCommand> {
  constructor(
    private readonly decisions: Decisions,
    private readonly confirmation: Confirmation,
  ) {}

  async execute(command: SuspendKeyCommand): Promise<Positioned> {
    const { position } = await changeState(this.decisions, command, 'SuspendKey');
    await this.confirmation.final(position, command.requestId);
    return { position: position.toString() };
  }
}

@CommandHandler(ResumeKeyCommand)
export class ResumeKeyHandler implements ICommandHandler<ResumeKeyCommand> {
  constructor(
    private readonly decisions: Decisions,
    private readonly confirmation: Confirmation,
  ) {}

  async execute(command: ResumeKeyCommand): Promise<Positioned> {
    const { position } = await changeState(this.decisions, command, 'ResumeKey');
    await this.confirmation.visible(position, command.requestId);
    return { position: position.toString() };
  }
}

@CommandHandler(RevokeKeyCommand)
export class RevokeKeyHandler implements ICommandHandler<RevokeKeyCommand> {
  constructor(
    private readonly decisions: Decisions,
    private readonly confirmation: Confirmation,
  ) {}

  /** Waits for finality also when the key was revoked already: the first try may not have got that far. */
  async execute(command: RevokeKeyCommand): Promise<Positioned> {
    const { position } = await changeState(this.decisions, command, 'RevokeKey');
    await this.confirmation.final(position, command.requestId);
    return { position: position.toString() };
  }
}

@CommandHandler(RevokeKeysCommand)
export class RevokeKeysHandler implements ICommandHandler<RevokeKeysCommand> {
  constructor(
    private readonly decisions: Decisions,
    private readonly confirmation: Confirmation,
  ) {}

  /** Keys that are not there are passed over; final once, at the highest position. */
  async execute(command: RevokeKeysCommand): Promise<RevokeKeysOutput> {
    const { actor, requestId } = command;
    const { organizationId, keyIds } = command.input;
    const authority = await this.decisions.authority(actor, organizationId);
    requirePermission(authority, 'api-keys:write');
    const ends = await inSteps(keyIds, async (keyId) => {
      const revoke: ChangeKeyState = {
        type: 'RevokeKey',
        at: this.decisions.now(),
        actor,
        authority,
        organizationId,
        keyId,
        kind: 'service',
      };
      try {
        return await this.decisions.decide('key', keyId, stepOf(command, `revoke:${keyId}`), revoke);
      } catch (error) {
        if (error instanceof ProblemError && error.code === 'not-found') return undefined;
        throw error;
      }
    });
    const position = highest(ends.map((end) => end?.position ?? -1n));
    await this.confirmation.final(position, requestId);
    const revokedKeyIds = keyIds.filter((_keyId, index) => (ends[index]?.events.length ?? 0) > 0);
    return { revokedKeyIds, position: position.toString() };
  }
}

async function changeState(
  decisions: Decisions,
  command: SuspendKeyCommand | ResumeKeyCommand | RevokeKeyCommand,
  type: ChangeKeyState['type'],
): Promise<Decided<'key'>> {
  const { actor, input } = command;
  const { organizationId, keyId, kind } = input;
  return decisions.decide('key', keyId, command, {
    type,
    at: decisions.now(),
    actor,
    authority: await decisions.authority(actor, organizationId),
    organizationId,
    keyId,
    kind,
  });
}

export const KEY_HANDLERS: readonly Provider[] = [
  KeyMaking,
  CreateKeyHandler,
  ImportKeysHandler,
  UpdateKeyHandler,
  RotateKeyHandler,
  SuspendKeyHandler,
  ResumeKeyHandler,
  RevokeKeyHandler,
  RevokeKeysHandler,
  ReportCredentialsHandler,
  RecordExposureHandler,
  RecordKeyExpiryHandler,
  RecordSecretSeenHandler,
  RecordUsageHandler,
  CreatePublicKeyHandler,
  UpdatePublicKeyHandler,
  AddTemporaryOriginHandler,
];
