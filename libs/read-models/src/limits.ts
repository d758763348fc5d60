/** Counters of limits and quotas: not read models. Written by authorizers, kept over every rebuild. */
import type { ReadModels } from './reading.ts';
import type { TrustedReader } from './trusted-reader.ts';

export function limitTakings(_: TrustedReader): Pick<ReadModels, 'take' | 'giveBack'> {
  return {
    take: () => Promise.reject(new Error('not built yet')),
    giveBack: () => Promise.reject(new Error('not built yet')),
  };
}
