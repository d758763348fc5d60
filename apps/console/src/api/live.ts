/** Follows the changes of an organization: what has changed is asked for again at once. */
import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { keyOf, type Resource } from './resources.ts';
import { session } from './session.ts';

/**
 * What a change of each kind of subject shows in. Some things change although no event of their own says so: public keys end
 * with their agent, and service keys are marked once their maker holds less.
 */
const SHOWN_IN: Readonly<Record<string, readonly Resource[]>> = {
  organization: ['organization'],
  member: ['members', 'api-keys'],
  invitation: ['invitations', 'members'],
  agent: ['agents', 'public-keys'],
  domain: ['domains'],
  server: ['servers'],
  key: ['api-keys', 'public-keys'],
  webhook: ['webhooks'],
};
/** Of a stream that the browser has given up. */
const AGAIN_MS = 3_000;
/** What is over within this time is no outage to speak of. */
const LOST_AFTER_MS = 4_000;
/** The gateway says every 5 seconds that it is there: a connection that hangs says nothing. */
const SILENT_MS = 12_000;
/** Changes that come together are asked for together. */
const GATHER_MS = 100;

/** @returns whether changes do not arrive now. */
export function useLive(orgId: string): boolean {
  const client = useQueryClient();
  const [isLost, setLost] = useState(false);
  useEffect(() => {
    const changes = new Changes(client, orgId);
    const follower = new Follower(orgId, changes, setLost);
    return () => {
      follower.stop();
      changes.stop();
    };
  }, [client, orgId]);
  return isLost;
}

/**
 * The stream, while somebody can see the page and is logged in. A browser has few connections to one place over HTTP/1.1,
 * and tabs in the background would take them all.
 */
class Follower {
  private source: EventSource | undefined;
  private again: ReturnType<typeof setTimeout> | undefined;
  private losing: ReturnType<typeof setTimeout> | undefined;
  private watching: ReturnType<typeof setTimeout> | undefined;
  private readonly leave: () => void;

  constructor(
    private readonly orgId: string,
    private readonly changes: Changes,
    private readonly setLost: (isLost: boolean) => void,
  ) {
    document.addEventListener('visibilitychange', this.fit);
    const unsubscribe = session.subscribe(this.fit);
    this.leave = () => {
      document.removeEventListener('visibilitychange', this.fit);
      unsubscribe();
    };
    this.fit();
  }

  stop(): void {
    this.leave();
    this.close();
  }

  /** Opens it or closes it, as it should be now. */
  private readonly fit = (): void => {
    const isWanted = document.visibilityState === 'visible' && session.current === 'good';
    if (!isWanted) this.close();
    else if (!this.source) this.open();
  };

  private close(): void {
    this.source?.close();
    this.source = undefined;
    for (const timer of [this.again, this.losing, this.watching]) clearTimeout(timer);
    this.losing = undefined;
  }

  private open(): void {
    this.source?.close();
    this.heard();
    const source = new EventSource(`/api/v1/organizations/${encodeURIComponent(this.orgId)}/changes`);
    this.source = source;
    source.addEventListener('ready', ({ data }: MessageEvent<string>) => {
      this.heard();
      clearTimeout(this.losing);
      this.losing = undefined;
      this.setLost(false);
      // Nobody told what happened before.
      if (!(JSON.parse(data) as { resumed: boolean }).resumed) this.changes.add('everything');
    });
    source.addEventListener('ping', () => this.heard());
    source.addEventListener('change', ({ data }: MessageEvent<string>) => {
      this.heard();
      const { kind } = JSON.parse(data) as { kind: string };
      this.changes.add('events', ...(SHOWN_IN[kind] ?? []));
    });
    source.addEventListener('end', ({ data }: MessageEvent<string>) => {
      if ((JSON.parse(data) as { code: string }).code === 'unauthenticated') session.ended();
      // No member any more: the list of organizations says what is left.
      else this.changes.add('members');
    });
    source.onerror = () => {
      this.losing ??= setTimeout(() => this.setLost(true), LOST_AFTER_MS);
      // The browser tries again by itself, except after an answer that is no stream.
      if (source.readyState === EventSource.CLOSED) this.again = setTimeout(() => this.open(), AGAIN_MS);
    };
  }

  /** A connection that hangs is opened anew. */
  private heard(): void {
    clearTimeout(this.watching);
    this.watching = setTimeout(() => {
      this.setLost(true);
      this.open();
    }, SILENT_MS);
  }
}

/** What has changed, until it was asked for again: one round after the other, so that each comes to its end. */
class Changes {
  private readonly changed = new Set<Resource | 'everything'>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private isAsking = false;

  constructor(
    private readonly client: QueryClient,
    private readonly orgId: string,
  ) {}

  add(...resources: readonly (Resource | 'everything')[]): void {
    for (const resource of resources) this.changed.add(resource);
    if (!this.isAsking) this.timer ??= setTimeout(() => void this.ask(), GATHER_MS);
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private async ask(): Promise<void> {
    this.timer = undefined;
    this.isAsking = true;
    const resources = [...this.changed];
    this.changed.clear();
    const keys = resources.map((one) =>
      one === 'everything' ? ['org', this.orgId] : keyOf(this.orgId, one),
    );
    // Which organizations there are for the reader, and their role in them, stands with the members.
    if (resources.some((one) => one === 'organization' || one === 'members' || one === 'everything'))
      keys.push(['organizations']);
    await Promise.all(keys.map((queryKey) => this.client.invalidateQueries({ queryKey })));
    this.isAsking = false;
    if (this.changed.size > 0) this.add();
  }
}
