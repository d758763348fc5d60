/**
 * G9: whatever is done to a log is found, and at its place; an untouched log gives no alarm. Each check is switched
 * off once, to show which tamperings only it finds.
 */
import { parseVkey } from '@mcpstack/tlog';
import { parseKept } from '../src/verify/kept.ts';
import { verifyLog, type VerifyOptions } from '../src/verify/verifier.ts';
import { Dice, makeLog, sourceOf, type SignedLog } from './signed-log.ts';
import * as tamper from './tamper.ts';

/** More with MCPSTACK_TAMPERINGS. */
const COUNT = Number(process.env['MCPSTACK_TAMPERINGS'] ?? 1_000);
const LOGS = 10;
const logs: SignedLog[] = Array.from({ length: LOGS }, (_, seed) =>
  makeLog(seed, { events: 100 + 7 * seed, uncovered: 3 * seed }),
);
const kinds: [string, tamper.Tamper][] = Object.entries(tamper);

const trustedOf = (log: SignedLog) => log.signers.map(({ vkey }) => parseVkey(vkey));

async function tryOne(
  number: number,
  [kind, act]: [string, tamper.Tamper],
  without: VerifyOptions['without'] = [],
) {
  const log = logs[number % LOGS]!;
  const { events, kept, what, isLocated } = act(log, new Dice(1_000 + number));
  const trusted = trustedOf(log);
  const notes = kept.flatMap((note) => parseKept('kept.txt', note, trusted));
  const { findings } = await verifyLog(sourceOf(events), { trusted, kept: notes, without });
  const [first] = findings;
  return {
    kind,
    what: `${number} ${kind}: ${what}`,
    isFound: first !== undefined,
    isLocated: first !== undefined && isLocated(first),
    first,
  };
}

it('finds and locates every tampering', async () => {
  const missed: unknown[] = [];
  for (let number = 0; number < COUNT; number += 1) {
    const tried = await tryOne(number, kinds[number % kinds.length]!);
    if (!tried.isLocated) missed.push({ what: tried.what, first: tried.first });
  }
  expect(missed).toEqual([]);
}, 300_000);

it('gives no alarm for an untouched log', async () => {
  for (let seed = 0; seed < 100; seed += 1) {
    const log = makeLog(500 + seed, { events: 20 + seed, uncovered: seed % 9 });
    const trusted = trustedOf(log);
    const kept = log.notes.flatMap((note) => parseKept('kept.txt', note, trusted));
    const found = await verifyLog(sourceOf(log.events), { trusted, kept });
    expect(found.findings).toEqual([]);
    expect(found).toMatchObject({ events: log.events.length, findingCount: 0, unlinked: 0, erased: 0 });
    expect(found.checkpoints).toMatchObject({ count: log.notes.length, leaves: log.covered });
    expect(found.kept.every(({ outcome }) => outcome === 'agrees')).toBe(true);
    expect(await verifyLog(sourceOf(log.events))).toMatchObject({ findingCount: 0 });
  }
}, 240_000);

describe('the control: not everything is found', () => {
  const missedOf = async (kind: string, without: VerifyOptions['without']) => {
    const act = kinds.find(([name]) => name === kind)!;
    const tried = await Promise.all(Array.from({ length: 30 }, (_, number) => tryOne(number, act, without)));
    return tried.filter(({ isFound }) => !isFound).length;
  };

  it('without the links, a change that no checkpoint covers is not', async () => {
    expect(await missedOf('changeUncovered', ['links'])).toBeGreaterThan(5);
  });

  it('without the leaves, events swapped, dropped, put there and relinked are not', async () => {
    for (const kind of ['swap', 'drop', 'insert', 'changeAndRelink', 'dropAndRelink'])
      expect([kind, (await missedOf(kind, ['leaves'])) > 5]).toEqual([kind, true]);
  });

  it('without what the checkpoints say of erasable leaves, one that a forged record excuses is not', async () => {
    expect(await missedOf('dropAndExcuse', ['places'])).toBeGreaterThan(5);
    // Those of the first version say nothing of it. Then each such leaf is listed, and who says that it was erased.
    const log = makeLog(3, { version: 1 });
    const tried = await Promise.all(
      Array.from({ length: 30 }, (_, number) => {
        const { events } = tamper.dropAndExcuse(log, new Dice(number));
        return verifyLog(sourceOf(events), { trusted: trustedOf(log) });
      }),
    );
    const missed = tried.filter(({ findingCount }) => findingCount === 0);
    expect(missed.length).toBeGreaterThan(5);
    expect(missed.length).toBeLessThan(25);
    for (const { erasedByRecordAlone, erasedLeaves } of missed) {
      expect(erasedByRecordAlone).toBe(1);
      expect(erasedLeaves).toMatchObject([{ stream: 'user-user_evil', isSigned: false }]);
    }
  });

  it('without a checkpoint kept elsewhere, a cut end and a history rewritten with the key are not', async () => {
    for (const act of [tamper.truncate, tamper.forkWithKey]) {
      const log = logs[1]!;
      const { events } = act(log, new Dice(7));
      expect((await verifyLog(sourceOf(events), { trusted: trustedOf(log) })).findings).toEqual([]);
    }
  });

  it('without a key, a history rewritten without it is not', async () => {
    const { events } = tamper.forkWithoutKey(logs[2]!, new Dice(8));
    expect((await verifyLog(sourceOf(events))).findings).toEqual([]);
  });
});
