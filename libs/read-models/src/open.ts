/** Opens the read models for reading. */
import { type OpenReadModelsOptions, type ReadModels } from './reading.ts';
import { ReadModelsUnavailableError } from './errors.ts';

/**
 * Opens the read models. Resolves at once, connected or not: a Redis that is away makes the reads reject
 * until it is back.
 */
export function openReadModels(_options: OpenReadModelsOptions): ReadModels {
  throw new ReadModelsUnavailableError('closed', 'the reader is not built yet');
}
