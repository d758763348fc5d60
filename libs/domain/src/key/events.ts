/** Service key: events and state. These names and shapes are a storage format (G10): never edit, add. */
import type { Actor, Permission, Role } from '@mcpstack/contracts';
import { z } from 'zod';
import { eventCodec, firstVersion } from '../codec.ts';
import type { DomainEvent } from '../decider.ts';
import { id, name, permission, role } from '../schemas.ts';

const keyCreated = z.strictObject({
  keyId: id('key'),
  organizationId: id('org'),
  kind: z.literal('service'),
  name,
  role,
  /** Narrows the role to these; absent means all that the role may. */
  permissions: z.array(permission).exactOptional(),
  credential: z.strictObject({
    /** HMAC-SHA-256 under the pepper of the ASCII of SHA-256(token), hexadecimal (G1). */
    digest: z.string().regex(/^[0-9a-f]{64}$/),
    pepperVersion: z.int().min(1),
  }),
});
const keyRenamed = z.strictObject({ name });
const keyRevoked = z.strictObject({
  /** `maker-lost-rights`: taken back by issuance before anyone saw the secret (G8). */
  reason: z.enum(['requested', 'maker-lost-rights']),
});

export type KeyCreated = DomainEvent<'KeyCreated', z.infer<typeof keyCreated>>;
export type KeyRenamed = DomainEvent<'KeyRenamed', z.infer<typeof keyRenamed>>;
export type KeyRevoked = DomainEvent<'KeyRevoked', z.infer<typeof keyRevoked>>;
export type KeyEvent = KeyCreated | KeyRenamed | KeyRevoked;

export const keyCodec = eventCodec<KeyEvent>({
  KeyCreated: firstVersion(keyCreated),
  KeyRenamed: firstVersion(keyRenamed),
  KeyRevoked: firstVersion(keyRevoked),
});

/** What is stored of a secret: enough to recognize it with the pepper at hand, too little without. */
export type Credential = KeyCreated['data']['credential'];

interface Key {
  id: string;
  organizationId: string;
  kind: 'service';
  name: string;
  role: Role;
  permissions?: readonly Permission[];
  credential: Credential;
  createdAt: string;
  createdBy: Actor;
}
export type ActiveKey = Key & { status: 'active' };
export type RevokedKey = Key & { status: 'revoked'; revokedAt: string; reason: KeyRevoked['data']['reason'] };
export type KeyState = { status: 'none' } | ActiveKey | RevokedKey;

export const noKey: KeyState = { status: 'none' };

export function evolveKey(state: KeyState, event: KeyEvent): KeyState {
  switch (event.type) {
    case 'KeyCreated': {
      const { keyId, ...rest } = event.data;
      return { status: 'active', id: keyId, ...rest, createdAt: event.at, createdBy: event.actor };
    }
    case 'KeyRenamed':
      return state.status === 'none' ? state : { ...state, name: event.data.name };
    case 'KeyRevoked':
      // The first revocation stands; none ever makes a key active again.
      return state.status === 'active'
        ? { ...state, status: 'revoked', revokedAt: event.at, reason: event.data.reason }
        : state;
    default:
      return event satisfies never;
  }
}
