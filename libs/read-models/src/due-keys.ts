/** Which keys something is due for by the clock, for whoever records it. */
import { MAX_PAGE_SIZE, type ReadModels } from './reading.ts';
import { READ_SCRIPTS } from './read-scripts.ts';
import type { TrustedReader } from './trusted-reader.ts';

export function dueKeyReads(reader: TrustedReader): Pick<ReadModels, 'listDueKeys'> {
  return {
    listDueKeys: async (untilMs, limit) => {
      if (!Number.isInteger(limit) || limit < 1 || limit > MAX_PAGE_SIZE)
        throw new RangeError(`1 to ${MAX_PAGE_SIZE} due keys are listed at once`);
      return reader.read(READ_SCRIPTS.dueKeys, [`${untilMs}`, `${limit}`], (reply) =>
        (reply as [string, string | null][]).flatMap(([keyId, organizationId]) =>
          organizationId === null ? [] : [{ organizationId, keyId }],
        ),
      );
    },
  };
}
