/**
 * Who could do what at a moment, found by asking the raw events one question after the other: no state, no fold, the
 * rules of a check as they are written down. Slow and simple; shares nothing with what it judges.
 */
import { ROLE_PERMISSIONS, type Permission, type Role } from '@mcpstack/contracts';
import type { RecordedEvent } from '@mcpstack/event-store';

type Data = Record<string, never> & { [field: string]: unknown };
const dataOf = (event: RecordedEvent | undefined) => event?.data as Data | undefined;
const timeOf = (event: RecordedEvent) => Date.parse(event.metadata['at'] as string);
const isIn =
  (...types: string[]) =>
  (event: RecordedEvent) =>
    types.includes(event.type);

/** Those that had happened: not after the moment, and neither is any before it in its stream. */
export function happened(events: readonly RecordedEvent[], atMs: number): RecordedEvent[] {
  const isLate = (one: RecordedEvent) => timeOf(one) > atMs;
  const late = events.filter(isLate);
  return events.filter(
    (event) => !late.some((one) => one.stream === event.stream && one.revision <= event.revision),
  );
}

export class Oracle {
  readonly #streams = new Map<string, RecordedEvent[]>();

  /** @param events that had happened. */
  constructor(
    readonly events: readonly RecordedEvent[],
    private readonly atMs: number,
  ) {
    for (const event of events)
      this.#streams.set(event.stream, [...(this.#streams.get(event.stream) ?? []), event]);
  }

  #of(category: string, id: unknown): RecordedEvent[] {
    return this.#streams.get(`${category}-${id as string}`) ?? [];
  }

  #isOver(time: unknown): boolean {
    return typeof time === 'string' && Date.parse(time) <= this.atMs;
  }

  get keyIds(): string[] {
    return this.events
      .filter(isIn('KeyCreated', 'PublicKeyCreated'))
      .map(({ data }) => data['keyId'] as string);
  }

  isSuspended(organizationId: unknown): boolean {
    const last = this.#of('organization', organizationId).findLast(
      isIn('OrganizationSuspended', 'OrganizationResumed'),
    );
    return last?.type === 'OrganizationSuspended';
  }

  /** What a check of the key would have answered. */
  code(keyId: string): string {
    const events = this.#of('key', keyId);
    const made = dataOf(events[0])!;
    if (events.some(isIn('KeyRevoked'))) return 'REVOKED';
    if (events.findLast(isIn('KeySuspended', 'KeyResumed'))?.type === 'KeySuspended') {
      // Of a suspended key, too, the expiry is recorded; then it has expired.
      if (!events.some(isIn('KeyExpired'))) return 'SUSPENDED';
    }
    if (this.isSuspended(made['organizationId'])) return 'SUSPENDED';
    const expiry = events.findLast(({ data }) => 'expiresAt' in data && !('origin' in data))?.data[
      'expiresAt'
    ];
    if (events.some(isIn('KeyExpired')) || this.#isOver(expiry)) return 'EXPIRED';
    if (made['agentId'] === undefined) return 'VALID';
    if (this.#of('agent', made['agentId']).some(isIn('AgentRemoved'))) return 'REVOKED';
    return this.origins(keyId).length > 0 ? 'VALID' : 'ORIGIN_NOT_ALLOWED';
  }

  /** Numbers of the secrets that work: the newest, and the one before while its time lasts. */
  secrets(keyId: string): number[] {
    const events = this.#of('key', keyId);
    const rotated = events.findLast(isIn('KeyRotated'));
    if (!rotated) return [1];
    const { version, previous } = rotated.data as unknown as {
      version: number;
      previous: { validUntil: string };
    };
    const isRetired = events.some(
      (event) => event.type === 'KeySecretRetired' && event.data['version'] === version - 1,
    );
    return isRetired || this.#isOver(previous.validUntil) ? [version] : [version - 1, version];
  }

  origins(keyId: string): string[] {
    const events = this.#of('key', keyId);
    const made = dataOf(events[0])!;
    const named = new Map<string, unknown>();
    for (const { origin, expiresAt } of made['origins'] as unknown as {
      origin: string;
      expiresAt?: string;
    }[])
      named.set(origin, expiresAt);
    for (const { type, data } of events) {
      if (type === 'PublicKeyOriginAdded') named.set(data['origin'] as string, data['expiresAt']);
      if (type === 'PublicKeyOriginRemoved') named.delete(data['origin'] as string);
    }
    return [...named].flatMap(([origin, expiresAt]) => {
      const { hostname } = new URL(origin);
      const isHeld = hostname === 'localhost' ? made['development'] : this.#isHeld(made['agentId'], hostname);
      return isHeld && !this.#isOver(expiresAt) ? [origin] : [];
    });
  }

  /** By a domain of the agent whose last word is that it was proven, or in its time of grace. */
  #isHeld(agentId: unknown, host: string): boolean {
    const events = this.#of('agent', agentId);
    return events.filter(isIn('AgentDomainAdded')).some(({ data: { domainId, domain } }) => {
      if (host !== domain && !host.endsWith(`.${domain as string}`)) return false;
      const last = events.findLast(({ data }) => data['domainId'] === domainId)!;
      if (last.type === 'AgentDomainVerified') return true;
      return last.type === 'AgentDomainStale' && !this.#isOver(last.data['graceEndsAt']);
    });
  }

  keyCould(keyId: string, permission: Permission): boolean {
    const events = this.#of('key', keyId);
    if (events[0]?.type !== 'KeyCreated' || this.code(keyId) !== 'VALID') return false;
    const last = (field: string) => events.findLast(({ data }) => field in data)?.data[field];
    const narrowed = last('permissions') as Permission[] | undefined;
    return (
      ROLE_PERMISSIONS[last('role') as Role].includes(permission) && (narrowed?.includes(permission) ?? true)
    );
  }

  memberCould(organizationId: string, userId: string, permission: Permission): boolean {
    const events = this.#of('organization', organizationId);
    const own = events.filter(({ data }) => data['userId'] === userId || data['ownerId'] === userId);
    const joined = own.findLast(isIn('OrganizationCreated', 'InvitationAccepted', 'MemberRemoved'));
    if (!joined || joined.type === 'MemberRemoved') return false;
    const since = own.slice(own.indexOf(joined));
    if (since.findLast(isIn('MemberSuspended', 'MemberResumed'))?.type === 'MemberSuspended') return false;
    const role = (since.findLast(({ data }) => 'role' in data)?.data['role'] ?? 'owner') as Role;
    if (!ROLE_PERMISSIONS[role].includes(permission)) return false;
    return !this.isSuspended(organizationId) || /:read$|^organization:write$/.test(permission);
  }

  /** As `<organization> <who>`. */
  could(permission: Permission): string[] {
    const people = new Set(this.events.flatMap(({ data }) => [data['userId'], data['ownerId']] as string[]));
    const homes = this.events
      .filter(isIn('OrganizationCreated'))
      .map(({ data }) => data['organizationId'] as string);
    const members = homes.flatMap((home) =>
      [...people]
        .filter((who) => who && this.memberCould(home, who, permission))
        .map((who) => `${home} ${who}`),
    );
    const keys = this.keyIds.filter((id) => this.keyCould(id, permission));
    return [
      ...members,
      ...keys.map((id) => `${this.#of('key', id)[0]!.data['organizationId'] as string} ${id}`),
    ];
  }
}

/** When the unbroken time began in which it held, found by going back event by event. */
export function sinceWhen(events: readonly RecordedEvent[], holds: (oracle: Oracle) => boolean): string {
  let count = events.length;
  while (count > 0 && holds(new Oracle(events.slice(0, count), timeOf(events[count - 1]!)))) count -= 1;
  return events[count]!.metadata['at'] as string;
}
