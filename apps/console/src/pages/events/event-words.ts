/** Events in words, and where what they are about is shown. */
import type { ComboboxData } from '@mantine/core';
import {
  AUDIT_EVENT_SUBJECTS,
  AUDIT_EVENT_TYPES,
  describeEvent,
  isAuditEventType,
  type AuditEvent,
} from '@mcpstack/contracts';
import type { Schema } from '../../api/client.ts';
import { pathTo } from '../../shell/paths.ts';
import type { Named } from './names.ts';

export type Event = Schema<'EventAnswer'>;

/** One that this page does not know yet is told by its name. */
export function wordsOf(event: Event): string {
  if (!isAuditEventType(event.type)) return event.type;
  const words = describeEvent(event as unknown as AuditEvent);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** `KeyRevoked` as `Key revoked`. */
export const typeWords = (type: string): string =>
  type.replaceAll(/(?<=.)[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

/** All types, by what they are about. */
export const TYPE_OPTIONS: ComboboxData = [...new Set(Object.values(AUDIT_EVENT_SUBJECTS))].map((kind) => ({
  group: kind.charAt(0).toUpperCase() + kind.slice(1),
  items: AUDIT_EVENT_TYPES.filter((type) => AUDIT_EVENT_SUBJECTS[type] === kind).map((value) => ({
    value,
    label: typeWords(value),
  })),
}));

/** The page of what the event is about; absent where there is none. */
export function pathOfSubject(orgId: string, event: Event, known: Named | undefined): string | undefined {
  const { kind, id } = event.subject;
  switch (kind) {
    case 'organization':
      return pathTo(orgId, 'settings', 'organization');
    case 'member':
    case 'invitation':
      return pathTo(orgId, 'members');
    case 'agent':
      return pathTo(orgId, 'agents', id);
    case 'domain': {
      const { agentId } = event.data;
      return typeof agentId === 'string' ? pathTo(orgId, 'agents', agentId, 'embed') : undefined;
    }
    case 'server':
      return pathTo(orgId, 'servers');
    case 'key': {
      const isPublic = known?.isPublicKey ?? event.type.startsWith('PublicKey');
      return pathTo(orgId, isPublic ? 'public-keys' : 'api-keys', id);
    }
    case 'webhook':
      return pathTo(orgId, 'settings', 'webhooks', id);
    default:
      return undefined;
  }
}
