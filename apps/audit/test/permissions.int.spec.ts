/** Every command that reads the log, with credentials that may read, may not, and may read no events. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEventStore } from '@mcpstack/event-store';
import { startNats, type LocalServer } from '@mcpstack/local-servers';
import { newSigner } from '@mcpstack/tlog';
import { makeProgram } from '../src/program.ts';
import { runAudit } from './run-audit.ts';
import { Dice, LogWriter } from './signed-log.ts';
import { store } from './stored-log.ts';

/** As docs/auditing.md has them. */
const READING = [
  '$JS.API.STREAM.INFO.mcpstack_log',
  '$JS.API.STREAM.MSG.GET.mcpstack_log',
  '$JS.API.CONSUMER.*.mcpstack_log',
  '$JS.API.CONSUMER.*.mcpstack_log.*',
  '$JS.API.CONSUMER.MSG.NEXT.mcpstack_log.*',
];
const may = (user: string, publish: string[]) =>
  `user: ${user}, permissions: ${JSON.stringify({ publish, subscribe: [`_INBOX_${user}.>`] })}`;

let nats: LocalServer;
let folder: string;
const url = (login: string) => nats.url.replace('://', `://${login}@`);
beforeAll(async () => {
  nats = await startNats({
    config: `authorization { users = [
      { user: operator, password: o },
      { password: a, ${may('auditor', READING)} },
      { password: n, ${may('nobody', READING.slice(0, 1))} },
      { password: p, ${may('peeker', READING.slice(0, 2))} } ] }`,
  });
  folder = await mkdtemp(join(tmpdir(), 'audit-permissions-'));
  const log = await openEventStore(url('operator:o'));
  const logId = await log.logId();
  const { signer } = newSigner(`mcpstack-keys/${logId}`);
  const writer = new LogWriter(new Dice(3), logId, [signer]);
  writer.append('organization-org_1', 'OrganizationRenamed', { name: 'Acme' });
  writer.checkpoint();
  await store(log, writer.events);
  await log.close();
  await writeFile(join(folder, 'from.note'), writer.notes[0]!);
});
afterAll(async () => {
  await nats.stop();
  await rm(folder, { recursive: true });
});

/** With what it takes to get as far as the log. */
const COMMANDS: Record<string, string[]> = {
  head: [],
  verify: [],
  replay: [],
  'as-of': ['now'],
  history: ['org_1'],
  report: [],
  export: [],
  proof: ['organization-org_1@0'],
  consistency: ['from.note', 'latest'],
};
/** It reads no log. */
const OTHERS = ['verify-proof'];

it('are all commands', () => {
  const { commands } = makeProgram(() => () => Promise.resolve());
  const names = commands.map((command) => command.name()).filter((name) => name !== 'help');
  expect([...Object.keys(COMMANDS), ...OTHERS].sort()).toEqual(names.sort());
});

const run = (name: string, login: string) =>
  runAudit([name, ...COMMANDS[name]!, '--json', '--log', url(login)], { cwd: folder });
const codeOf = (stderr: string) =>
  stderr === '' ? undefined : (JSON.parse(stderr) as { error: { code: string } }).error.code;

describe.each(Object.keys(COMMANDS))('%s', (name) => {
  it('without permission to read: exit 3, and says so', async () => {
    const { exitCode, stdout, stderr } = await run(name, 'nobody:n');
    expect([exitCode, stdout, codeOf(stderr)]).toEqual([3, '', 'access-denied']);
    expect(stderr).toContain('docs/auditing.md says which permissions');
  });

  it('with a wrong password: the same', async () => {
    const { exitCode, stdout, stderr } = await run(name, 'auditor:wrong');
    expect([exitCode, stdout, codeOf(stderr)]).toEqual([3, '', 'access-denied']);
  });

  it('control: with what the docs list it is not refused', async () => {
    expect(codeOf((await run(name, 'auditor:a')).stderr)).not.toBe('access-denied');
  });

  it('with permission to see where it ends alone: the same, but for the head', async () => {
    const { exitCode, stderr } = await run(name, 'peeker:p');
    expect([exitCode, codeOf(stderr)]).toEqual(name === 'head' ? [0, undefined] : [3, 'access-denied']);
  });
});
