/** A page of a list whose items are records of their own. */
import type { Category } from '@mcpstack/domain';
import { pageOf, type List } from './page.ts';
import { READ_SCRIPTS } from './read-scripts.ts';
import type { Page, PageRequest, Reading } from './reading.ts';
import { listable, type Found, type Row } from './row.ts';
import type { TrustedReader } from './trusted-reader.ts';

export interface RecordList<Data, Item> {
  list: List;
  category: Category;
  itemOf: (found: Found<Data>) => Item;
}

/** @throws BadCursorError, RangeError, ReadModelsUnavailableError */
export function listRecords<Data, Item>(
  reader: TrustedReader,
  request: PageRequest,
  { list, category, itemOf }: RecordList<Data, Item>,
): Promise<Reading<Page<Item>>> {
  return pageOf(list, request, (bound, count) =>
    reader.read(READ_SCRIPTS.list, [list.name, list.order, bound, `${count}`, category], (reply) =>
      (reply as unknown as [score: string, Row][]).map(([score, row]) => {
        const found = listable<Data>(row);
        return { score, item: found && itemOf(found) };
      }),
    ),
  );
}
