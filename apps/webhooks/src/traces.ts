/** Attempts at deliveries as spans, in the trace of the request that the event came of. */
import { rootOf, tellSpan } from '@mcpstack/service-kit';
import type { Told } from './delivery/attempt.ts';

/** Told as well as `told` is. Where the webhook is, and what it answered besides its status, is in no trace. */
export function traced(told: Told): Told {
  return {
    ...told,
    onAttempt(outcome, noted, webhookId, event) {
      told.onAttempt(outcome, noted, webhookId, event);
      const parent = event && rootOf(event.requestId, event.actor);
      if (!parent) return;
      tellSpan({
        name: 'deliver to a webhook',
        kind: 'client',
        parent,
        durationMs: noted.durationMs,
        fields: {
          'mcpstack.request_id': event.requestId,
          'mcpstack.webhook_id': webhookId,
          'mcpstack.event_types': event.type,
          'mcpstack.attempt': noted.attempt,
          'mcpstack.outcome': outcome,
          'http.response.status_code': noted.status,
        },
        failure: outcome === 'delivered' ? undefined : outcome,
      });
    },
  };
}
