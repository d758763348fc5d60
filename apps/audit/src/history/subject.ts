/** Whom or what a history is of, and which events are about it. */
import { type RecordedEvent } from '@mcpstack/event-store';
import { AuditError } from '../errors.ts';

export const KINDS = {
  key: 'key',
  user: 'person',
  org: 'organization',
  agent: 'agent',
  srv: 'server',
  whk: 'webhook',
  inv: 'invitation',
  dom: 'domain',
} as const;
export type SubjectKind = (typeof KINDS)[keyof typeof KINDS];

/** The field of an event's data that names one of these. */
const NAMED_IN: Partial<Record<SubjectKind, readonly string[]>> = {
  person: ['userId', 'ownerId', 'profileId'],
  invitation: ['invitationId'],
  domain: ['domainId'],
  // Its publishable keys.
  agent: ['agentId'],
};
const STREAMS: Partial<Record<SubjectKind, string>> = {
  key: 'key',
  person: 'user',
  organization: 'organization',
  agent: 'agent',
  server: 'server',
  webhook: 'webhook',
};

export class Subject {
  readonly #stream: string | undefined;
  readonly #fields: readonly string[];
  /** Streams of an organization. */
  readonly #streams = new Set<string>();

  constructor(
    readonly id: string,
    readonly kind: SubjectKind,
  ) {
    const category = STREAMS[kind];
    this.#stream = category && `${category}-${id}`;
    this.#fields = NAMED_IN[kind] ?? [];
  }

  /** @throws AuditError for a text that is no id of ours. */
  static of(id: string): Subject {
    const prefix = /^([a-z]{3,5})_[0-9A-Za-z]{1,64}$/.exec(id)?.[1];
    if (prefix !== undefined && Object.hasOwn(KINDS, prefix))
      return new Subject(id, KINDS[prefix as keyof typeof KINDS]);
    const shown = JSON.stringify(id.length > 40 ? `${id.slice(0, 40)}…` : id);
    throw new AuditError('usage', `${shown} is no id.`, {
      code: 'bad-id',
      next: `An id begins with ${Object.keys(KINDS)
        .map((one) => `${one}_`)
        .join(', ')} and goes on with letters and digits.`,
    });
  }

  /** Whether the event is about it; use of keys is counted instead, see `isUse`. */
  isOf({ stream, data }: RecordedEvent): boolean {
    if (stream.startsWith('usage-')) return false;
    if (stream === this.#stream || this.#fields.some((field) => data[field] === this.id)) return true;
    if (this.kind !== 'organization') return false;
    // Only the first event of a stream tells whose it is.
    if (data['organizationId'] === this.id) this.#streams.add(stream);
    return this.#streams.has(stream);
  }

  isBy({ metadata }: RecordedEvent): boolean {
    if (this.kind !== 'person' && this.kind !== 'key') return false;
    const actor = metadata['actor'] as { type?: unknown; id?: unknown } | undefined;
    return actor?.id === this.id && actor.type === (this.kind === 'key' ? 'key' : 'user');
  }

  isUse({ stream, data }: RecordedEvent): boolean {
    if (this.kind === 'key') return stream === `usage-${this.id}`;
    return this.kind === 'organization' && stream.startsWith('usage-') && data['organizationId'] === this.id;
  }
}
