/**
 * Tells open pages what has changed in an organization, within half a second: the kind and the id, never the content,
 * which they ask for with their own rights. One look at the read models serves all pages of an organization.
 */
import type { Socket } from 'node:net';
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

const PAGE = 200;
/** Of one look; the next one goes on. */
const MOST_PAGES = 50;
/** Of how long the browser waits before it connects again. */
const RETRY_MS = 1_000;
/** Each holds a connection. */
const MOST_STREAMS = 2_000;
const MOST_OF_ONE_USER = 50;

/** A page that is open. */
class Follower {
  /** Bytes that had left when it was looked last. */
  private sent = -1;

  constructor(
    readonly user: UserCaller,
    private readonly subscriber: Subscriber<MessageEvent>,
    /** Every message carries one: the browser sends the last back when it connects again. */
    private position: string,
    private readonly socket: Socket,
  ) {}

  say(type: string, data: object, position = this.position): void {
    this.position = position;
    this.subscriber.next({ type, id: position, retry: RETRY_MS, data });
  }

  end(): void {
    this.subscriber.complete();
  }

  /** Cuts off whoever does not read: nothing of what waits has left since it was looked last. */
  cutIfStuck(): void {
    const { bytesWritten, writableLength } = this.socket;
    const sent = bytesWritten - writableLength;
    if (writableLength > 0 && sent === this.sent) this.socket.destroy();
    this.sent = sent;
  }
}

export interface Followed {
  orgId: string;
  user: UserCaller;
  /** The position of the last message that the page has seen; `ready` says whether it has missed any. */
  since: string | undefined;
  /** That of the page. */
  socket: Socket;
}

/** The pages of one organization. */
interface Watch {
  /** All changes up to here were told. */
  position: string | undefined;
  followers: Set<Follower>;
  timer: ReturnType<typeof setTimeout> | undefined;
}

@Injectable()
export class LiveChanges implements OnModuleDestroy {
  /** Milliseconds. */
  readonly times = {
    poll: 500,
    /** How often a page is told that it goes on; and how long who has lost the right is still told. */
    ping: 5_000,
  };
  private readonly watches = new Map<string, Watch>();
  private readonly open = new Set<Follower>();

  constructor(
    private readonly reads: Reads,
    private readonly sessions: Sessions,
    private readonly log: Log,
  ) {}

  /** Pages connect again, to another gateway if this one has gone. */
  onModuleDestroy(): void {
    for (const follower of [...this.open]) follower.end();
  }

  /** How many pages are open. */
  get followed(): number {
    return this.open.size;
  }

  /** Whether one more page may be followed. */
  hasRoom(userId: string): boolean {
    const ofUser = [...this.open].filter(({ user }) => user.userId === userId).length;
    return this.open.size < MOST_STREAMS && ofUser < MOST_OF_ONE_USER;
  }

  /**
   * `ready` first, then `change` for each, and `ping` from time to time; `end` with a code when the session or the
   * membership has ended.
   */
  stream({ orgId, user, since, socket }: Followed): Observable<MessageEvent> {
    return new Observable((subscriber) => {
      const follower = new Follower(user, subscriber, since ?? '0', socket);
      this.open.add(follower);
      const ping = setInterval(() => void this.check(orgId, follower), this.times.ping);
      void this.begin(orgId, since, follower);
      return () => {
        clearInterval(ping);
        this.open.delete(follower);
        this.leave(orgId, follower);
      };
    });
  }

  private async begin(orgId: string, since: string | undefined, follower: Follower): Promise<void> {
    try {
      // First, so that nothing falls between the look and the telling.
      const watch = this.join(orgId, follower);
      const { position = '0' } = await this.reads.events(orgId, { limit: 1 });
      watch.position ??= position;
      const isMissing = since === undefined || (await this.hasMore(orgId, since));
      follower.say('ready', { resumed: !isMissing }, position);
    } catch (err) {
      this.log.warn('changes cannot be followed', { orgId, err });
      follower.end();
    }
  }

  private async hasMore(orgId: string, since: string): Promise<boolean> {
    const { items } = await this.reads.events(orgId, { order: 'oldest', after: since, limit: 1 });
    return items.length > 0;
  }

  private join(orgId: string, follower: Follower): Watch {
    let watch = this.watches.get(orgId);
    if (!watch) {
      watch = { position: undefined, followers: new Set(), timer: undefined };
      this.watches.set(orgId, watch);
      this.schedule(orgId, watch);
    }
    watch.followers.add(follower);
    return watch;
  }

  private leave(orgId: string, follower: Follower): void {
    const watch = this.watches.get(orgId);
    watch?.followers.delete(follower);
    if (!watch || watch.followers.size > 0) return;
    clearTimeout(watch.timer);
    this.watches.delete(orgId);
  }

  private schedule(orgId: string, watch: Watch): void {
    watch.timer = setTimeout(() => {
      void this.look(orgId, watch).finally(() => {
        if (watch.followers.size > 0) this.schedule(orgId, watch);
      });
    }, this.times.poll);
  }

  private async look(orgId: string, watch: Watch): Promise<void> {
    if (watch.position === undefined) return;
    try {
      for (let pages = 1; ; pages += 1) {
        const page = await this.reads.events(orgId, { order: 'oldest', after: watch.position, limit: PAGE });
        watch.position = page.position ?? page.items.at(-1)?.position ?? watch.position;
        for (const change of page.items.map(changeOf))
          for (const follower of watch.followers) follower.say('change', change, change.position);
        // Many at once, as where keys are revoked in bulk, must not hold up what comes after them.
        if (page.nextCursor === undefined || pages === MOST_PAGES) return;
      }
    } catch (err) {
      this.log.warn('changes cannot be followed', { orgId, err });
      // The pages notice, and say so.
      for (const follower of [...watch.followers]) follower.end();
    }
  }

  /** Ends the stream of whoever is no member any more, or logged out; else says that it goes on. */
  private async check(orgId: string, follower: Follower): Promise<void> {
    follower.cutIfStuck();
    try {
      const [goesOn, standing] = await Promise.all([
        this.sessions.goesOn(follower.user),
        this.reads.standingOf(orgId, follower.user.userId),
      ]);
      if (goesOn && standing) return follower.say('ping', {});
      follower.say('end', { code: goesOn ? 'not-found' : 'unauthenticated' });
    } catch {
      // Nothing can be proven now: the page connects again, and is told by the answer what is wrong.
    }
    follower.end();
  }
}

const changeOf = ({ subject, position }: AuditEvent): Change => ({
  kind: subject.kind,
  id: subject.id,
  position,
});
