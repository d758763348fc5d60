/**
 * The leaves of a checkpoint that may be erased: events of persons. A leaf alone does not tell of which stream it is. So
 * whoever signs the log says it of these while they stand, in a text of its own that is signed with the same keys; its
 * first line keeps it from being taken for a checkpoint.
 */

export interface ErasableLeaves {
  /** Of the checkpoint that they belong to. */
  origin: string;
  /** And its root, in base64. */
  root: string;
  /** By index in the whole tree: `<stream>@<revision>`. */
  places: ReadonlyMap<number, string>;
  /** Those that were gone already: who signs has not seen them, and says what the record of the erasure says. */
  unseen: ReadonlySet<number>;
}

const TITLE = 'erasable leaves of ';
const UNSEEN = ' unseen';
const LINE = /^(0|[1-9][0-9]{0,15}) ([A-Za-z0-9_-]+@(?:0|[1-9][0-9]{0,18}))( unseen)?$/;

/** The text to sign. It ends in a newline. */
export function formatErasable({ origin, root, places, unseen }: ErasableLeaves): string {
  const lines = [...places].map(([index, place]) => `${index} ${place}${unseen.has(index) ? UNSEEN : ''}\n`);
  return `${TITLE}${origin}\n${root}\n${lines.join('')}`;
}

/** `undefined` for what is no such text. */
export function parseErasable(text: string): ErasableLeaves | undefined {
  const [title, root, ...lines] = text.split('\n');
  if (!title?.startsWith(TITLE) || root === undefined || lines.pop() !== '') return undefined;
  const places = new Map<number, string>();
  const unseen = new Set<number>();
  for (const line of lines) {
    const [, index, place, mark] = LINE.exec(line) ?? [];
    if (place === undefined || places.has(Number(index))) return undefined;
    places.set(Number(index), place);
    if (mark !== undefined) unseen.add(Number(index));
  }
  return { origin: title.slice(TITLE.length), root, places, unseen };
}
