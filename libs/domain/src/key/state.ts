/** Keys of both kinds: what their events come to. */
import type {
  Actor,
  AllowedOrigin,
  KeyScope,
  KeyStateName,
  Permission,
  Quota,
  RateLimit,
  RevocationReason,
  Role,
} from '@mcpstack/contracts';
import type { Credential, KeyEvent } from './events.ts';

/** Days before its expiry at which a key is announced to expire, the first one first. */
export const EXPIRY_NOTICES = [30, 7, 1] as const;

interface KnownKey {
  /** `suspended` gives way to `active` again; `expired` and `revoked` are for good. */
  status: KeyStateName;
  id: string;
  organizationId: string;
  name: string;
  expiresAt?: string;
  /** Of EXPIRY_NOTICES: those that have been given. */
  noticesGiven: readonly number[];
  createdAt: string;
  createdBy: Actor;
  suspendedAt?: string;
  revokedAt?: string;
  revocationReason?: RevocationReason;
}

/** A secret of a service key. The one without `validUntil` is current. */
export interface Secret {
  version: number;
  credential: Credential;
  createdAt: string;
  hint?: string;
  validUntil?: string;
  untilNextSeen?: true;
}

export interface ServiceKey extends KnownKey {
  kind: 'service';
  role: Role;
  /** Narrows the role to these; absent means all that the role may. */
  permissions?: readonly Permission[];
  scope?: KeyScope;
  allowedIps?: readonly string[];
  limits?: readonly RateLimit[];
  quotas?: readonly Quota[];
  tags: readonly string[];
  environment?: string;
  /** At most two, oldest first: whether an older one still works is told by the clock. */
  secrets: readonly Secret[];
  exposedAt?: string;
}

export interface PublishableKey extends KnownKey {
  kind: 'publishable';
  agentId: string;
  value: string;
  credential: Credential;
  origins: readonly AllowedOrigin[];
  development: boolean;
}

export type KeyState = { status: 'none' } | ServiceKey | PublishableKey;

export const noKey: KeyState = { status: 'none' };

export function evolveKey(state: KeyState, event: KeyEvent): KeyState {
  if (event.type === 'KeyCreated') {
    const { keyId, credential, hint, tags = [], ...rest } = event.data;
    const secret: Secret = { version: 1, credential, createdAt: event.at, ...(hint && { hint }) };
    return { ...born(keyId, event), ...rest, tags, secrets: [secret] };
  }
  if (event.type === 'PublicKeyCreated') {
    const { keyId, ...rest } = event.data;
    return { ...born(keyId, event), kind: 'publishable', ...rest };
  }
  if (state.status === 'none') return state;
  switch (event.type) {
    case 'KeyRenamed':
      return { ...state, name: event.data.name };
    case 'KeySuspended':
      return state.status === 'active' ? { ...state, status: 'suspended', suspendedAt: event.at } : state;
    case 'KeyResumed': {
      const { suspendedAt: _, ...rest } = state;
      return state.status === 'suspended' ? { ...rest, status: 'active' } : state;
    }
    case 'KeyRevoked':
      // The first revocation stands; none ever makes a key active again.
      return state.status === 'revoked'
        ? state
        : { ...state, status: 'revoked', revokedAt: event.at, revocationReason: event.data.reason };
    case 'KeyExpired':
      return state.status === 'revoked' ? state : { ...state, status: 'expired' };
    case 'KeyExpiring':
      return { ...state, noticesGiven: [...state.noticesGiven, event.data.daysBefore] };
    case 'PublicKeyOriginAdded':
      return state.kind === 'publishable' ? { ...state, origins: [...state.origins, event.data] } : state;
    case 'PublicKeyOriginRemoved':
      return state.kind === 'publishable'
        ? { ...state, origins: state.origins.filter(({ origin }) => origin !== event.data.origin) }
        : state;
    default:
      return state.kind === 'service' ? evolveServiceKey(state, event) : state;
  }
}

function born(id: string, { at, actor }: { at: string; actor: Actor }) {
  return { status: 'active', id, noticesGiven: [] as number[], createdAt: at, createdBy: actor } as const;
}

function evolveServiceKey(
  state: ServiceKey,
  event: Extract<
    KeyEvent,
    { type: 'KeyTagged' | 'KeyNarrowed' | 'KeyRotated' | 'KeySecretRetired' | 'KeyExposed' }
  >,
): ServiceKey {
  switch (event.type) {
    case 'KeyTagged':
      return { ...state, tags: event.data.tags };
    case 'KeyNarrowed': {
      // Notices are about one time of expiry: an earlier one is announced anew.
      const isEarlier = event.data.expiresAt !== undefined && event.data.expiresAt !== state.expiresAt;
      return { ...state, ...event.data, ...(isEarlier && { noticesGiven: [] }) };
    }
    case 'KeyRotated': {
      const { version, credential, hint, previous } = event.data;
      const current = state.secrets.at(-1)!;
      const next: Secret = { version, credential, createdAt: event.at, ...(hint && { hint }) };
      return { ...state, secrets: [{ ...current, ...previous }, next] };
    }
    case 'KeySecretRetired':
      return { ...state, secrets: state.secrets.filter(({ version }) => version !== event.data.version) };
    case 'KeyExposed':
      return { ...state, exposedAt: event.at };
    default:
      return event satisfies never;
  }
}
