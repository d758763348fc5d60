/** What read scripts answer of a record. */
import type { Reply } from './connection.ts';
import { ReadModelsUnavailableError } from './errors.ts';

/** Data, revision and parked mark of one record, as the scripts answer them. */
export type Row = readonly [data: string | null, revision: string | null, parked: string | null];

export function rowsIn(reply: Reply | undefined): readonly Row[] {
  return reply as unknown as readonly Row[];
}

/** What stands in a record, and the revision of its stream, decimal. */
export interface Found<Data> {
  data: Data;
  revision: string;
}

/** The record for showing it. @throws ReadModelsUnavailableError when it is parked: it may be out of date. */
export function readable<Data>([data, revision, parked]: Row): Found<Data> | undefined {
  if (parked) throw new ReadModelsUnavailableError('parked', 'an event of this stream could not be read');
  if (data === null) return undefined;
  return { data: JSON.parse(data) as Data, revision: revision ?? '' };
}

/** The record in a list of others: one that is parked must not hide them, and shown as it was it could mislead. */
export function listable<Data>(row: Row): Found<Data> | undefined {
  if (row[2]) return undefined;
  const found = readable<Data>(row);
  if (!found) throw new ReadModelsUnavailableError('not-built', 'what is listed has no record');
  return found;
}
