/** Not written yet. */
import type { EventStore } from '../event-store.ts';
import type { OpenOptions } from '../open.ts';

export function openKurrentDbLog(_url: string, _options: OpenOptions): Promise<EventStore> {
  return Promise.reject(new Error('not written yet'));
}
