/** What the scheduler asks of issuance, as the actor `system` of this name. */
import { createHash, randomUUID } from 'node:crypto';
import type { Actor, CommandContracts } from '@mcpstack/contracts';
import type { CommandClient } from '@mcpstack/service-kit';

const ACTOR: Actor = { type: 'system', id: 'scheduler' };

/** What the scheduler sends, and nothing else. */
export type SystemCommand = 'recordKeyExpiry' | 'recordDomainCheck' | 'contestDomain';

export interface SendOptions {
  /**
   * A new one for each try by default: right for a command whose decision is idempotent, and which may be due
   * again later, where a known id would be answered with the events of the first time.
   */
  commandId?: string;
  /** The HTTP request behind it, where there is one. */
  requestId?: string;
  timeoutMs?: number;
}

export class SystemCommands {
  readonly #client: Pick<CommandClient, 'send'>;

  constructor(client: Pick<CommandClient, 'send'>) {
    this.#client = client;
  }

  /** @throws ProblemError as issuance refuses; `unavailable` when nobody answers. */
  send<Name extends SystemCommand>(
    name: Name,
    input: CommandContracts[Name]['input'],
    { commandId = randomUUID(), requestId = `scheduler-${commandId}`, timeoutMs }: SendOptions = {},
  ): Promise<CommandContracts[Name]['output']> {
    const requestDigest = createHash('sha256')
      .update(JSON.stringify([name, input]))
      .digest('hex');
    const envelope = { commandId, requestId, actor: ACTOR, requestDigest, input };
    return this.#client.send(name, envelope, timeoutMs === undefined ? {} : { timeoutMs });
  }
}

/** Codes that say "not now": the same command may well be taken at the next try. */
const PASSING: ReadonlySet<unknown> = new Set(['unavailable', 'not-final', 'conflict']);

/** Whether issuance refused, as against not having been able to answer. */
export function isRefusal(error: unknown): boolean {
  const { name, code } = error as { name?: unknown; code?: unknown };
  return name === 'ProblemError' && !PASSING.has(code);
}
