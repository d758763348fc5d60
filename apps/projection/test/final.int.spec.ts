import { setTimeout as sleep } from 'node:timers/promises';
import { withMargin } from '@mcpstack/contracts';
import { startRedis } from '@mcpstack/local-servers';
import type { KeyLookup, Reading, ReadModels } from '@mcpstack/read-models';
import { FRESHNESS, isValid, until, World, type Key } from './world.ts';

const DELTA_MS = FRESHNESS.deltaMs;

let world: World;
let models: ReadModels;

beforeAll(async () => {
  world = await World.start();
  models = world.read();
  await world.project();
  await until('trust', () => models.state().trusted);
});
afterAll(() => world.stop());

/**
 * A reader that answers from its last reading for as long as the rules let it, as caches, replicas in
 * process and slow machines do: the worst that G3 has to hold against.
 */
class CachingReader {
  #last: Reading<KeyLookup> | undefined;
  constructor(
    private readonly key: Key,
    private readonly reuseForMs: number | 'as-allowed',
  ) {}

  async isValid(): Promise<boolean> {
    const nowMs = performance.now();
    const last = this.#last;
    const goodUntilMs =
      this.reuseForMs === 'as-allowed' ? last?.freshUntilMs : last && last.beganAtMs + this.reuseForMs;
    if (!last || nowMs >= goodUntilMs!) this.#last = await models.findByDigests([this.key.digest]);
    const { value, trusted, freshUntilMs } = this.#last!;
    if (value.status !== 'found' || value.key.state !== 'active' || !trusted) return false;
    return this.reuseForMs === 'as-allowed' ? performance.now() < freshUntilMs : true;
  }
}

interface Protections {
  confirm?: boolean;
  wait?: boolean;
  reuseForMs?: number | 'as-allowed';
}

/** Revokes a key under load; answers how many requests that began after "success" were told VALID. */
async function validsAfterRevoke({
  confirm = true,
  wait = true,
  reuseForMs = 'as-allowed',
}: Protections): Promise<number> {
  const key = await world.createKey(await world.createOrganization());
  await world.confirm(key.position, 'visible');
  const readers = Array.from({ length: 8 }, () => new CachingReader(key, reuseForMs));
  let successAtMs = Infinity;
  let valid = 0;
  let late = 0;
  let stop = false;
  const ask = async (reader: CachingReader): Promise<void> => {
    while (!stop) {
      const beganAtMs = performance.now();
      const isValidNow = await reader.isValid();
      if (isValidNow) valid += 1;
      if (isValidNow && beganAtMs > successAtMs) late += 1;
      await sleep(Math.random() * 4);
    }
  };
  const asking = Promise.all(readers.map(ask));
  await until('load', () => valid > 50);
  const position = await world.revoke(key);
  if (confirm) expect(await world.confirm(position, 'final')).toEqual({ confirmed: true });
  if (wait) await sleep(withMargin(DELTA_MS));
  successAtMs = performance.now();
  await sleep(2 * DELTA_MS);
  stop = true;
  await asking;
  return late;
}

describe('G3: a revocation is final when it is answered', () => {
  it('0 VALID for later requests, in 25 rounds under load', async () => {
    for (let round = 0; round < 25; round += 1) expect(await validsAfterRevoke({})).toBe(0);
  });

  it.each<[string, Protections]>([
    ['without the wait of Δ after the confirmation', { wait: false }],
    ['without the bound of Δ on what a reader answers from', { reuseForMs: 5 * DELTA_MS }],
    ['without either confirmation or wait', { confirm: false, wait: false }],
  ])('control: %s, VALID is seen', async (_, protections) => {
    let seen = 0;
    for (let round = 0; round < 20 && seen === 0; round += 1) seen += await validsAfterRevoke(protections);
    expect(seen).toBeGreaterThan(0);
  });
});

describe('G3, G4: final is not said while another primary may still be believed', () => {
  it('a split: visible comes while the old side still says VALID, final only when it cannot any more', async () => {
    const other = await startRedis();
    // Long enough that the old side surely still says VALID when "visible" has come, on a busy machine too.
    const split = await World.start({ ...FRESHNESS, stampLifeMs: 4_000 });
    const old = split.read();
    const before = await split.project();
    const key = await split.createKey(await split.createOrganization());
    await split.confirm(key.position, 'visible');
    await until('valid', () => isValid(old, key));

    // The next projection writes to another server. The old one keeps its data, its readers, its last stamp.
    await before.stop();
    await split.project({ redisUrl: other.url });
    const position = await split.revoke(key);
    expect(await split.confirm(position, 'visible')).toEqual({ confirmed: true });
    // The control: had "visible" been enough, success would have been answered here.
    expect(await isValid(old, key)).toBe(true);
    expect(await split.confirm(position, 'final')).toEqual({ confirmed: true });
    for (let n = 0; n < 20; n += 1) expect(await isValid(old, key)).toBe(false);
    await split.stop();
    await other.stop();
  });
});
