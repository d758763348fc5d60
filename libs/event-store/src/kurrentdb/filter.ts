/** What of a database is read. */
import { streamNameFilter, type Filter } from '@kurrent/kurrentdb-client';
import { checkCategory } from '../stream-name.ts';

/** Everything but the system's streams: what "every category of ours" means here. Plain enough for any engine. */
const OURS = '^[^$]';

/** Filtered on the server; never the system's own events. */
export function filterOf(categories: readonly string[] | undefined): Filter {
  if (categories === undefined) return streamNameFilter({ regex: OURS });
  for (const category of categories) checkCategory(category);
  return streamNameFilter({ prefixes: categories.map((category) => `${category}-`) });
}
