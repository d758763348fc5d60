/** The last column of a list of keys, for who may revoke them: they are revoked from the list itself. */
import { Button } from '@mantine/core';
import type { Column } from './listing.tsx';

/** @param isOffered whether there is something left to revoke. */
export const revokeColumn = <Item extends { name: string }>(
  isOffered: (item: Item) => boolean,
  onRevoke: (item: Item) => void,
): Column<Item> => ({
  title: 'Actions',
  width: '100px',
  cell: (item) =>
    isOffered(item) && (
      <Button
        size="compact-sm"
        variant="subtle"
        color="red"
        fw={500}
        // Its word stands where the title of the column begins.
        ml={-8}
        onClick={() => onRevoke(item)}
        // Where a row is a card, it would be as wide as the card.
        style={{ justifySelf: 'start' }}
        // Said aloud, each is told from the next.
        aria-label={`Revoke ${item.name}`}
      >
        Revoke
      </Button>
    ),
});
