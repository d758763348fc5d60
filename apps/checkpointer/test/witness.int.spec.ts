/** G9: witnesses vouch for the log, wherever they are in it; whatever they answer, the log goes on being signed. */
import { generateKeyPairSync } from 'node:crypto';
import { checkpointStream } from '@mcpstack/domain';
import { Log } from '@mcpstack/service-kit';
import { parseVkey } from '@mcpstack/tlog';
import { CheckpointHistory } from '../src/checkpoint-history.ts';
import type { Checkpointer } from '../src/checkpointer.ts';
import { Witness, type WitnessOptions } from '../src/witness.ts';
import { audit } from './oracle.ts';
import { SmallWitness } from './small-witness.ts';
import { startNats, waitFor, World, type LocalServer } from './world.ts';

let server: LocalServer;
let world: World;
let peer: SmallWitness;
const started: Witness[] = [];
beforeAll(async () => {
  server = await startNats();
});
afterAll(() => server.stop());
beforeEach(async () => {
  world = await World.open(server);
  peer = await SmallWitness.start(
    world.origin,
    world.verifiers().map(({ vkey }) => vkey),
  );
});
afterEach(async () => {
  peer.stop();
  await Promise.all(started.splice(0).map((witness) => witness.stop()));
  await world.close();
});

const cosigned: { note: string; lines: readonly string[] }[] = [];
beforeEach(() => cosigned.splice(0));

/** A checkpointer that sends what it signs to the witness. */
function both(options: Partial<WitnessOptions> = {}): { checkpointer: Checkpointer; witness: Witness } {
  const witness = new Witness({
    url: peer.url,
    verifiers: [parseVkey(peer.vkey)],
    history: new CheckpointHistory(world.store, checkpointStream(world.logId), world.origin),
    onCosigned: (note, lines) => void cosigned.push({ note, lines }),
    log: new Log('checkpointer', 'debug', { write: (line: string) => void (world.logged += line) }),
    firstPauseMs: 20,
    timeoutMs: 300,
    ...options,
  });
  started.push(witness);
  witness.start();
  const checkpointer = world.start({ intervalMs: 30, onCheckpoint: (one) => witness.submit(one) });
  return { checkpointer, witness };
}

/** Signs step by step, so that there are so many checkpoints. */
async function sign(checkpointer: Checkpointer, times: number): Promise<void> {
  for (let n = 0; n < times; n += 1) {
    const { size } = checkpointer.status();
    await world.append('key-a', 1 + (n % 5));
    await waitFor(() => checkpointer.status().size > size, { what: 'a checkpoint' });
  }
}

const seen = (size: number) => waitFor(() => peer.size >= size, { what: `the witness to see ${size}` });

describe('a witness', () => {
  it('follows the log from its first checkpoint, and its signatures are handed on', async () => {
    const { checkpointer, witness } = both();
    await sign(checkpointer, 12);
    await seen(checkpointer.status().size);
    await waitFor(() => witness.status().cosignedSize === peer.size, { what: 'the answer' });
    expect(witness.status()).toMatchObject({ trouble: undefined });
    expect(peer.asked.at(-1)).toMatch(/^old [1-9]\d* → \d+: 200$/);
    expect(cosigned.at(-1)!.lines).toMatchObject([/^\u2014 witness\.example\.com\/w1 /]);
    const notes = (await audit(world.store)).map(({ note }) => note);
    for (const { note } of cosigned) expect(notes).toContain(note);
  });

  it('that is new to a log of 250 checkpoints, or was away for most of them, is led on from where it is', async () => {
    const alone = world.start({ intervalMs: 1 });
    await sign(alone, 8);
    const first = both();
    await seen(alone.status().size);
    await first.witness.stop();
    await sign(alone, 240);
    await alone.stop();
    const before = peer.size;
    const second = both();
    await waitFor(() => peer.size >= alone.status().size, { what: 'the witness to have caught up' });
    // What it has it said itself; the way from there went in steps of a hundred checkpoints.
    const [told, ...steps] = peer.asked.slice(
      peer.asked.findIndex((line) => line.startsWith('old 0') && line.endsWith('409')),
    );
    expect(told).toMatch(/^old 0 → \d+: 409$/);
    expect(steps[0]).toMatch(new RegExp(`^old ${before} → `));
    expect(steps.filter((line) => line.endsWith('200')).length).toBeGreaterThan(2);
    expect(second.witness.alarm()).toBeUndefined();
  }, 240_000);

  it('control: of a log that was rewritten it signs nothing, and that is an alarm', async () => {
    const { checkpointer, witness } = both();
    await sign(checkpointer, 3);
    await seen(checkpointer.status().size);
    // What it saw was another log of the same size.
    peer.root = Buffer.alloc(32, 7);
    await sign(checkpointer, 2);
    await waitFor(() => witness.alarm()?.includes('422'), { what: 'the alarm' });
    expect(world.logged).toContain('vouches for another log');
    // The log is signed all the same.
    await sign(checkpointer, 2);
  });

  it('has seen more than the log holds: the log has lost its end', async () => {
    const { checkpointer, witness } = both();
    await sign(checkpointer, 3);
    await seen(checkpointer.status().size);
    peer.size = 1_000_000;
    await sign(checkpointer, 1);
    await waitFor(() => witness.alarm()?.includes('lost its end'), { what: 'the alarm' });
  });

  it('has signed a size that the log never had: it is another log', async () => {
    const { checkpointer, witness } = both();
    await sign(checkpointer, 3);
    await seen(checkpointer.status().size);
    const sizes = new Set((await audit(world.store)).map(({ size }) => size));
    peer.size = Array.from({ length: 100 }, (_, size) => size).find((size) => size > 0 && !sizes.has(size))!;
    await sign(checkpointer, 1);
    await waitFor(() => witness.alarm()?.includes('none of that size'), { what: 'the alarm' });
  });

  it.each<[string, () => { status: number; body?: string } | undefined]>([
    ['is away (503)', () => ({ status: 503 })],
    ['does not know the log (404)', () => ({ status: 404 })],
    ['does not know the key (403)', () => ({ status: 403 })],
    ['says nothing', () => undefined],
    ['answers with no signature', () => ({ status: 200, body: 'thanks\n' })],
    ['answers without end', () => ({ status: 200, body: 'x'.repeat(100_000) })],
    ['answers 409 without a size', () => ({ status: 409, body: 'no' })],
    ['sends elsewhere', () => ({ status: 307 })],
    [
      'signs with another key',
      () => ({
        status: 200,
        body: peer.cosign('a\n1\nAAAA\n\n', generateKeyPairSync('ed25519').privateKey),
      }),
    ],
  ])('that %s holds up nothing, raises no alarm, and is asked again until it signs', async (_, instead) => {
    const { checkpointer, witness } = both();
    peer.instead = instead;
    await sign(checkpointer, 2);
    await waitFor(() => witness.status().trouble !== undefined, { what: 'the trouble' });
    expect(witness.alarm()).toBeUndefined();
    expect(cosigned).toEqual([]);
    await sign(checkpointer, 1);
    peer.instead = undefined;
    await seen(checkpointer.status().size);
    await waitFor(() => witness.status().trouble === undefined, { what: 'the trouble to end' });
  });
});
