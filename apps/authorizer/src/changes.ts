/** Hears from the projection what has changed. */
import { CHANGED_SUBJECT, type ChangeHint } from '@mcpstack/contracts';
import type { NatsConnection } from '@nats-io/transport-node';

/** Until the connection ends. Whoever may publish on this subject can only make us read more often. */
export function listenForChanges(nats: NatsConnection, onChanged: (ids: readonly string[]) => void): void {
  nats.subscribe(CHANGED_SUBJECT, {
    callback: (error, message) => {
      if (!error) onChanged(idsIn(message.string()));
    },
  });
}

function idsIn(text: string): readonly string[] {
  try {
    const { ids } = JSON.parse(text) as Partial<ChangeHint>;
    return Array.isArray(ids) ? ids.filter((id) => typeof id === 'string') : [];
  } catch {
    return [];
  }
}
