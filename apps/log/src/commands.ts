/** What each command does with the logs that the settings name. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  openEventStore,
  openRestorableLog,
  type EventStore,
  type RestorableLog,
} from '@mcpstack/event-store';
import type { EventStorePlace } from '@mcpstack/service-kit';
import { backup } from './backup.ts';
import { sourceOfFiles } from './backup-file.ts';
import { Bringing } from './bring.ts';
import { compare } from './compare.ts';
import { Erased } from './erased.ts';
import { CommandError } from './errors.ts';
import type { Options, Result, World } from './execute.ts';
import { Progress } from './progress.ts';
import { logPlace, targetPlace } from './settings.ts';
import { sourceOf } from './source.ts';

const FOLLOW_EVERY_MS = 200;
/** A log that grows faster than it is copied is never caught up with. */
const MOST_ROUNDS = 1_000;

export async function backupCommand({ to, after, quiet }: Options, world: World): Promise<Result> {
  if (to === undefined) throw new CommandError('usage', 'backup needs --to FILE, or --to - for the output.');
  const progress = progressOf('written', quiet, world);
  const { stdout, now } = world;
  return withStore(logPlace(world.env), async (store) => {
    const options = { store, to, stdout, now: now(), progress, ...(after !== undefined && { after }) };
    const { count, last, sha256 } = await backup(options);
    return {
      outcome: 'fine',
      lines: [`${count} events up to position ${last}, SHA-256 ${sha256}`],
      json: { file: to, events: count, position: last, sha256 },
    };
  });
}

export async function restoreCommand({ from = [], quiet }: Options, world: World): Promise<Result> {
  if (from.length === 0) throw new CommandError('usage', 'restore needs --from FILE.');
  const erased = new Erased();
  const source = await sourceOfFiles(from, erased);
  const progress = progressOf('restored', quiet, world);
  return withTarget(logPlace(world.env), async (target) => {
    const bringing = await Bringing.begin(source, target, erased, progress);
    await bringing.upTo(await source.head());
    await bringing.finish();
    return toldOf(bringing, 'restored; services may start, and build their read models anew');
  });
}

export async function copyCommand({ follow, finish, quiet }: Options, world: World): Promise<Result> {
  if (follow && finish)
    throw new CommandError('usage', 'Either --follow or --finish: a log that is written to is not finished.');
  const progress = progressOf('copied', quiet, world);
  const [from, to] = [logPlace(world.env), targetPlace(world.env)];
  return withStore(from, (store) =>
    withTarget(to, async (target) => {
      if ((await store.logId()) === (await target.logId()))
        throw new CommandError('usage', 'The source and the target are the same log.');
      const erased = new Erased();
      const source = await sourceOf(store, 'the log');
      await source.learnErased(erased);
      const bringing = await Bringing.begin(source, target, erased, progress);
      for (let round = 0; ; round += 1) {
        const head = await source.head();
        if (head <= bringing.last || world.signal.aborted) {
          if (!follow || world.signal.aborted) break;
          await sleep(FOLLOW_EVERY_MS);
          continue;
        }
        if (round > MOST_ROUNDS && !follow)
          throw new CommandError('failed', 'The log grows faster than it is copied: stop what writes to it.');
        await bringing.upTo(head);
        if (follow) progress.say(`caught up at position ${bringing.last}`);
      }
      if (!finish)
        return toldOf(
          bringing,
          'copied; copy goes on from here, and --finish makes it a log that services take',
        );
      await source.learnErased(erased);
      await bringing.finish();
      if ((await source.head()) > bringing.last)
        progress.say(
          'Warning: the source was written to meanwhile. What came last is not in the target: stop what writes, and compare.',
        );
      return toldOf(bringing, 'moved; services may start on it, and build their read models anew');
    }),
  );
}

export async function compareCommand({ from, longer, quiet }: Options, world: World): Promise<Result> {
  const erased = new Erased();
  const progress = progressOf('compared', quiet, world);
  const mayGoOn = longer ?? false;
  const told = async (log: EventStore, other?: EventStore): Promise<Result> => {
    const here = await sourceOf(log, 'the log');
    const comparison = other
      ? await compare({ one: here, other: await sourceOf(other, 'the target'), erased, progress, mayGoOn })
      : await compare({ one: await sourceOfFiles(from!, erased), other: here, erased, progress, mayGoOn });
    const { equal, differences, told: first, heads } = comparison;
    const lines = first.map(({ message }) => message);
    if (differences > first.length) lines.push(`and ${differences - first.length} more`);
    const end = `${equal} events are the same, ${differences} are not; they end at positions ${heads.join(' and ')}`;
    return { outcome: differences === 0 ? 'fine' : 'wrong', lines: [...lines, end], json: { ...comparison } };
  };
  // Before anything is opened: both places, so that what is missing is told at once.
  const place = logPlace(world.env);
  const other = from ? undefined : targetPlace(world.env);
  return withStore(place, (log) =>
    other ? withStore(other, (target) => told(log, target), { whileRestored: true }) : told(log),
  );
}

function toldOf({ brought, last }: Bringing, what: string): Result {
  return {
    outcome: 'fine',
    lines: [`${brought} events ${what}; position ${last}`],
    json: { events: brought, position: `${last}` },
  };
}

const progressOf = (what: string, quiet: boolean | undefined, { stderr }: World): Progress =>
  new Progress(what, quiet ? undefined : stderr);

async function withStore<T>(
  { url, ...login }: EventStorePlace,
  act: (store: EventStore) => Promise<T>,
  options: { whileRestored?: boolean } = {},
): Promise<T> {
  const store = await openEventStore(url, { name: 'mcpstack-log', readOnly: true, ...login, ...options });
  try {
    return await act(store);
  } finally {
    await store.close();
  }
}

async function withTarget<T>(
  { url, ...login }: EventStorePlace,
  act: (target: RestorableLog) => Promise<T>,
): Promise<T> {
  const target = await openRestorableLog(url, { name: 'mcpstack-log', ...login });
  try {
    return await act(target);
  } finally {
    await target.close();
  }
}
