/** One courier by itself, with stand-ins for its peers. */
import type { AuditEvent } from '@mcpstack/contracts';
import { waitFor } from '@mcpstack/local-servers';
import type { WatchedWebhook } from '@mcpstack/read-models';
import { Log } from '@mcpstack/service-kit';
import { Courier, type CourierDeps } from '../src/delivery/courier.ts';
import type { SavedState } from '../src/delivery/saved-state.ts';
import type { Answer } from '../src/delivery/send.ts';
import { eventAt, webhook } from './events.ts';

export const DAY_MS = 86_400_000;

/** Events at these positions, each about another key; those before `droppedBefore` gone. */
export function feedOf(positions: readonly number[], droppedBefore?: number): CourierDeps['feed'] {
  const head = BigInt(positions.at(-1) ?? 0);
  const events = positions.map((one): AuditEvent => eventAt(one, `k${one}`));
  return {
    head: () => Promise.resolve(head),
    // The time is a position: what is looked for ends at the head.
    before: (_organizationId, time) =>
      Promise.resolve(BigInt(Math.min(Number(time.slice(0, 4)), Number(head)))),
    after: (_organizationId, position, { types, until }) =>
      Promise.resolve({
        events: events.filter(
          (one) =>
            BigInt(one.position) > position &&
            BigInt(one.position) <= until &&
            (types?.includes(one.type) ?? true),
        ),
        until: until < head ? until : head,
        droppedBefore: droppedBefore === undefined ? undefined : BigInt(droppedBefore),
      }),
  };
}

export class OneCourier {
  nowMs = Date.parse('2026-11-24T08:00:00.000Z');
  saved: SavedState | undefined;
  /** As the read models hold it; what `look` brings is as it was at the start. */
  webhook: WatchedWebhook = webhook();
  readonly posted: string[] = [];
  readonly urls: string[] = [];
  readonly disabled: { reason: string; since: string }[] = [];
  answer: () => Answer | Promise<Answer> = () => ({ ok: true, status: 204 });
  courier!: Courier;

  start(deps: Partial<CourierDeps> = {}): this {
    this.courier = new Courier(webhook(), { ...this.deps(), ...deps });
    this.courier.look(webhook(), 3n);
    return this;
  }

  deps(): CourierDeps {
    return {
      feed: feedOf([1, 2, 3]),
      store: {
        load: () => Promise.resolve(this.saved && { state: this.saved, revision: 1 }),
        save: (_id, state) => Promise.resolve(void (this.saved = state)).then(() => 1),
      },
      keys: { sign: () => 'v1,AAAA' },
      post: (url, { headers }) => {
        this.posted.push(headers['webhook-id']!);
        this.urls.push(url);
        return Promise.resolve(this.answer());
      },
      isActive: () => true,
      load: { underWay: 0, most: 100 },
      current: () => Promise.resolve(this.webhook),
      disable: (_webhook, reason, since) => Promise.resolve(void this.disabled.push({ reason, since })),
      backOff: { firstMs: 5, random: () => 0.5 },
      disableAfterMs: 5 * DAY_MS,
      log: new Log('spec', 'silent'),
      nowMs: () => this.nowMs,
    };
  }

  async reaches(position: string): Promise<void> {
    await waitFor(() => this.courier.progress()?.position === position);
  }
}
