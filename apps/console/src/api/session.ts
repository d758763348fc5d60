/** Whether the session is still good, told to all tabs of this browser. */
import { useSyncExternalStore } from 'react';

/** `unsure`: somebody says that it has begun anew; nobody knows yet whose it is. */
export type SessionState = 'good' | 'ended' | 'unsure';

class Session {
  private state: SessionState = 'good';
  private readonly listeners = new Set<() => void>();
  private readonly channel = new BroadcastChannel('mcpstack-session');

  constructor() {
    this.channel.onmessage = ({ data }) => {
      if (data === 'begun') this.mayBeGood();
    };
  }

  /** The API refused the session. */
  ended(): void {
    this.set('ended');
  }

  /** Somebody has logged in, in this tab: the others look whether they may go on. */
  begun(): void {
    this.mayBeGood();
    this.channel.postMessage('begun');
  }

  /** The API answered who this is, and it is who it was. */
  proven(): void {
    this.set('good');
  }

  private mayBeGood(): void {
    if (this.state === 'ended') this.set('unsure');
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  get current(): SessionState {
    return this.state;
  }

  private set(state: SessionState): void {
    if (state === this.state) return;
    this.state = state;
    for (const listener of this.listeners) listener();
  }
}

export const session = new Session();

export function useSessionState(): SessionState {
  return useSyncExternalStore(session.subscribe, () => session.current);
}
