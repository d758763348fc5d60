/** Issuance's own parts, with one protection switched off or one place where a test may step in. */
import type { Actor } from '@mcpstack/contracts';
import type { EventStore } from '@mcpstack/event-store';
import { Decisions, type Standing } from '../src/decisions.ts';

/** The log as it is, but for what a test puts in the place of `append`. */
export function storeWith(
  store: EventStore,
  append: (store: EventStore, ...args: Parameters<EventStore['append']>) => ReturnType<EventStore['append']>,
): EventStore {
  return {
    append: (...args) => append(store, ...args),
    truncate: (...args) => store.truncate(...args),
    readStream: (...args) => store.readStream(...args),
    subscribe: (options) => store.subscribe(options),
    head: (options) => store.head(options),
    logId: (options) => store.logId(options),
    originId: (options) => store.originId(options),
    close: () => store.close(),
  };
}

/** For controls: whoever was looked at once is not looked at again. */
export class OneLook extends Decisions {
  private readonly seen = new Map<string, Promise<Standing>>();

  override standing(actor: Actor, organizationId: string): Promise<Standing> {
    const name = `${actor.type}:${actor.id}:${organizationId}`;
    const standing = this.seen.get(name) ?? super.standing(actor, organizationId);
    this.seen.set(name, standing);
    return standing;
  }
}
