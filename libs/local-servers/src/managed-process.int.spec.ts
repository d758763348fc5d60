import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LogFile } from './log-file.ts';
import { ManagedProcess } from './managed-process.ts';
import { waitFor } from './wait.ts';

const sh = (script: string, log?: LogFile) =>
  ManagedProcess.start({ name: 'test', command: '/bin/sh', args: ['-c', script], ...(log ? { log } : {}) });

/** Running, and not a zombie that its parent has yet to collect. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

describe('a child process', () => {
  let folder: string;
  beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'mcpstack-process-'))));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('ends on SIGTERM with its own exit code, and its last lines are kept', async () => {
    const child = await sh('trap "echo bye; exit 3" TERM; echo ready; while :; do sleep 0.05; done');
    await waitFor(() => child.lastLines().includes('ready'));
    expect(await child.stop()).toEqual({ code: 3, signal: null });
    expect(child.lastLines()).toEqual(['ready', 'bye']);
  });

  it('is killed when it does not listen', async () => {
    const child = await sh('trap "" TERM; echo ready; while :; do sleep 0.05; done');
    await waitFor(() => child.lastLines().includes('ready'));
    expect(await child.stop({ graceMs: 100 })).toEqual({ code: null, signal: 'SIGKILL' });
  });

  it('is stopped also while it is paused', async () => {
    const child = await sh('while :; do sleep 0.05; done');
    await child.pause();
    expect(await child.stop()).toEqual({ code: null, signal: 'SIGTERM' });
  });

  it('that cannot be started is an error, not a crash', async () => {
    const start = ManagedProcess.start({ name: 'nothing', command: join(folder, 'none'), args: [] });
    await expect(start).rejects.toMatchObject({ code: 'start-failed' });
  });

  it('writes to a log file that stays bounded', async () => {
    const log = new LogFile(join(folder, 'bounded.log'), 4_000);
    const child = await sh('i=0; while [ $i -lt 2000 ]; do echo "line $i"; i=$((i+1)); done', log);
    await child.exited;
    await log.close();
    const sizes = ['bounded.log', 'bounded.log.1'].map((name) => readFileSync(join(folder, name)).length);
    // One chunk of a pipe (64 KiB) may stand above the bound.
    expect(Math.max(...sizes)).toBeLessThan(4_000 + 65_536);
    expect(child.lastLines(1)).toEqual(['line 1999']);
  });

  it('goes on when its log file cannot be set aside', () => {
    const gone = mkdtempSync(join(folder, 'gone-'));
    const log = new LogFile(join(gone, 'x.log'), 10);
    rmSync(gone, { recursive: true });
    for (let line = 0; line < 10; line += 1) log.write('longer than ten bytes\n');
    return log.close();
  });

  it('leaves no zombie and no watchdog behind', async () => {
    const children = await Promise.all(Array.from({ length: 5 }, () => sh('while :; do sleep 0.05; done')));
    await Promise.all(children.map((child) => child.stop()));
    const left = (): string[] =>
      execFileSync('ps', ['-o', 'pid=,stat=,args=', '--ppid', String(process.pid)], { encoding: 'utf8' })
        .split('\n')
        .filter((line) => /mcpstack-watchdog| Z/.test(line));
    // A watchdog sees the end of its child a moment after we do.
    await waitFor(() => left().length === 0, { timeoutMs: 5_000, what: 'the watchdogs to be gone' });
  });
});

describe('children of a parent that is killed with SIGKILL', () => {
  const parentScript = join(import.meta.dirname, '..', 'test', 'fixtures', 'parent.mjs');

  it.each(['nats', 'deaf'])('end too: %s', async (kind) => {
    const dataDir = mkdtempSync(join(tmpdir(), 'mcpstack-orphan-'));
    const parent = spawn(process.execPath, [parentScript, kind, dataDir], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    parent.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    await waitFor(() => said.includes('\n'));
    const pid = Number(said);
    expect(isAlive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await waitFor(() => !isAlive(pid), { what: `process ${pid} to end`, timeoutMs: 10_000 });
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('control: without the watchdog the child lives on', async () => {
    const child = spawn('/bin/sh', ['-c', 'sleep 30 & echo $!'], { stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    await waitFor(() => said.includes('\n') && child.exitCode !== null);
    expect(isAlive(Number(said))).toBe(true);
    process.kill(Number(said), 'SIGKILL');
  });
});
