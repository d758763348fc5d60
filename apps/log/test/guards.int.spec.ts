/** What stands between a target that is not the log and the services that would take it for one. */
import {
  openEventStore,
  openRestorableLog,
  type EventStore,
  type RestorableLog,
} from '@mcpstack/event-store';
import { startNats, type LocalServer } from '@mcpstack/local-servers';
import { Bringing } from '../src/bring.ts';
import { Erased } from '../src/erased.ts';
import { Progress } from '../src/progress.ts';
import { sourceOf, type Source } from '../src/source.ts';
import { fillLog } from './world.ts';

const SILENT = new Progress('brought', undefined);

let one: LocalServer;
let store: EventStore;
let source: Source;
beforeAll(async () => {
  one = await startNats();
  store = await openEventStore(one.url);
  await fillLog(store, 2);
  source = await sourceOf(store, 'the log');
});
afterAll(async () => {
  await store?.close();
  await one?.stop();
});

let other: LocalServer;
let target: RestorableLog;
let erased: Erased;
beforeEach(async () => {
  other = await startNats();
  target = await openRestorableLog(other.url);
  erased = new Erased();
  await source.learnErased(erased);
});
afterEach(async () => {
  await target?.close();
  await other?.stop();
});

/** A database that says that it took what it did not take. */
function forgetting(log: RestorableLog, stream: string): RestorableLog {
  return new Proxy(log, {
    get(real, name) {
      if (name === 'bring')
        return (...[event, options]: Parameters<RestorableLog['bring']>) =>
          event.stream === stream ? Promise.resolve() : real.bring(event, options);
      const value: unknown = Reflect.get(real, name, real);
      return typeof value === 'function' ? (value.bind(real) as unknown) : value;
    },
  });
}

async function brought(into: RestorableLog): Promise<Bringing> {
  const bringing = await Bringing.begin(source, into, erased, SILENT);
  await bringing.upTo(await source.head());
  return bringing;
}

it('what was lost on its way is found before services may have it', async () => {
  const bringing = await brought(forgetting(target, 'key-key_1'));
  await expect(bringing.finish()).rejects.toThrow('the target does not hold key-key_1@0');
  await expect(openEventStore(other.url)).rejects.toThrow('is being restored');
});

it('control: with nothing lost it is finished', async () => {
  await (await brought(target)).finish();
  await (await openEventStore(other.url)).close();
});

it('a source that was moved itself meanwhile does not go on: its positions would be those of the target', async () => {
  await Bringing.begin(source, target, erased, SILENT);
  const moved = { ...source, head: () => Promise.resolve(target.origin()!.base) };
  await expect(Bringing.begin(moved, target, erased, SILENT)).rejects.toThrow('was moved itself');
  await Bringing.begin(source, target, erased, SILENT);
});
