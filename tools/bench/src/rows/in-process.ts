/** A check of a hot key in process against SHA-256 and a look-up in a Map alone. */
import { createHash, hash } from 'node:crypto';
import { makeToken } from '@mcpstack/contracts';
import type { Verifier } from '@mcpstack/verify';
import { inTurn, ratioOf } from '../measure.ts';
import type { Result } from '../result.ts';
import type { Rounds } from './verify.ts';

const HOT_KEYS = 100;
/** Between two looks at the clock. */
const SLICE = 2_000;

/** @param verifier keeps answers, and asks a responder that finds every key valid. */
export async function inProcessRow(verifier: Verifier, { rounds, durationMs }: Rounds): Promise<Result[]> {
  const tokens = Array.from({ length: HOT_KEYS }, () => makeToken('service'));
  const answers = new Map(tokens.map((token) => [sha256(token), { valid: true }]));
  const ours = () =>
    perCheck(durationMs, async () => {
      for (let i = 0; i < SLICE; i += 1) {
        const reply = await verifier.verify({ key: tokens[i % HOT_KEYS]! });
        if (!reply.valid) throw new Error(`a check answered ${reply.code}: ${reply.message}`);
      }
    });
  const alone = () =>
    perCheck(durationMs, () => {
      for (let i = 0; i < SLICE; i += 1)
        if (!answers.get(sha256(tokens[i % HOT_KEYS]!))?.valid) throw new Error('not in the map');
    });
  const before = verifier.stats();
  const pairs = await inTurn(rounds, ours, alone);
  const after = verifier.stats();
  const asked = 1 - (after.reused - before.reused) / (after.checks - before.checks);
  return [
    {
      row: 'verify in process',
      variant: `${HOT_KEYS} hot keys`,
      figure: 'time per check',
      unit: 'µs',
      baseline: 'SHA-256 and Map.get alone',
      atLeast: 3,
      aim: 1.5,
      lowerIsBetter: true,
      ratio: ratioOf(pairs, (perCheckUs) => perCheckUs),
      note: `${(asked * 100).toFixed(3)} % of the checks asked an authorizer`,
    },
  ];
}

/** Microseconds for each of the checks that a slice makes, over the time. Lets I/O happen between slices. */
async function perCheck(durationMs: number, slice: () => Promise<void> | void): Promise<number> {
  let spentMs = 0;
  let slices = 0;
  while (spentMs < durationMs) {
    const beganAtMs = performance.now();
    await slice();
    spentMs += performance.now() - beganAtMs;
    slices += 1;
    await new Promise((resolve) => setImmediate(resolve));
  }
  return (spentMs * 1_000) / (slices * SLICE);
}

/** The quicker form, as the SDK uses it, where Node has it (20.12). */
const sha256: (token: string) => string =
  typeof hash === 'function'
    ? (token) => hash('sha256', token, 'hex')
    : (token) => createHash('sha256').update(token).digest('hex');
