/**
 * Organizations as they were last folded. Every command reads its organization, which may have thousands of members
 * and as many events; only what was written since is read again. What is answered is as fresh as a read of the whole
 * stream: the log is asked each time, from the last known event on, and that event must still stand there.
 */
import { organization, organizationCodec, streamName, type OrganizationState } from '@mcpstack/domain';
import type { EventStore, LoadedStream } from '@mcpstack/event-store';

/** A folded organization of 1,000 members takes some hundred kilobytes. */
const MAX_KNOWN = 200;

interface Tip extends LoadedStream<OrganizationState> {
  eventId: string;
}

export class OrganizationTips {
  /** In the order of their last use. */
  private readonly known = new Map<string, Tip>();

  constructor(
    private readonly store: EventStore,
    private readonly mostKnown = MAX_KNOWN,
  ) {}

  async load(organizationId: string): Promise<LoadedStream<OrganizationState>> {
    const before = this.known.get(organizationId);
    const tip = (before && (await this.read(organizationId, before))) ?? (await this.read(organizationId));
    this.known.delete(organizationId);
    if (!tip) return { state: organization.initial, revision: -1n, position: -1n };
    this.known.set(organizationId, tip);
    if (this.known.size > this.mostKnown) this.known.delete(this.known.keys().next().value!);
    const { state, revision, position } = tip;
    return { state, revision, position };
  }

  /** `undefined` when there is nothing, or not what was known: a log that was replaced is read from its start. */
  private async read(organizationId: string, before?: Tip): Promise<Tip | undefined> {
    const options = before ? { from: before.revision } : {};
    let tip: Tip | undefined;
    for await (const event of this.store.readStream(streamName('organization', organizationId), options)) {
      const { id: eventId, revision, position } = event;
      if (before && !tip) {
        if (eventId !== before.eventId || position !== before.position) return undefined;
        tip = before;
        continue;
      }
      const state = organization.evolve(tip?.state ?? organization.initial, organizationCodec.decode(event));
      tip = { state, revision, position, eventId };
    }
    return tip;
  }
}
