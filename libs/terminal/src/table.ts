/** A table for people: as wide as its contents, and on a narrow terminal without its least important columns. */
import { cutTo, plain, widthOf, type Paint } from './terminal.ts';

export interface Column<Item> {
  title: string;
  /** Nothing is shown as a dash. */
  of: (item: Item) => string | undefined;
  /** 1 stays longest; columns with the highest number go first. 1 if absent. */
  priority?: number;
}

export interface Table {
  lines: string[];
  /** Titles of the columns that found no room. */
  hidden: string[];
}

const GAP = '  ';

/** @param columns of the terminal; undefined where there is none, and everything is shown. */
export function makeTable<Item>(
  items: readonly Item[],
  wanted: readonly Column<Item>[],
  { columns, paint }: { columns: number | undefined; paint: Paint },
): Table {
  let shown = wanted.map((column) => measured(items, column));
  const hidden: string[] = [];
  while (columns !== undefined && shown.length > 1 && totalOf(shown) > columns) {
    const least = Math.max(...shown.map(({ priority }) => priority));
    if (least <= 1) break;
    const at = shown.findLastIndex(({ priority }) => priority === least);
    hidden.unshift(shown[at]!.title);
    shown = shown.filter((_, index) => index !== at);
  }
  if (columns !== undefined) squeeze(shown, columns);
  const lineOf = (cells: string[]) =>
    cells
      .map((cell, index) => (index === cells.length - 1 ? cell : pad(cell, shown[index]!.width)))
      .join(GAP);
  const head = lineOf(shown.map(({ title, width }) => cutTo(title, width))).trimEnd();
  const rows = items.map((_, row) =>
    lineOf(shown.map(({ cells, width }) => cutTo(cells[row]!, width))).trimEnd(),
  );
  return { lines: [paint('bold', head), ...rows], hidden };
}

interface Measured {
  title: string;
  priority: number;
  cells: string[];
  width: number;
}

function measured<Item>(items: readonly Item[], { title, of, priority = 1 }: Column<Item>): Measured {
  const heading = title.toUpperCase();
  const cells = items.map((item) => plain(of(item) || '-'));
  const width = cells.reduce((most, cell) => Math.max(most, widthOf(cell)), widthOf(heading));
  return { title: heading, priority, cells, width };
}

function totalOf(shown: readonly Measured[]): number {
  return shown.reduce((sum, { width }) => sum + width, GAP.length * (shown.length - 1));
}

/** What is still too wide is taken from the widest; an id or a name is cut, and the line is not broken. */
function squeeze(shown: Measured[], columns: number): void {
  for (let over = totalOf(shown) - columns; over > 0; over -= 1) {
    const widest = shown.reduce((most, one) => (one.width > most.width ? one : most));
    if (widest.width <= 4) return;
    widest.width -= 1;
  }
}

const pad = (text: string, width: number) => text + ' '.repeat(Math.max(0, width - widthOf(text)));
