/**
 * Tells open pages what has changed in an organization, within half a second: the kind and the id, never the content,
 * which they ask for with their own rights. One look at the read models serves all pages of an organization.
 */
import type { AuditEvent, AuditSubjectKind } from '@mcpstack/contracts';
import { Log } from '@mcpstack/service-kit';
import { Injectable, type MessageEvent, type OnModuleDestroy } from '@nestjs/common';
import { Observable, type Subscriber } from 'rxjs';
import type { UserCaller } from '../auth/caller.ts';
import { Sessions } from '../auth/sessions.ts';
import { Reads } from '../reads.ts';

export interface Change {
  kind: AuditSubjectKind;
  id: string;
  /** In the log; decimal. */
  position: string;
}

const POLL_MS = 500;
const PAGE = 200;
/** How often a page is told that it is still followed; and how long one who may not see it any more is told changes. */
const PING_MS = 5_000;
/** Of how long the browser waits before it connects again. */
const RETRY_MS = 1_000;
/** Each holds a connection. */
const MOST_STREAMS = 2_000;
const MOST_OF_ONE_USER = 50;

/** The pages of one organization. */
interface Watch {
  /** All changes up to here were told. */
  position: string | undefined;
  told: Set<(changes: readonly Change[] | undefined) => void>;
  timer: ReturnType<typeof setTimeout> | undefined;
}

@Injectable()
export class LiveChanges implements OnModuleDestroy {
  private readonly watches = new Map<string, Watch>();
  private readonly open = new Map<Subscriber<MessageEvent>, string>();

  constructor(
    private readonly reads: Reads,
    private readonly sessions: Sessions,
    private readonly log: Log,
  ) {}

  /** Pages connect again, to another gateway if this one has gone. */
  onModuleDestroy(): void {
    for (const subscriber of [...this.open.keys()]) subscriber.complete();
  }

  /** Whether one more page may be followed. */
  hasRoom(userId: string): boolean {
    const ofUser = [...this.open.values()].filter((one) => one === userId).length;
    return this.open.size < MOST_STREAMS && ofUser < MOST_OF_ONE_USER;
  }

  /**
   * `ready` first, then `change` for each, and `ping` from time to time; `end` with a code when the session or the
   * membership has ended.
   * @param since the id of the last message that the page has seen; if nothing has happened since, `ready` says so.
   */
  stream(orgId: string, user: UserCaller, since: string | undefined): Observable<MessageEvent> {
    return new Observable((subscriber) => {
      this.open.set(subscriber, user.userId);
      const tell = (changes: readonly Change[] | undefined): void => {
        // What cannot be read cannot be followed; the page notices, and says so.
        if (!changes) return subscriber.complete();
        for (const change of changes)
          subscriber.next({ type: 'change', id: change.position, data: { ...change } });
      };
      const ping = setInterval(() => void this.check(orgId, user, subscriber), PING_MS);
      void this.begin(orgId, since, subscriber, tell);
      return () => {
        clearInterval(ping);
        this.open.delete(subscriber);
        this.leave(orgId, tell);
      };
    });
  }

  private async begin(
    orgId: string,
    since: string | undefined,
    subscriber: Subscriber<MessageEvent>,
    tell: (changes: readonly Change[] | undefined) => void,
  ): Promise<void> {
    try {
      // First, so that nothing falls between the look and the telling.
      const watch = this.join(orgId, tell);
      const { position = '0' } = await this.reads.events(orgId, { limit: 1 });
      watch.position ??= position;
      const isMissing = since === undefined || (await this.hasMore(orgId, since));
      subscriber.next({ type: 'ready', id: position, retry: RETRY_MS, data: { resumed: !isMissing } });
    } catch (err) {
      this.log.warn('changes cannot be followed', { orgId, err });
      subscriber.complete();
    }
  }

  private async hasMore(orgId: string, since: string): Promise<boolean> {
    const { items } = await this.reads.events(orgId, { order: 'oldest', after: since, limit: 1 });
    return items.length > 0;
  }

  private join(orgId: string, tell: (changes: readonly Change[] | undefined) => void): Watch {
    let watch = this.watches.get(orgId);
    if (!watch) {
      watch = { position: undefined, told: new Set(), timer: undefined };
      this.watches.set(orgId, watch);
      this.schedule(orgId, watch);
    }
    watch.told.add(tell);
    return watch;
  }

  private leave(orgId: string, tell: (changes: readonly Change[] | undefined) => void): void {
    const watch = this.watches.get(orgId);
    watch?.told.delete(tell);
    if (!watch || watch.told.size > 0) return;
    clearTimeout(watch.timer);
    this.watches.delete(orgId);
  }

  private schedule(orgId: string, watch: Watch): void {
    watch.timer = setTimeout(() => {
      void this.look(orgId, watch).finally(() => {
        if (watch.told.size > 0) this.schedule(orgId, watch);
      });
    }, POLL_MS);
  }

  private async look(orgId: string, watch: Watch): Promise<void> {
    if (watch.position === undefined) return;
    try {
      const page = await this.reads.events(orgId, { order: 'oldest', after: watch.position, limit: PAGE });
      watch.position = page.position ?? page.items.at(-1)?.position ?? watch.position;
      const changes = page.items.map(changeOf);
      if (changes.length > 0) for (const tell of [...watch.told]) tell(changes);
    } catch (err) {
      this.log.warn('changes cannot be followed', { orgId, err });
      for (const tell of [...watch.told]) tell(undefined);
    }
  }

  /** Ends the stream of whoever is no member any more, or logged out; else says that it goes on. */
  private async check(orgId: string, user: UserCaller, subscriber: Subscriber<MessageEvent>): Promise<void> {
    try {
      const [goesOn, standing] = await Promise.all([
        this.sessions.goesOn(user),
        this.reads.standingOf(orgId, user.userId),
      ]);
      if (goesOn && standing) return subscriber.next({ type: 'ping', data: {} });
      subscriber.next({ type: 'end', data: { code: goesOn ? 'not-found' : 'unauthenticated' } });
      subscriber.complete();
    } catch {
      // Nothing can be proven now: the page connects again, and is told by the answer what is wrong.
      subscriber.complete();
    }
  }
}

const changeOf = ({ subject, position }: AuditEvent): Change => ({
  kind: subject.kind,
  id: subject.id,
  position,
});
