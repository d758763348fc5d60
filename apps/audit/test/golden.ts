/** Every event that was ever written, as it is stored: the golden files of the domain. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { codecFor, CATEGORIES, type DomainEvent } from '@mcpstack/domain';
import { type NewEvent, type RecordedEvent } from '@mcpstack/event-store';

const FOLDER = join(import.meta.dirname, '..', '..', '..', 'libs', 'domain', 'test', 'golden');
const IDS: Readonly<Record<string, string>> = {
  organization: 'org',
  user: 'user',
  agent: 'agent',
  server: 'srv',
  key: 'key',
  usage: 'key',
};

export interface Golden {
  /** Of the file, without its ending. */
  name: string;
  stored: RecordedEvent;
  event: DomainEvent;
}

export function goldenEvents(): Golden[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file, index) => {
      const one = JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as NewEvent;
      const category = CATEGORIES.find((each) => one.type in codecFor(each).versions)!;
      const stream = `${category}-${IDS[category] ?? category}_0000000000000000000001`;
      const stored = { ...one, stream, revision: 0n, position: BigInt(index + 1) * 1024n };
      return { name: file.replace('.json', ''), stored, event: codecFor(category).decode(stored) };
    });
}
