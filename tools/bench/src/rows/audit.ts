/** What an auditor waits for: each command over the whole log, against reading the same log and doing nothing with it. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repositoryRoot } from '@mcpstack/local-servers';
import { residentMiB, type Fleet } from '../fleet.ts';
import { spreadOf } from '../measure.ts';
import type { Result } from '../result.ts';

/** Every command that reads the log, and how: all of it, or its checkpoints alone. Arguments that need the log come as a function. */
export interface AuditCommand {
  name: string;
  args: (fleet: Fleet, folder: string) => string[];
  atLeast?: number;
}
const exporting = (format: string): AuditCommand => ({
  name: `export ${format}`,
  args: (_fleet, folder) => ['export', '--format', format, '--out', join(folder, format)],
});
export const AUDIT_COMMANDS: readonly AuditCommand[] = [
  { name: 'replay', args: () => ['replay'], atLeast: 0.5 },
  { name: 'replay --compare', args: ({ stack }) => ['replay', '--compare', '--redis', stack.redisUrl] },
  { name: 'verify', args: ({ stack }) => ['verify', '--key', join(stack.dataDir, 'checkpoint-vkeys.txt')] },
  { name: 'as-of', args: ({ organizationId }) => ['as-of', '2026-06-01', '--organization', organizationId] },
  { name: 'history', args: ({ organizationId }) => ['history', organizationId] },
  ...['cloudevents', 'ocsf', 'csv'].map(exporting),
  { name: 'report', args: () => ['report'] },
  { name: 'proof', args: (fleet) => ['proof', `key-${String(fleet.keyCreated(0).data['keyId'])}@0`] },
  { name: 'proof by id', args: (fleet) => ['proof', fleet.keyCreated(fleet.keys - 1).id] },
  {
    name: 'consistency',
    args: ({ stack }) => ['consistency', join(stack.dataDir, 'checkpoint.txt'), 'latest'],
  },
];

const AIM = 0.8;
const SAMPLE_MS = 50;

export async function auditRow(
  fleet: Fleet,
  { name, args, atLeast }: AuditCommand,
  rounds: number,
): Promise<Result[]> {
  const folder = mkdtempSync(join(tmpdir(), 'mcpstack-bench-'));
  const ours: number[] = [];
  const baseline: number[] = [];
  let peakMiB = 0;
  let tookMs = 0;
  try {
    for (let round = 0; round < rounds; round += 1) {
      const bare = await bareRead(fleet);
      const ran = await runCommand(fleet, args(fleet, mkdtempSync(join(folder, 'round-'))));
      peakMiB = Math.max(peakMiB, ran.peakMiB);
      tookMs = ran.tookMs;
      ours.push((bare.events * 1_000) / ran.tookMs);
      baseline.push((bare.events * 1_000) / bare.tookMs);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const result: Result = {
    row: `mcpstack-audit ${name}`,
    variant: `${fleet.keys} keys`,
    figure: 'events',
    unit: '/s',
    baseline: 'bare read of the log',
    ...(atLeast !== undefined && { atLeast, aim: AIM }),
    lowerIsBetter: false,
    ratio: {
      ours: spreadOf(ours),
      baseline: spreadOf(baseline),
      ratio: spreadOf(ours.map((perSecond, index) => perSecond / baseline[index]!)),
    },
    note: `${(tookMs / 1_000).toFixed(1)} s with its start, at most ${Math.round(peakMiB)} MiB`,
  };
  return [result];
}

async function bareRead({ store }: Fleet): Promise<{ events: number; tookMs: number }> {
  const beganAtMs = performance.now();
  const ending = new AbortController();
  const head = await store.head();
  let events = 0;
  for await (const { position } of store.subscribe({ signal: ending.signal })) {
    events += 1;
    if (position >= head) break;
  }
  ending.abort();
  return { events, tookMs: performance.now() - beganAtMs };
}

/** @throws Error with what the command said, unless it found nothing wrong. */
function runCommand({ stack }: Fleet, args: readonly string[]): Promise<{ tookMs: number; peakMiB: number }> {
  const file = join(repositoryRoot(), 'apps', 'audit', 'dist', 'mcpstack-audit.js');
  const beganAtMs = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [file, ...args, '--json', '--no-progress'], {
      env: { ...process.env, EVENT_STORE_URL: stack.eventStoreUrl, NODE_OPTIONS: '' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    let peakMiB = 0;
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')));
    const sampling = setInterval(() => (peakMiB = Math.max(peakMiB, memoryOf(child.pid))), SAMPLE_MS);
    child.once('error', reject);
    child.once('close', (code) => {
      clearInterval(sampling);
      if (code === 0) resolve({ tookMs: performance.now() - beganAtMs, peakMiB });
      else reject(new Error(`mcpstack-audit ${args[0]} ended with ${code}: ${said.trim()}`));
    });
  });
}

/** 0 once it has ended. */
function memoryOf(pid: number | undefined): number {
  try {
    return pid === undefined ? 0 : residentMiB(pid) || 0;
  } catch {
    return 0;
  }
}
