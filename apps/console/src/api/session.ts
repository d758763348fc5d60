/** Whether the session is still good, told to all tabs of this browser. */
import { useSyncExternalStore } from 'react';

type State = 'good' | 'ended';

class Session {
  private state: State = 'good';
  private readonly listeners = new Set<() => void>();
  private readonly channel = new BroadcastChannel('mcpstack-session');

  constructor() {
    this.channel.onmessage = ({ data }) => {
      if (data === 'begun') this.set('good');
    };
  }

  /** The API refused the session. */
  ended(): void {
    this.set('ended');
  }

  /** Somebody has logged in, in this tab: the others may go on. */
  begun(): void {
    this.set('good');
    this.channel.postMessage('begun');
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  get current(): State {
    return this.state;
  }

  private set(state: State): void {
    if (state === this.state) return;
    this.state = state;
    for (const listener of this.listeners) listener();
  }
}

export const session = new Session();

export function useSessionState(): State {
  return useSyncExternalStore(session.subscribe, () => session.current);
}
