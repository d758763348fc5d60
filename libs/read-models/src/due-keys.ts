/** Which keys something is due for by the clock, for whoever records it. */
import type { ReadModels } from './reading.ts';
import { READ_SCRIPTS } from './read-scripts.ts';
import type { TrustedReader } from './trusted-reader.ts';

/** So many are listed at once. */
const MOST_KEYS = 1_000;

export function dueKeyReads(reader: TrustedReader): Pick<ReadModels, 'listDueKeys'> {
  return {
    listDueKeys: async (untilMs, limit) => {
      if (!Number.isInteger(limit) || limit < 1 || limit > MOST_KEYS)
        throw new RangeError(`1 to ${MOST_KEYS} due keys are listed at once`);
      return reader.read(READ_SCRIPTS.dueKeys, [`${untilMs}`, `${limit}`], (reply) =>
        (reply as [string, string | null][]).flatMap(([keyId, organizationId]) =>
          organizationId === null ? [] : [{ organizationId, keyId }],
        ),
      );
    },
  };
}
