/** Where commands on keys arrive: one subject each. */
import {
  COMMAND_SUBJECTS,
  type CreateKeyOutput,
  type ImportKeysOutput,
  type KeyOutput,
  type Positioned,
  type PublicKeyOutput,
  type ReportCredentialsOutput,
  type RevokeKeysOutput,
} from '@mcpstack/contracts';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { CommandController, CommandRunner } from '../command-runner.ts';
import { RecordUsageCommand } from '../usage/commands.ts';
import {
  AddTemporaryOriginCommand,
  CreateKeyCommand,
  CreatePublicKeyCommand,
  ImportKeysCommand,
  ResumeKeyCommand,
  RevokeKeyCommand,
  RevokeKeysCommand,
  RotateKeyCommand,
  SuspendKeyCommand,
  UpdateKeyCommand,
  UpdatePublicKeyCommand,
} from './commands.ts';
import {
  RecordExposureCommand,
  RecordKeyExpiryCommand,
  RecordSecretSeenCommand,
  ReportCredentialsCommand,
} from './system-commands.ts';

@CommandController()
export class KeyController {
  constructor(private readonly runner: CommandRunner) {}

  @MessagePattern(COMMAND_SUBJECTS.createKey)
  createKey(@Payload() command: CreateKeyCommand): Promise<CreateKeyOutput> {
    return this.runner.run('createKey', command);
  }

  @MessagePattern(COMMAND_SUBJECTS.importKeys)
  importKeys(@Payload() command: ImportKeysCommand): Promise<ImportKeysOutput> {
    return this.runner.run('importKeys', command);
  }

  @MessagePattern(COMMAND_SUBJECTS.updateKey)
  updateKey(@Payload() command: UpdateKeyCommand): Promise<KeyOutput> {
    return this.runner.run('updateKey', command);
  }

  @MessagePattern(COMMAND_SUBJECTS.rotateKey)
  rotateKey(@Payload() command: RotateKeyCommand): Promise<CreateKeyOutput> {
    return this.runner.run('rotateKey', command);
  }

  @MessagePattern(COMMAND_SUBJECTS.suspendKey)
  suspendKey(@Payload() command: SuspendKeyCommand): Promise<Positioned> {
    return this.runner.run('suspendKey', command);
  }

  @MessagePattern(COMMAND_SUBJECTS.resumeKey)
  resumeKey(@Payload() command: ResumeKeyCommand): Promise<Positioned> {
    return this.runner.run('resumeKey', command);
  }

  @MessagePattern(COMMAND_SUBJECTS.revokeKey)
  revokeKey(@Payload() command: RevokeKeyCommand): Promise<Positioned> {
    return this.runner.run('revokeKey', command);
  }

  @MessagePattern(COMMAND_SUBJECTS.revokeKeys)
  revokeKeys(@Payload() command: RevokeKeysCommand): Promise<RevokeKeysOutput> {
    return this.runner.run('revokeKeys', command);
  }

  @MessagePattern(COMMAND_SUBJECTS.createPublicKey)
  createPublicKey(@Payload() command: CreatePublicKeyCommand): Promise<PublicKeyOutput> {
    return this.runner.run('createPublicKey', command);
  }

  @MessagePattern(COMMAND_SUBJECTS.updatePublicKey)
  updatePublicKey(@Payload() command: UpdatePublicKeyCommand): Promise<PublicKeyOutput> {
    return this.runner.run('updatePublicKey', command);
  }

  @MessagePattern(COMMAND_SUBJECTS.addTemporaryOrigin)
  addTemporaryOrigin(@Payload() command: AddTemporaryOriginCommand): Promise<PublicKeyOutput> {
    return this.runner.run('addTemporaryOrigin', command);
  }

  @MessagePattern(COMMAND_SUBJECTS.reportCredentials)
  reportCredentials(@Payload() command: ReportCredentialsCommand): Promise<ReportCredentialsOutput> {
    return this.runner.run('reportCredentials', command);
  }

  @MessagePattern(COMMAND_SUBJECTS.recordExposure)
  recordExposure(@Payload() command: RecordExposureCommand): Promise<Positioned> {
    return this.runner.run('recordExposure', command);
  }

  @MessagePattern(COMMAND_SUBJECTS.recordKeyExpiry)
  recordKeyExpiry(@Payload() command: RecordKeyExpiryCommand): Promise<Positioned> {
    return this.runner.run('recordKeyExpiry', command);
  }

  @MessagePattern(COMMAND_SUBJECTS.recordSecretSeen)
  recordSecretSeen(@Payload() command: RecordSecretSeenCommand): Promise<Positioned> {
    return this.runner.run('recordSecretSeen', command);
  }

  @MessagePattern(COMMAND_SUBJECTS.recordUsage)
  recordUsage(@Payload() command: RecordUsageCommand): Promise<Positioned> {
    return this.runner.run('recordUsage', command);
  }
}
