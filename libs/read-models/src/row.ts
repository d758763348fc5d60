/** What read scripts answer of a record. */
import type { Reply } from './connection.ts';
import { ReadModelsUnavailableError } from './errors.ts';

/** Data and parked mark of one record, as the scripts answer them. */
export type Row = readonly [data: string | null, parked: string | null];

export function firstRow(reply: Reply | undefined): Row {
  return (reply as unknown as Row[])[0]!;
}

/** The record for showing it. @throws ReadModelsUnavailableError when it is parked: it may be out of date. */
export function readable<Record>([data, parked]: Row): Record | undefined {
  if (parked) throw new ReadModelsUnavailableError('parked', 'an event of this stream could not be read');
  return data === null ? undefined : (JSON.parse(data) as Record);
}
