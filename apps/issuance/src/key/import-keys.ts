/** Importing keys by the digests of their tokens: each line is a key of its own, decided and answered by itself. */
import {
  importedKeyId,
  ProblemError,
  toWireProblem,
  type ApiKey,
  type ImportKeysOutput,
  type WireProblem,
} from '@mcpstack/contracts';
import { requirePermission, type CreateKey } from '@mcpstack/domain';
import { inSteps, fieldErrors } from '@mcpstack/service-kit';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { plainToInstance } from 'class-transformer';
import { validate } from 'class-validator';
import { highest } from '../positions.ts';
import { Confirmation } from '../confirmation.ts';
import { Decisions, stepOf, type Cause, type Standing } from '../decisions.ts';
import { plain } from '../envelope.ts';
import { Mint } from '../mint.ts';
import { ImportedKeyBody, ImportKeysCommand } from './commands.ts';
import { isWithdrawn, KeyMaking, lossOf, lostRights, scopeIds, type UnknownIds } from './making.ts';
import { apiKey } from './view.ts';

/** Agents and servers that the scopes of one import may name in all. */
const MAX_SCOPE_IDS = 1_000;
/** The reply is a little longer than the request, and must fit into one message as well. */
const MAX_BYTES = 600_000;

interface Line {
  cause: Cause;
  create: CreateKey;
}
interface MadeLine extends Line {
  key: ApiKey;
  position: bigint;
  isOurs: boolean;
  isWithdrawn: boolean;
}
type Outcome = MadeLine | { problem: WireProblem };

@CommandHandler(ImportKeysCommand)
export class ImportKeysHandler implements ICommandHandler<ImportKeysCommand> {
  constructor(
    private readonly decisions: Decisions,
    private readonly making: KeyMaking,
    private readonly confirmation: Confirmation,
    private readonly mint: Mint,
  ) {}

  async execute(command: ImportKeysCommand): Promise<ImportKeysOutput> {
    const { actor, input } = command;
    const { organizationId } = input;
    const standing = await this.decisions.standing(actor, organizationId);
    requirePermission(standing.authority, 'api-keys:write');
    const lines = await linesOf(input.keys);
    const unknown = await this.unknownIds(organizationId, lines);
    const outcomes = await inSteps(lines, (line) =>
      line instanceof ProblemError
        ? Promise.resolve({ problem: toWireProblem(line) })
        : this.make(this.line(command, { line, standing, unknown })),
    );
    const position = highest(outcomes.map((one) => ('key' in one ? one.position : -1n)));
    const lost = await this.withdrawLost(command, outcomes);
    // Withdrawn keys were known to the client: they must have stopped working when this answers (G3).
    if (lost !== undefined) await this.confirmation.final(lost, command.requestId);
    else await this.confirmation.visible(position, command.requestId);
    const results = outcomes.map((one) => ('key' in one ? { key: one.key } : { problem: one.problem }));
    return { results, position: highest([position, lost ?? -1n]).toString() };
  }

  private unknownIds(organizationId: string, lines: readonly (ImportedKeyBody | ProblemError)[]) {
    const ids = new Set(lines.flatMap((line) => (line instanceof ProblemError ? [] : scopeIds(line))));
    if (ids.size > MAX_SCOPE_IDS)
      throw new ProblemError(
        'validation-failed',
        `One import names at most ${MAX_SCOPE_IDS} agents and servers: send fewer keys at once.`,
        { errors: [{ field: 'keys', message: `must name at most ${MAX_SCOPE_IDS} agents and servers` }] },
      );
    return this.making.unknownIds(organizationId, ids);
  }

  /**
   * The command of one line. Its id, and the key's, derive from the whole's and the digest: a retry repeats none,
   * whatever lines the gateway has left out since.
   */
  private line(
    command: ImportKeysCommand,
    { line, standing, unknown }: { line: ImportedKeyBody; standing: Standing; unknown: UnknownIds },
  ): Line {
    const { digest, ...terms } = plain(line);
    const cause = this.mint.blinded(stepOf(command, `import:${this.mint.blind(digest)}`));
    const { organizationId } = command.input;
    const who = { actor: command.actor, organizationId, keyId: importedKeyId(command.commandId, digest) };
    const credential = this.mint.credential(digest);
    return { cause, create: this.making.command(who, standing, terms, { credential, unknown }) };
  }

  /** A line that is refused is answered; what stops the whole (a log that does not answer) is thrown. */
  private async make(line: Line): Promise<Outcome> {
    const { cause, create } = line;
    try {
      const { state, stateRevision, position, repeated } = await this.decisions.decide(
        'key',
        create.keyId,
        cause,
        create,
      );
      const key = apiKey(state, { stateRevision, at: create.at });
      return { ...line, key, position, isOurs: !repeated, isWithdrawn: isWithdrawn(state) };
    } catch (error) {
      if (!(error instanceof ProblemError) || error.code === 'idempotency-key-reused') throw error;
      return { problem: toWireProblem(error) };
    }
  }

  /**
   * The rights are read again, once, after the last append (G8). What the maker could not make any more is revoked,
   * and its line says so; of those that an earlier try made, only the line is refused.
   * @returns the position of the last revocation; `undefined` when there was none.
   */
  private async withdrawLost(command: ImportKeysCommand, outcomes: Outcome[]): Promise<bigint | undefined> {
    const authority = await this.decisions.authority(command.actor, command.input.organizationId);
    const positions = await inSteps(outcomes, async (one, index) => {
      if (!('key' in one)) return [];
      const loss = lossOf(authority, one.create);
      if (!loss && !one.isWithdrawn) return [];
      const isTakenBack = one.isOurs || one.isWithdrawn;
      outcomes[index] = { problem: toWireProblem(isTakenBack ? lostRights(loss?.permission) : loss!) };
      return isTakenBack ? [(await this.making.withdraw(one.cause, one.create)).position] : [];
    });
    return positions.flat().length > 0 ? highest(positions.flat()) : undefined;
  }
}

/** Each line as it is to be made, or what is wrong with it. A digest that comes twice is wrong the second time. */
async function linesOf(
  keys: ImportKeysCommand['input']['keys'],
): Promise<(ImportedKeyBody | ProblemError)[]> {
  if (Buffer.byteLength(JSON.stringify(keys)) > MAX_BYTES)
    throw new ProblemError('payload-too-large', 'These keys are too long together: send fewer at once.');
  const seen = new Set<string>();
  const lines: (ImportedKeyBody | ProblemError)[] = [];
  for (const one of keys as readonly unknown[]) {
    const line = await lineOf(one);
    const isTwice = line instanceof ImportedKeyBody && seen.has(line.digest);
    if (line instanceof ImportedKeyBody) seen.add(line.digest);
    lines.push(isTwice ? invalid([{ field: 'digest', message: 'stands in an earlier line too' }]) : line);
  }
  return lines;
}

async function lineOf(value: unknown): Promise<ImportedKeyBody | ProblemError> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return new ProblemError('validation-failed', 'A key is an object.');
  const line = plainToInstance(ImportedKeyBody, value);
  const rules = { whitelist: true, forbidNonWhitelisted: true, stopAtFirstError: true };
  const found = fieldErrors(await validate(line, rules));
  return found.length > 0 ? invalid(found) : line;
}

function invalid(errors: ReturnType<typeof fieldErrors>): ProblemError {
  const [{ field, message }] = errors as [{ field: string; message: string }];
  return new ProblemError('validation-failed', `${field}: ${message}`, { errors });
}
