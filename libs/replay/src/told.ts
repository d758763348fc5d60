/**
 * What others are told of an organization, as the read models keep it: its newest events by position, and with each
 * record the positions of those that are about it. Told here by what is withheld, and not by what is shown.
 */
import { createHash } from 'node:crypto';
import { type DomainEvent } from '@mcpstack/domain';
import type { RecordedEvent } from '@mcpstack/event-store';

/** So many events are kept of each organization, and so long may the text of positions be with a record. */
const MOST_KEPT = 100_000;
const MOST_LETTERS = 8_192;

/** Fields that nobody is told: what others may not know, and what stands beside the data. */
const WITHHELD = new Set([
  ...['organizationId', 'kind', 'credential', 'hint', 'value', 'profileId', 'challenge'],
  ...['secret', 'keyVersion'],
]);
/** Events that are about a part of their stream's thing, and the field that names it. */
const PARTS: readonly (readonly [RegExp, string])[] = [
  [/^(MemberInvited|Invitation)/, 'invitationId'],
  [/^Member/, 'userId'],
  [/^AgentDomain/, 'domainId'],
];

/** An event in few bytes: its type, and a digest of all that is told of it. */
export interface ToldMark {
  type: string;
  digest: string;
}

export interface ToldOf {
  category: string;
  id: string;
}

/** @returns what is told, as the read models spell it, and whether it is about the stream's own thing. */
export function toldOf(
  { category, id }: ToldOf,
  stored: RecordedEvent,
  { type, data, at, actor }: DomainEvent,
): { told: readonly unknown[]; isAboutStream: boolean } {
  const fields = data as Record<string, unknown>;
  const part = PARTS.find(([pattern]) => pattern.test(type))?.[1];
  const ownId = part ?? `${category}Id`;
  const shown: Record<string, unknown> = part === 'domainId' ? { agentId: id } : {};
  for (const [field, value] of Object.entries(fields))
    if (field !== ownId && !WITHHELD.has(field)) shown[field] = value;
  if (category === 'webhook' && typeof shown['url'] === 'string') {
    // The rest of it may hold a secret.
    shown['origin'] = new URL(shown['url']).origin;
    delete shown['url'];
  }
  const subject = part === undefined ? id : fields[part];
  const request = stored.metadata['$correlationId'];
  const told = [stored.id, type, at, actor.type, actor.id, subject, request, shown];
  return { told, isAboutStream: subject === id };
}

export function markOf(told: readonly unknown[]): ToldMark {
  const digest = createHash('sha256').update(JSON.stringify(told, inOrder)).digest('base64url');
  return { type: String(told[1]), digest: digest.slice(0, 22) };
}

/** The same text for the same fields, in whatever order they come. */
function inOrder(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The newest events of one organization. */
export class ToldList {
  #positions: number[] = [];
  #marks: ToldMark[] = [];
  /** Those before are dropped. */
  #from = 0;

  add(position: number, mark: ToldMark): void {
    this.#positions.push(position);
    this.#marks.push(mark);
    if (this.#positions.length - this.#from > MOST_KEPT) this.#from += 1;
    if (this.#from < MOST_KEPT) return;
    this.#positions = this.#positions.slice(this.#from);
    this.#marks = this.#marks.slice(this.#from);
    this.#from = 0;
  }

  at(position: number): ToldMark | undefined {
    let [low, high] = [this.#from, this.#positions.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#positions[middle]! < position) low = middle + 1;
      else high = middle;
    }
    return this.#positions[low] === position ? this.#marks[low] : undefined;
  }

  /** Those that are kept now, ascending. */
  get positions(): readonly number[] {
    return this.#positions.slice(this.#from);
  }
}

/** Positions as they stand with a record; of very many, that they are. */
export function noted(before: string | undefined, position: number): string {
  if (before === '-') return before;
  const all = before === undefined ? `${position}` : `${before} ${position}`;
  return all.length <= MOST_LETTERS ? all : '-';
}
