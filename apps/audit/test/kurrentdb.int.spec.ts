/** Export and report of a log on KurrentDB, where a place is no number that one can reckon with. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEventStore, type EventStore } from '@mcpstack/event-store';
// eslint-disable-next-line no-restricted-imports -- a peer for tests, which no room shows
import { KurrentDbDouble } from '../../../libs/event-store/test/kurrentdb-double/start-double.ts';
import { LogWriter } from './log-writer.ts';
import { runAudit } from './run-audit.ts';

const AT = '2026-05-01T12:00:00.000Z';
let double: KurrentDbDouble;
let store: EventStore;
const folder = mkdtempSync(join(tmpdir(), 'mcpstack-export-'));
beforeAll(async () => {
  double = await KurrentDbDouble.start();
  store = await openEventStore(double.url());
  const log = new LogWriter(store);
  const data = { organizationId: 'org_1', name: 'Acme', ownerId: 'user_1' };
  await log.put('organization', 'org_1', { type: 'OrganizationCreated', data, at: AT });
  await log.put('user', 'user_1', { type: 'UserProfileChanged', data: { userId: 'user_1' }, at: AT });
  for (let n = 0; n < 5; n += 1)
    await log.put('organization', 'org_1', {
      type: 'OrganizationRenamed',
      data: { name: `Acme ${n}` },
      at: AT,
    });
  // The end of the log is of a category that is not exported.
  await log.put('user', 'user_1', { type: 'UserProfileChanged', data: { userId: 'user_1' }, at: AT });
});
afterAll(async () => {
  await store.close();
  await double.stop();
  rmSync(folder, { recursive: true, force: true });
});

const audit = (...args: string[]) => runAudit([...args, '--log', double.url()]);

it('an export ends, is the same twice, and goes on where it stopped, also by its last line alone', async () => {
  const path = join(folder, 'events.jsonl');
  expect(await audit('export', '--out', path)).toMatchObject({ exitCode: 0 });
  const whole = readFileSync(path, 'utf8');
  expect((await audit('export')).stdout).toBe(whole);
  for (const how of [[], ['--quick']]) {
    writeFileSync(path, whole.split('\n').slice(0, 3).join('\n') + '\nhalf');
    expect(await audit('export', '--out', path, '--resume', ...how)).toMatchObject({ exitCode: 0 });
    expect(readFileSync(path, 'utf8')).toBe(whole);
  }
});

it('a line that names no place of the log is told', async () => {
  const path = join(folder, 'edited.jsonl');
  const [first, second] = (await audit('export')).stdout.split('\n');
  const moved = first!.replace(/"sequence":"(\d+)"/, '"sequence":"0000000000000001"');
  writeFileSync(path, `${moved}\n${second}\n`);
  const ran = await audit('export', '--out', path, '--resume', '--quick');
  expect([ran.exitCode, ran.stderr]).toEqual([1, expect.stringContaining('is not what this export writes')]);
});

it('a report is drawn from it', async () => {
  expect(await audit('report')).toMatchObject({ exitCode: 0 });
});
