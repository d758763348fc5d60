/**
 * What a generation must hold in Redis, name by name, by the fold of auditors, which shares nothing with the read
 * models and the domain but the schemas of events (G5); and what it does hold.
 */
import type { RecordedEvent } from '@mcpstack/event-store';
import { expectedNames, expectedValue, isLogName, LogFold, markOf } from '@mcpstack/replay';
import type { createClient } from '@redis/client';

/** Name within the generation → its value, as plain data. */
export type Dump = Record<string, unknown>;

export function expectedDump(events: readonly RecordedEvent[]): Dump {
  const fold = new LogFold({ forReadModels: true });
  for (const event of events) fold.apply(event);
  const dump: Dump = {};
  for (const { name, kind, fields } of expectedNames(fold)) {
    const found = fields.map((field) => [field, expectedValue(fold, name, field)] as const);
    const there = found.filter(([, value]) => value !== undefined);
    if (there.length === 0) continue;
    if (kind === 'string' || kind === 'list') dump[name] = there[0]![1];
    else dump[name] = { ...(dump[name] as object | undefined), ...Object.fromEntries(there) };
  }
  return dump;
}

/** All that stands under a generation in Redis, but for its position and log id. */
export async function dumpOf(client: ReturnType<typeof createClient>, generation: string): Promise<Dump> {
  const prefix = `mcpstack:{p0}:${generation}:`;
  const dump: Dump = {};
  for await (const names of client.scanIterator({ MATCH: `${prefix}*`, COUNT: 1000 })) {
    for (const full of names) {
      const name = full.slice(prefix.length);
      if (name === 'meta') continue;
      const value = await valueOf(client, full);
      dump[name] = isLogName(name) ? byPosition(value as Scores) : value;
    }
  }
  return dump;
}

type Scores = Record<string, number>;

function byPosition(members: Scores): Record<string, unknown> {
  const entries = Object.entries(members).map(([member, score]) => [score, markOf(JSON.parse(member) as [])]);
  return Object.fromEntries(entries) as Record<string, unknown>;
}

async function valueOf(client: ReturnType<typeof createClient>, full: string): Promise<unknown> {
  const type = await client.type(full);
  if (type === 'string') return client.get(full);
  if (type === 'hash') return parsed(await client.hGetAll(full));
  if (type === 'list') return (await client.lRange(full, 0, -1)).map((text) => JSON.parse(text) as unknown);
  if (type === 'set')
    return Object.fromEntries((await client.sMembers(full)).map((member) => [member, true]));
  const members = await client.zRangeWithScores(full, 0, -1);
  return Object.fromEntries(members.map(({ value, score }) => [value, score]));
}

function parsed(hash: Record<string, string>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(hash).map(([field, text]) => [
      field,
      text.startsWith('{') ? (JSON.parse(text) as unknown) : text,
    ]),
  );
}
