/** Whether what was asked about existed then, came later, or is unknown to the log. */
import { type RecordedEvent } from '@mcpstack/event-store';
import { type LogState } from '@mcpstack/replay';
import { AuditError } from '../errors.ts';
import { atOf } from './fold-until.ts';
import { type Question } from './question.ts';

type Asked = Pick<Question, 'organization' | 'key' | 'member'>;

/** The first sight of each in what came later. */
export class Sightings {
  readonly #streams = new Map<string, string>();
  readonly #member: string | undefined;
  #memberAt: string | undefined;

  constructor({ organization, key, member }: Asked) {
    if (organization !== undefined) this.#streams.set(`organization-${organization}`, '');
    if (key !== undefined) this.#streams.set(`key-${key}`, '');
    this.#member = member;
  }

  see(event: RecordedEvent): void {
    if (this.#streams.get(event.stream) === '') this.#streams.set(event.stream, atOf(event));
    if (this.#member === undefined || this.#memberAt !== undefined) return;
    const { userId, ownerId } = event.data;
    if (userId === this.#member || ownerId === this.#member) this.#memberAt = atOf(event);
  }

  of(stream: string): string | undefined {
    return this.#streams.get(stream) || undefined;
  }

  get member(): string | undefined {
    return this.#memberAt;
  }
}

/**
 * @returns a sentence where one of them was not there yet; nothing where all were.
 * @throws AuditError for one that the log never names.
 */
export function requireKnown(
  { organization, key, member }: Asked,
  state: LogState,
  sightings: Sightings,
): string | undefined {
  if (organization !== undefined && !state.organizations.has(organization))
    return notYet('organization', organization, sightings.of(`organization-${organization}`));
  const found = key === undefined ? undefined : state.keys.get(key);
  if (key !== undefined && !found) return notYet('key', key, sightings.of(`key-${key}`));
  if (found && organization !== undefined && found.organizationId !== organization)
    throw unknown(`${key} is a key of another organization, ${found.organizationId}.`);
  if (member === undefined) return undefined;
  const homes = [...state.organizations.values()].filter(({ members }) => members.has(member));
  if (homes.some(({ id }) => organization === undefined || id === organization)) return undefined;
  if (homes.length > 0) return `${member} was no member of ${organization}.`;
  if (sightings.member !== undefined)
    return `${member} was no member of any organization then; the log names them later, at ${sightings.member}.`;
  // They may have been a member before.
  const isNamed = state.users.has(member) || isNamedIn(state, member);
  if (!isNamed) throw unknown(`The log names no member ${member} up to then or later.`);
  return `${member} was no member of any organization then.`;
}

/** By an invitation that they accepted, or as somebody who made something. */
function isNamedIn({ organizations, keys, agents, servers }: LogState, member: string): boolean {
  for (const { invitations } of organizations.values())
    for (const { acceptedBy, createdBy } of invitations.values())
      if (acceptedBy === member || createdBy.id === member) return true;
  for (const things of [keys, agents, servers])
    for (const { createdBy } of things.values()) if (createdBy.id === member) return true;
  return false;
}

function notYet(what: string, id: string, madeAt: string | undefined): string {
  if (madeAt === undefined) throw unknown(`The log knows no ${what} ${id}.`);
  return `${id} did not exist yet: it was made at ${madeAt}.`;
}

function unknown(message: string): AuditError {
  return new AuditError('usage', message, {
    code: 'unknown-id',
    next: 'Check the id, and that --log is the log of that deployment.',
  });
}
