/** A list, page by page: a table where there is room, else one card for each row. */
import { Button, Center, Paper, Skeleton, Stack, Table, Text } from '@mantine/core';
import type { ReactNode } from 'react';
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
              <Table.Tr key={idOf(item)}>
                {columns.map(({ title, cell, atEnd }) => (
                  <Table.Td key={title} data-title={title} ta={atEnd ? 'end' : 'start'}>
                    {cell(item)}
                  </Table.Td>
                ))}
              </Table.Tr>
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
