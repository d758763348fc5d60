/** A list, page by page: a table where there is room, else one card for each row. */
import { Button, Center, Paper, Skeleton, Stack, Table, Text } from '@mantine/core';
import { memo, type ReactNode } from 'react';
import type { Pages } from '../api/resources.ts';
import classes from './listing.module.css';
import { ProblemAlert } from './problem-alert.tsx';

export interface Column<Item> {
  title: string;
  cell: (item: Item) => ReactNode;
  /** Of the table, such as `30%`; what is absent shares the rest. */
  width?: string;
  /** Numbers and actions stand at the end of the line. */
  atEnd?: boolean;
}

interface ListingProps<Item> {
  /** What is listed, for screen readers: `Service account keys`. */
  caption: string;
  pages: Pages<Item>;
  columns: readonly Column<Item>[];
  idOf: (item: Item) => string;
  /** Instead of an empty table. */
  empty: ReactNode;
}

export function Listing<Item>({ caption, pages, columns, idOf, empty }: ListingProps<Item>) {
  const { items, problem, hasMore, isLoadingMore, loadMore } = pages;
  if (!items && problem) return <ProblemAlert problem={problem} />;
  if (!items) return <Waiting />;
  if (items.length === 0 && !hasMore) return empty;
  return (
    <Stack gap="sm">
      {/* Still shown, though asking again failed. */}
      <ProblemAlert problem={problem} />
      <Paper withBorder radius="md" className={classes.frame}>
        <Table
          className={classes.table}
          verticalSpacing="sm"
          horizontalSpacing="md"
          highlightOnHover
          layout="fixed"
        >
          <Table.Caption className={classes.caption}>{caption}</Table.Caption>
          <Table.Thead>
            <Table.Tr>
              {columns.map(({ title, width, atEnd }) => (
                <Table.Th key={title} w={width} ta={atEnd ? 'end' : 'start'} scope="col">
                  {title}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {items.map((item) => (
              <Row key={idOf(item)} item={item} columns={columns} />
            ))}
          </Table.Tbody>
        </Table>
      </Paper>
      {hasMore && (
        <Center>
          <Button variant="default" onClick={loadMore} loading={isLoadingMore}>
            Show more
          </Button>
        </Center>
      )}
      <Text size="xs" c="dimmed" aria-live="polite">
        {hasMore ? `The first ${items.length} are shown.` : `${items.length} in all.`}
      </Text>
    </Stack>
  );
}

interface RowProps<Item> {
  item: Item;
  columns: readonly Column<Item>[];
}

/** Where the columns stay the same, a row is drawn again only when its item has changed: there may be thousands. */
const Row = memo(function Row<Item>({ item, columns }: RowProps<Item>) {
  return (
    <Table.Tr>
      {columns.map(({ title, cell, atEnd }) => (
        <Table.Td key={title} data-title={title} ta={atEnd ? 'end' : 'start'}>
          {cell(item)}
        </Table.Td>
      ))}
    </Table.Tr>
  );
}) as <Item>(props: RowProps<Item>) => ReactNode;

function Waiting() {
  return (
    <Paper withBorder radius="md" p="md" role="status" aria-busy="true" aria-label="Loading the list">
      <Stack>
        {[1, 2, 3].map((row) => (
          <Skeleton key={row} height={20} />
        ))}
      </Stack>
    </Paper>
  );
}
