/** Handlers of what our own services have seen of keys. For `system` alone. */
import type { Positioned, ReportCredentialsOutput } from '@mcpstack/contracts';
import type { KeyCommand } from '@mcpstack/domain';
import { inSteps } from '@mcpstack/service-kit';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { highest } from '../positions.ts';
import { Confirmation } from '../confirmation.ts';
import { Decisions, stepOf, type Cause } from '../decisions.ts';
import { requireSystem } from '../envelope.ts';
import { Mint } from '../mint.ts';
import {
  RecordExposureCommand,
  RecordKeyExpiryCommand,
  RecordSecretSeenCommand,
  ReportCredentialsCommand,
} from './system-commands.ts';
import { isWorking } from './view.ts';

type Reported = ReportCredentialsCommand['input']['credentials'][number];

@CommandHandler(ReportCredentialsCommand)
export class ReportCredentialsHandler implements ICommandHandler<ReportCredentialsCommand> {
  constructor(
    private readonly decisions: Decisions,
    private readonly confirmation: Confirmation,
    private readonly mint: Mint,
  ) {}

  /**
   * Revokes the keys whose secrets were shown. Whoever sends the report names the key; that the digest is one of its
   * working secrets is checked here again. Everything else is passed over without a word.
   */
  async execute(command: ReportCredentialsCommand): Promise<ReportCredentialsOutput> {
    requireSystem(command);
    const { credentials } = command.input;
    const isProven = await inSteps(credentials, (one) => this.isProven(one));
    const proven = new Map(
      credentials.flatMap((one, index) => (isProven[index] ? [[one.keyId, one] as const] : [])),
    );
    const ends = await inSteps([...proven.values()], (one) => this.revoke(command, one));
    const position = highest(ends.map((end) => end.position));
    await this.confirmation.final(position, command.requestId);
    const revokedKeyIds = [...proven.keys()].filter((_keyId, index) => ends[index]!.events.length > 0);
    return { revokedKeyIds, position: position.toString() };
  }

  /** Of a key that has been revoked any secret of its will do: the retry of a report waits for finality, too. */
  private async isProven({ organizationId, keyId, digest }: Reported): Promise<boolean> {
    const { state } = await this.decisions.load('key', keyId);
    if (state.status === 'none' || state.kind !== 'service' || state.organizationId !== organizationId)
      return false;
    const now = this.decisions.now();
    return state.secrets.some(
      (secret) =>
        (state.status === 'revoked' || isWorking(secret, now)) &&
        this.mint.recognizes(digest, secret.credential),
    );
  }

  private revoke(command: ReportCredentialsCommand, { organizationId, keyId }: Reported) {
    const cause = this.mint.blinded(stepOf(command, `report:${keyId}`));
    return this.decisions.decide('key', keyId, cause, {
      type: 'ReportKeyLeak',
      at: this.decisions.now(),
      actor: command.actor,
      organizationId,
      keyId,
      source: command.input.source,
    });
  }
}

@CommandHandler(RecordExposureCommand)
export class RecordExposureHandler implements ICommandHandler<RecordExposureCommand> {
  constructor(private readonly decisions: Decisions) {}

  execute(command: RecordExposureCommand): Promise<Positioned> {
    return record(this.decisions, command, {
      type: 'RecordExposure',
      at: this.decisions.now(),
      actor: command.actor,
      ...command.input,
    });
  }
}

@CommandHandler(RecordKeyExpiryCommand)
export class RecordKeyExpiryHandler implements ICommandHandler<RecordKeyExpiryCommand> {
  constructor(private readonly decisions: Decisions) {}

  /** Nobody waits for it: what an expired key may not do is told by the clock. */
  execute(command: RecordKeyExpiryCommand): Promise<Positioned> {
    return record(this.decisions, command, {
      type: 'RecordKeyExpiry',
      at: this.decisions.now(),
      actor: command.actor,
      ...command.input,
    });
  }
}

@CommandHandler(RecordSecretSeenCommand)
export class RecordSecretSeenHandler implements ICommandHandler<RecordSecretSeenCommand> {
  constructor(private readonly decisions: Decisions) {}

  execute(command: RecordSecretSeenCommand): Promise<Positioned> {
    return record(this.decisions, command, {
      type: 'RecordSecretSeen',
      at: this.decisions.now(),
      actor: command.actor,
      ...command.input,
    });
  }
}

/** Whoever records sends on; nothing of it is waited for. */
async function record(decisions: Decisions, cause: Cause, command: KeyCommand): Promise<Positioned> {
  requireSystem(command);
  const { position } = await decisions.decide('key', command.keyId, cause, command);
  return { position: position.toString() };
}
