/** Read model: people's profiles, the one place of personal data. Erased profiles leave nothing here. */
import type { UserProfile } from '@mcpstack/contracts';
import { InvalidEventError, type UserEvent } from '@mcpstack/domain';
import { names } from './namespace.ts';
import type { Projected, ReadModel } from './read-model.ts';
import { READ_SCRIPTS } from './read-scripts.ts';
import { MAX_PAGE_SIZE, type ReadModels } from './reading.ts';
import { rowsIn } from './row.ts';
import type { TrustedReader } from './trusted-reader.ts';

export const users: ReadModel<UserProfile, UserEvent> = {
  category: 'user',
  recordName: names.user,
  deletable: true,
  project(_, event, { id }): Projected<UserProfile> {
    if (event.data.userId !== id)
      throw new InvalidEventError(`${event.type} names another user than its stream`);
    switch (event.type) {
      case 'UserProfileChanged':
        return { record: event.data, writes: [] };
      case 'UserProfileErased':
        return { record: undefined, writes: [] };
      default:
        return event satisfies never;
    }
  },
};

export function userReads(reader: TrustedReader): Pick<ReadModels, 'getProfiles'> {
  return {
    getProfiles: async (userIds) => {
      if (userIds.length > MAX_PAGE_SIZE) throw new RangeError(`at most ${MAX_PAGE_SIZE} profiles at once`);
      return reader.read(READ_SCRIPTS.records, userIds.map(names.user), (reply) =>
        // A parked profile may have been erased since.
        rowsIn(reply).map(([data, , parked]) =>
          data === null || parked !== null ? undefined : (JSON.parse(data) as UserProfile),
        ),
      );
    },
  };
}
