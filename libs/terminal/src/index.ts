/** What commands show on a terminal: colours, widths, tables, and texts of others made harmless. */
export { cutTo, isLive, painter, plain, widthOf, type Paint, type Sink, type Style } from './terminal.ts';
export { makeTable, type Column, type Table } from './table.ts';
