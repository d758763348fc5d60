/** Records as the text in Redis spells them: each text is parsed and checked once, while it is asked for often. */
import { LRUCache } from 'lru-cache';

/** In UTF-16 units of text; what was parsed of it takes a few times as much. */
const MAX_TEXT = 8_000_000;

/** `undefined`: the text is no such record. Frozen, since many share it. */
export class ParsedRecords<Fold, Record extends object> {
  readonly #known = new LRUCache<string, { revision: string; record: Record | undefined }>({
    maxSize: MAX_TEXT,
    sizeCalculation: (_, text) => text.length + 1,
  });

  /** @param isFold whether what was parsed has the shape of this kind of record. */
  constructor(
    private readonly isFold: (value: unknown) => value is Fold,
    private readonly recordOf: (fold: Fold, revision: string) => Record,
  ) {}

  /** By the whole text, so that a record which changed is never taken for what it was. */
  of(text: string, revision: string): Record | undefined {
    const known = this.#known.get(text);
    if (known?.revision === revision) return known.record;
    const fold = parsed(text);
    const record = this.isFold(fold) ? frozen(this.recordOf(fold, revision)) : undefined;
    this.#known.set(text, { revision, record });
    return record;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function frozen<Value extends object>(value: Value): Value {
  for (const part of Object.values(value))
    if (typeof part === 'object' && part !== null) frozen(part as object);
  return Object.freeze(value);
}
