/** Commands that the gateway sends in its own name: what it saw, not what somebody asked for. */
import type { CommandContracts } from '@mcpstack/contracts';
import type { CommandClient } from '@mcpstack/service-kit';
import { requestDigest } from '../http/idempotency.ts';

type SystemCommand = 'recordExposure' | 'reportCredentials';

export class SystemCommands {
  constructor(private readonly client: CommandClient) {}

  /**
   * @param commandId derived from what was seen, so that seeing it again is the same command.
   * @throws ProblemError as issuance gave it, or `unavailable`.
   */
  async send<Name extends SystemCommand>(
    name: Name,
    input: CommandContracts[Name]['input'],
    { commandId, requestId, timeoutMs }: { commandId: string; requestId: string; timeoutMs?: number },
  ): Promise<CommandContracts[Name]['output']> {
    const envelope = {
      commandId,
      requestId,
      actor: { type: 'system', id: 'gateway' } as const,
      requestDigest: requestDigest(name, input),
      input,
    };
    return this.client.send(name, envelope, timeoutMs === undefined ? {} : { timeoutMs });
  }
}
