/** Takings on a real Redis under a clock that the spec sets, for the specs of limits. */
import { newId } from '@mcpstack/contracts';
import { Connection } from '../src/connection.ts';
import { type ReadModels, type Taken, type Taking } from '../src/index.ts';
import { LIMIT_SCRIPTS, takeScript } from '../src/limit-scripts.ts';
import { limitTakings } from '../src/limits.ts';
import { script, type Script } from '../src/script.ts';

/** Years ahead: Redis goes by the real time when it drops counters, and must drop none meanwhile. */
export const START_MS = Date.UTC(2096, 0, 1);

/** A piece of the script under test, and what stands there instead: a control. */
export type Spoiling = readonly [piece: string, instead: string];

export class ClockedLimits {
  nowMs = START_MS;
  readonly take: ReadModels['take'];
  readonly giveBack: ReadModels['giveBack'];

  private constructor(
    private readonly connection: Connection,
    takeUnderTest: Script,
  ) {
    const run = async (asked: Script, args: readonly string[]) => {
      const isTake = asked === LIMIT_SCRIPTS.take;
      const reply = isTake
        ? await connection.run(takeUnderTest, [`${this.nowMs}`, ...args])
        : await connection.run(asked, args);
      const [[, identity], body] = reply as [[string, string], number[]];
      return { identity, body };
    };
    ({ take: this.take, giveBack: this.giveBack } = limitTakings({ run }));
  }

  static async connect(url: string, ...spoilings: readonly Spoiling[]): Promise<ClockedLimits> {
    const under = spoiled(takeScript(`local now = tonumber(table.remove(ARGV, 1))`), spoilings);
    const scripts = [under, LIMIT_SCRIPTS.giveBack];
    return new ClockedLimits(
      await Connection.make({ url, scripts, timeoutMs: 5_000, name: 'limits' }),
      under,
    );
  }

  async one(taking: Taking): Promise<Taken> {
    return (await this.take([taking]))[0]!;
  }

  /** Sends a command to the same Redis. */
  command(...words: string[]) {
    return this.connection.command(words);
  }

  close(): void {
    this.connection.drop(new Error('the spec is done'));
  }
}

export function spoiled({ name, text }: Script, spoilings: readonly Spoiling[]): Script {
  const changed = spoilings.reduce((before, [piece, instead]) => {
    if (!before.includes(piece)) throw new Error(`the script has no ${piece}`);
    return before.replace(piece, () => instead);
  }, text);
  return script(name, changed);
}

/** No window of any position, so that twice the limit passes around each edge. */
export const FIXED_WINDOW: Spoiling = ['return width, math.ceil(window / width)', 'return window, 0'];

/** Takings of a key of its own. */
export function keyWith(bounds: Taking['bounds']) {
  const keyId = newId('key');
  return (cost = 1, now = bounds): Taking => ({ keyId, cost, bounds: now });
}
