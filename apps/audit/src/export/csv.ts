/**
 * CSV as of RFC 4180, with a header, in UTF-8. A spreadsheet takes a cell that begins like a formula for one, and names
 * come from anybody: such a cell gets an apostrophe in front, which spreadsheets take for "this is text".
 */
import { decimal, type Format } from './format.ts';
import { type ToldEvent } from './told-event.ts';

const COLUMNS: readonly (readonly [title: string, of: (event: ToldEvent) => string])[] = [
  ['position', ({ position }) => position],
  ['time', ({ at }) => at],
  ['type', ({ type }) => type],
  ['what', ({ what }) => what()],
  ['organization_id', ({ organizationId }) => organizationId ?? ''],
  ['actor_type', ({ actor }) => actor.type],
  ['actor_id', ({ actor }) => actor.id],
  ['subject_kind', ({ subject }) => subject.kind],
  ['subject_id', ({ subject }) => subject.id],
  ['request_id', ({ requestId }) => requestId],
  ['event_id', ({ id }) => id],
  ['data', ({ data }) => JSON.stringify(data)],
];

const END = '\r\n';

export const csv: Format = {
  head: COLUMNS.map(([title]) => title).join(',') + END,
  line: (event) => COLUMNS.map(([, of]) => cell(of(event))).join(',') + END,
  positionOf: (line) => decimal(/^(\d+),/.exec(line)?.[1]),
  logOf: () => undefined,
};

// What the common spreadsheets take for the beginning of a formula, also in its full-width spelling.
const FORMULA = /^(?:\s*[=+\-@＝＋－＠]|[\t\r\n])/;
const BREAKS = /[\r\n]+/g;

/** One cell. Line breaks become spaces: programs that read line by line are common, and data holds them escaped. */
export function cell(text: string): string {
  const line = text.replace(BREAKS, ' ');
  const safe = FORMULA.test(text) ? `'${line}` : line;
  return /[",]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
