/** Building the read models anew against reading the log and writing the same bytes to Redis, and no more. */
import { REBUILD_SUBJECT } from '@mcpstack/contracts';
import { startRedis, waitFor } from '@mcpstack/local-servers';
import { connect } from '@nats-io/transport-node';
import { createClient } from '@redis/client';
import { residentMiB, type Fleet } from '../fleet.ts';
import { spreadOf } from '../measure.ts';
import type { Result } from '../result.ts';

/** Keys whose commands travel in one piece, and pieces that are on their way at once. */
const PIPELINE = 256;
const PIPELINES = 8;

export async function rebuildRow(fleet: Fleet, rounds: number): Promise<Result[]> {
  const ours: number[] = [];
  const baseline: number[] = [];
  let peakMiB = 0;
  for (let round = 0; round < rounds; round += 1) {
    const rebuilt = await rebuild(fleet);
    ours.push(rebuilt.perSecond);
    peakMiB = Math.max(peakMiB, rebuilt.peakMiB);
    baseline.push(await bare(fleet));
  }
  return [
    {
      row: 'rebuild read models',
      variant: `${fleet.keys} keys`,
      figure: 'events',
      unit: '/s',
      baseline: 'bare read of the log, then bare pipelined writes of the same bytes',
      atLeast: 0.5,
      aim: 0.8,
      lowerIsBetter: false,
      ratio: {
        ours: spreadOf(ours),
        baseline: spreadOf(baseline),
        ratio: spreadOf(ours.map((perSecond, index) => perSecond / baseline[index]!)),
      },
      note: `the projection held at most ${Math.round(peakMiB)} MiB`,
    },
  ];
}

async function rebuild(fleet: Fleet): Promise<{ perSecond: number; peakMiB: number }> {
  const projection = fleet.stack.service('projection');
  const generation = async (): Promise<string> => {
    const response = await fetch(`${projection.url}/health/projection`, {
      signal: AbortSignal.timeout(5_000),
    });
    if (!response.ok) throw new Error(`the projection's status answered ${response.status}`);
    return ((await response.json()) as { generation: string }).generation;
  };
  const before = await generation();
  const nats = await connect({ servers: fleet.stack.natsUrl });
  let peakMiB = 0;
  try {
    const beganAtMs = performance.now();
    const reply = (await nats.request(REBUILD_SUBJECT, '{}', { timeout: 5_000 })).json<{
      started: boolean;
      reason?: string;
    }>();
    if (!reply.started) throw new Error(`no rebuild: ${reply.reason}`);
    await waitFor(
      async () => {
        peakMiB = Math.max(peakMiB, residentMiB(projection.pid));
        return (await generation()) !== before || undefined;
      },
      { timeoutMs: 900_000, intervalMs: 100, what: 'the rebuilt read models to be in force' },
    );
    return { perSecond: (fleet.keys * 1_000) / (performance.now() - beganAtMs), peakMiB };
  } finally {
    await nats.close();
  }
}

/** Reads the log, then writes; one after the other, as the guarantee compares with their sum. */
async function bare(fleet: Fleet): Promise<number> {
  const beganAtMs = performance.now();
  const ids: string[] = [];
  const ending = new AbortController();
  const head = await fleet.store.head();
  for await (const { stream, position } of fleet.store.subscribe({ signal: ending.signal })) {
    if (stream.startsWith('key-')) ids.push(stream.slice('key-'.length));
    if (position >= head) break;
  }
  ending.abort();
  const readMs = performance.now() - beganAtMs;
  return (ids.length * 1_000) / (readMs + (await writeBare(fleet, ids)));
}

/** The commands that a key's record consists of, with a record's bytes. Milliseconds. */
async function writeBare(fleet: Fleet, ids: readonly string[]): Promise<number> {
  const server = await startRedis();
  const redis = createClient({ url: server.url });
  redis.on('error', () => undefined);
  await redis.connect();
  try {
    const beganAtMs = performance.now();
    const { id: eventId, type, data, metadata } = fleet.keyCreated(0);
    const { keyId, name, role } = data;
    const { at, actor, $correlationId } = metadata;
    const told = JSON.stringify([type, at, actor, keyId, $correlationId, { name, role, tags: [] }]);
    const record = JSON.stringify({ ...data, status: 'active', secrets: [{ version: 1, ...data }] });
    let next = 0;
    const worker = async (): Promise<void> => {
      for (let from = next; from < ids.length; from = next) {
        next += PIPELINE;
        const piece = redis.multi();
        for (const [index, id] of ids.slice(from, from + PIPELINE).entries()) {
          piece.hSet(`key:${id}`, {
            org: fleet.organizationId,
            data: record,
            rev: '0',
            events: `${from + index}`,
          });
          piece.set(`digest:${fleet.digest(from + index)}`, `${from + index}:${id}`);
          piece.zAdd('organization-keys', { score: from + index, value: id });
          piece.zAdd('maker-keys', { score: from + index, value: id });
          // Of each event what others are told; each is another text.
          piece.zAdd('organization-events', {
            score: from + index,
            value: `${eventId}${from + index}${told}`,
          });
        }
        await piece.execAsPipeline();
      }
    };
    await Promise.all(Array.from({ length: PIPELINES }, worker));
    return performance.now() - beganAtMs;
  } finally {
    redis.destroy();
    await server.stop();
  }
}
