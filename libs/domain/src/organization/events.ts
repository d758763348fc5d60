/** Organization: events and state. These names and shapes are a storage format (G10): never edit, add. */
import type { Role } from '@mcpstack/contracts';
import { z } from 'zod';
import { eventCodec, firstVersion } from '../codec.ts';
import type { DomainEvent } from '../decider.ts';
import { id, name } from '../schemas.ts';

const organizationCreated = z.strictObject({
  organizationId: id('org'),
  name,
  /** The user who becomes its first owner. */
  ownerId: id('user'),
});

export type OrganizationCreated = DomainEvent<'OrganizationCreated', z.infer<typeof organizationCreated>>;
export type OrganizationEvent = OrganizationCreated;

export const organizationCodec = eventCodec<OrganizationEvent>({
  OrganizationCreated: firstVersion(organizationCreated),
});

export type OrganizationState =
  | { status: 'none' }
  | {
      status: 'active';
      id: string;
      name: string;
      /** User id → role. */
      members: Readonly<Record<string, Role>>;
      createdAt: string;
    };

export const noOrganization: OrganizationState = { status: 'none' };

export function evolveOrganization(_state: OrganizationState, event: OrganizationEvent): OrganizationState {
  switch (event.type) {
    case 'OrganizationCreated':
      return {
        status: 'active',
        id: event.data.organizationId,
        name: event.data.name,
        members: { [event.data.ownerId]: 'owner' },
        createdAt: event.at,
      };
    default:
      return event.type satisfies never;
  }
}
