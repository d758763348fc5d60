/** What a subscription says, noted in its order, and waits for parts of it. */
import type { AllStreamSubscription, StreamSubscription } from './client.ts';

type Noted = [string, unknown?];
const EVENTS = ['confirmation', 'caughtUp', 'fellBehind', 'error', 'end', 'finish', 'close'] as const;

/** Listens to everything a subscription says, in its order. */
export class Listener {
  readonly log: Noted[] = [];
  readonly subscription: AllStreamSubscription | StreamSubscription;

  constructor(subscription: AllStreamSubscription | StreamSubscription) {
    this.subscription = subscription;
    for (const name of EVENTS) {
      (subscription as NodeJS.EventEmitter).on(name, (what: unknown) => this.log.push([name, what]));
    }
    subscription.on('data', ({ event: one }) => this.log.push(['data', `${one?.streamId}@${one?.revision}`]));
  }

  get data(): string[] {
    return this.log.flatMap(([name, what]) => (name === 'data' ? [String(what)] : []));
  }

  get other(): Noted[] {
    return this.log.filter(([name]) => name !== 'data');
  }

  async until(condition: (listener: Listener) => boolean, what: string): Promise<this> {
    for (const began = Date.now(); !condition(this); await new Promise((r) => setTimeout(r, 5))) {
      if (Date.now() - began > 10_000)
        throw new Error(`never ${what}: ${JSON.stringify(this.log.at(-1)?.[0])}`);
    }
    return this;
  }

  heard(name: string): Promise<this> {
    return this.until(({ log }) => log.some(([one]) => one === name), name);
  }

  events(count: number): Promise<this> {
    return this.until(({ data }) => data.length >= count, `${count} events`);
  }
}
