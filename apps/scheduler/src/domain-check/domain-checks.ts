/** One check of a domain: look, have recorded what changes something, and contest older holders of the name. */
import { uuidFrom, type AgentDomain, type DomainProofMethod } from '@mcpstack/contracts';
import type { ReadModels } from '@mcpstack/read-models';
import { inSteps, type Log } from '@mcpstack/service-kit';
import { isRefusal, type SendOptions, type SystemCommands } from '../system-commands.ts';
import { trusted } from '../trusted.ts';
import type { Found, Look } from './look.ts';
import { changesSomething } from './rhythm.ts';

/** Where somebody waits: with the 5 seconds of a look before it, the answer is out within 15. */
const SOON_TIMEOUT_MS = 6_000;
/** Where nobody does: longer than issuance takes to make a lapse final. */
const PATIENT_TIMEOUT_MS = 15_000;
const CONTEST_TIMEOUT_MS = 3_000;
/** At once, and in one check: more than ever hold one name. */
const MOST_CONTESTED = 8;

export interface DomainChecksOptions {
  look: Look;
  models: Pick<ReadModels, 'listHoldersOf'>;
  commands: SystemCommands;
  log: Log;
  /** Told of each check: whether the proof was found, or that what was found could not be recorded. */
  onCheck?: (outcome: CheckOutcome) => void;
  nowMs?: () => number;
}

export type CheckOutcome = 'found' | 'missing' | 'failed';

export interface CheckedDomain {
  /** As it is now. */
  domain: AgentDomain;
  /** Of the event, if one was written. */
  position?: string;
  found: Found;
  /** Whether an older holder could not be contested: another look is to come soon. */
  isUnfinished: boolean;
}

export class DomainChecks {
  readonly #options: DomainChecksOptions;

  constructor(options: DomainChecksOptions) {
    this.#options = options;
  }

  /**
   * Checks one domain. `requestId` is that of the request behind it; `stopping` gives the look up.
   * @throws ProblemError when the result could not be recorded.
   */
  async check(
    domain: AgentDomain,
    { requestId, stopping }: { requestId?: string; stopping?: AbortSignal } = {},
  ): Promise<CheckedDomain> {
    const { onCheck } = this.#options;
    try {
      const checked = await this.#check(domain, requestId, stopping);
      onCheck?.(checked.found.dns.ok || checked.found.file.ok ? 'found' : 'missing');
      return checked;
    } catch (error) {
      if (!stopping?.aborted) onCheck?.('failed');
      throw error;
    }
  }

  async #check(
    domain: AgentDomain,
    requestId: string | undefined,
    stopping: AbortSignal | undefined,
  ): Promise<CheckedDomain> {
    const { look, nowMs = Date.now } = this.#options;
    const found = await look(domain, stopping);
    const method = found.dns.ok ? 'dns' : found.file.ok ? 'file' : undefined;
    const changes = changesSomething(domain, method !== undefined, nowMs());
    const recorded = changes ? await this.#record(domain, method, requestId) : { domain };
    return { ...recorded, found, isUnfinished: !(await this.#contestOlder(recorded.domain, requestId)) };
  }

  async #record(
    { organizationId, agentId, id: domainId, challenge }: AgentDomain,
    method: DomainProofMethod | undefined,
    requestId: string | undefined,
  ): Promise<{ domain: AgentDomain; position: string }> {
    const { commands, log } = this.#options;
    const result =
      method === undefined ? { result: 'missing' as const } : { result: 'found' as const, method };
    const options =
      requestId === undefined ? { timeoutMs: PATIENT_TIMEOUT_MS } : { timeoutMs: SOON_TIMEOUT_MS, requestId };
    const input = { organizationId, agentId, domainId, challenge, ...result };
    // The same result may be due again after another one, so that each has an id of its own; what the domain is
    // already, issuance does not write a second time.
    const recorded = await commands.send('recordDomainCheck', input, options);
    log.info('a domain was checked', {
      orgId: organizationId,
      stream: `agent-${agentId}`,
      state: recorded.domain.state,
      position: recorded.position,
    });
    return recorded;
  }

  /**
   * Who proved a name later has it: every holder of the same name in another organization whose proof is older
   * has to prove it again. Also called when nothing changed, so that one that was missed is caught up with.
   * Answers whether that was done.
   */
  async #contestOlder(winner: AgentDomain, requestId: string | undefined): Promise<boolean> {
    if (winner.state !== 'verified' || winner.verifiedAt === undefined) return true;
    const { models, log } = this.#options;
    try {
      const holders = trusted(await models.listHoldersOf(winner.domain));
      const older = holders.filter((holder) => isOlder(holder, winner));
      await inSteps(older.slice(0, MOST_CONTESTED), (holder) => this.#contest(holder, winner, requestId));
      return older.length <= MOST_CONTESTED;
    } catch (error) {
      log.warn('an older holder of a domain could not be contested yet', {
        orgId: winner.organizationId,
        err: error,
      });
      return false;
    }
  }

  async #contest(loser: AgentDomain, winner: AgentDomain, requestId: string | undefined): Promise<void> {
    const { commands, log } = this.#options;
    const { organizationId, agentId, id: domainId } = loser;
    const provenAt = winner.verifiedAt!;
    const stream = `agent-${agentId}`;
    // One fact, one id: a repetition is answered with the event that stands.
    const commandId = uuidFrom(JSON.stringify(['contest-domain', domainId, winner.id, provenAt]));
    const options: SendOptions = {
      commandId,
      timeoutMs: CONTEST_TIMEOUT_MS,
      ...(requestId !== undefined && { requestId }),
    };
    try {
      await commands.send('contestDomain', { organizationId, agentId, domainId, provenAt }, options);
      log.info('an older holder of a domain was contested', { orgId: organizationId, stream });
    } catch (error) {
      // Removed since, or proven again: then there is nothing to contest.
      if (!isRefusal(error)) throw error;
      log.warn('issuance refused to contest a domain', { orgId: organizationId, stream, err: error });
    }
  }
}

function isOlder(holder: AgentDomain, winner: AgentDomain): boolean {
  if (holder.organizationId === winner.organizationId) return false;
  return Date.parse(holder.verifiedAt ?? '') < Date.parse(winner.verifiedAt ?? '');
}
