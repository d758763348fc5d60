/** Read model: one record per organization, its members, and each user's organizations. */
import type { Role } from '@mcpstack/contracts';
import { InvalidEventError, type OrganizationEvent } from '@mcpstack/domain';
import { names } from './namespace.ts';
import type { Projected, ReadModel } from './read-model.ts';

/** The fold of one organization's stream, without its members. */
export interface OrganizationRecord {
  id: string;
  name: string;
  status: 'active';
  createdAt: string;
}

/** What stands in the members' hash under a user's id. Guarded by the organization's record. */
export interface MemberRecord {
  role: Role;
}

export const organizations: ReadModel<OrganizationRecord, OrganizationEvent> = {
  category: 'organization',
  recordName: names.organization,
  project(record, event, { id, position }): Projected<OrganizationRecord> {
    switch (event.type) {
      case 'OrganizationCreated': {
        const { organizationId, name, ownerId } = event.data;
        if (record) throw new InvalidEventError('OrganizationCreated stands twice in one stream');
        if (organizationId !== id)
          throw new InvalidEventError('OrganizationCreated names another organization than its stream');
        const owner: MemberRecord = { role: 'owner' };
        return {
          record: { id, name, status: 'active', createdAt: event.at },
          writes: [
            ['HSET', names.membersOf(id), ownerId, JSON.stringify(owner)],
            ['ZADD', names.organizationsOf(ownerId), `${position}`, id],
          ],
        };
      }
      default:
        return event.type satisfies never;
    }
  },
};
