/** Follows the changes of an organization: what has changed is asked for again at once. */
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { keyOf, type Resource } from './resources.ts';
import { session } from './session.ts';

export type LiveState = 'live' | 'connecting' | 'lost';

/** What a change of each kind of subject shows in. */
const SHOWN_IN: Readonly<Record<string, readonly Resource[]>> = {
  organization: ['organization'],
  member: ['members'],
  invitation: ['invitations', 'members'],
  agent: ['agents'],
  domain: ['domains'],
  server: ['servers'],
  key: ['api-keys', 'public-keys'],
  webhook: ['webhooks'],
};
/** Of a stream that the browser has given up. */
const AGAIN_MS = 3_000;
/** What is over within this time is no outage to speak of. */
const LOST_AFTER_MS = 4_000;
/** The gateway says every 5 seconds that it is there: a connection that hangs says nothing. */
const SILENT_MS = 12_000;
/** Changes that come together are asked for together. */
const GATHER_MS = 100;

export function useLive(orgId: string): LiveState {
  const client = useQueryClient();
  const [state, setState] = useState<LiveState>('connecting');
  useEffect(() => {
    let source: EventSource | undefined;
    let again: ReturnType<typeof setTimeout> | undefined;
    let losing: ReturnType<typeof setTimeout> | undefined;
    let gathering: ReturnType<typeof setTimeout> | undefined;
    let watching: ReturnType<typeof setTimeout> | undefined;
    const changed = new Set<Resource>();

    const tell = () => {
      gathering = undefined;
      for (const resource of changed) void client.invalidateQueries({ queryKey: keyOf(orgId, resource) });
      // Which organizations there are for the reader, and their role in them, stands with the members.
      if (changed.has('organization') || changed.has('members'))
        void client.invalidateQueries({ queryKey: ['organizations'] });
      changed.clear();
    };
    const heard = () => {
      clearTimeout(watching);
      watching = setTimeout(() => {
        setState('lost');
        open();
      }, SILENT_MS);
    };
    const open = () => {
      source?.close();
      heard();
      source = new EventSource(`/api/v1/organizations/${encodeURIComponent(orgId)}/changes`);
      source.addEventListener('ready', ({ data }: MessageEvent<string>) => {
        heard();
        clearTimeout(losing);
        losing = undefined;
        setState('live');
        // Nobody told what happened before.
        if (!(JSON.parse(data) as { resumed: boolean }).resumed)
          void client.invalidateQueries({ queryKey: ['org', orgId] });
      });
      source.addEventListener('ping', heard);
      source.addEventListener('change', ({ data }: MessageEvent<string>) => {
        heard();
        const { kind } = JSON.parse(data) as { kind: string };
        for (const resource of SHOWN_IN[kind] ?? []) changed.add(resource);
        changed.add('events');
        gathering ??= setTimeout(tell, GATHER_MS);
      });
      source.addEventListener('end', ({ data }: MessageEvent<string>) => {
        if ((JSON.parse(data) as { code: string }).code === 'unauthenticated') session.ended();
        // No member any more: the list of organizations says what is left.
        else void client.invalidateQueries({ queryKey: ['organizations'] });
      });
      source.onerror = () => {
        losing ??= setTimeout(() => setState('lost'), LOST_AFTER_MS);
        // The browser tries again by itself, except after an answer that is no stream.
        if (source?.readyState === EventSource.CLOSED) again = setTimeout(open, AGAIN_MS);
      };
    };
    open();
    return () => {
      source?.close();
      for (const timer of [again, losing, gathering, watching]) clearTimeout(timer);
    };
  }, [client, orgId]);
  return state;
}
