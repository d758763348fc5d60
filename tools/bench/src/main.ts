/** `npm run bench`: every row against its baseline, in one run on one machine. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { connect } from '@nats-io/transport-node';
import { createVerifier } from '@mcpstack/verify';
import { Echoes } from './echoes.ts';
import { Fleet } from './fleet.ts';
import { chartOf, pageOf, tableOf, type Machine } from './report.ts';
import { renewed, type Result } from './result.ts';
import { AUDIT_COMMANDS, auditRow } from './rows/audit.ts';
import { betterAuthRow } from './rows/better-auth.ts';
import { clientRow } from './rows/client.ts';
import { createRow } from './rows/create.ts';
import { inProcessRow } from './rows/in-process.ts';
import { rebuildRow } from './rows/rebuild.ts';
import { revokeRow } from './rows/revoke.ts';
import { verifyRow, type VerifyVariant } from './rows/verify.ts';

export const HELP = `Usage: npm run bench -- [options]

Starts the product and its baselines on this machine, measures both in turn, and prints a table of ratios.

  --rows A,B     only these: verify, client, in-process, create, rebuild, audit, revoke, better-auth
  --keys A,B     how many keys there are (1000,100000,1000000)
  --quick        short rounds, 1000 and 10000 keys: to see that it works
  --json         print results as JSON instead of a table
  --write        renew docs/performance.md and its graph; with --rows, these rows of it
  --help         show this
`;

const ROWS = [
  'verify',
  'client',
  'in-process',
  'create',
  'rebuild',
  'audit',
  'revoke',
  'better-auth',
] as const;
type Row = (typeof ROWS)[number];

interface Options {
  rows: readonly Row[];
  keys: readonly number[];
  quick: boolean;
  json: boolean;
  write: boolean;
}

type Say = (message: string) => void;

/** @returns the exit code. */
export async function bench(args: readonly string[], root: string): Promise<number> {
  const read = readOptions(args);
  if (typeof read === 'string') {
    process.stderr.write(`${read}\n`);
    return read === HELP ? 0 : 2;
  }
  const say: Say = (message) => process.stderr.write(`${message}\n`);
  const folder = join(root, 'docs', 'performance');
  const machine = machineOf();
  const kept = read.write && read.rows.length < ROWS.length ? keptIn(folder, machine) : [];
  if (typeof kept === 'string') {
    process.stderr.write(`${kept}\n`);
    return 2;
  }
  const results = await measure(read, say);
  const text = read.json
    ? JSON.stringify({ machine, results }, undefined, 2)
    : tableOf(results, { colour: process.stdout.isTTY });
  process.stdout.write(`${text}\n`);
  if (read.write) {
    const all = renewed(kept, results);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'cost-by-keys.svg'), chartOf(all));
    writeFileSync(
      join(folder, 'results.json'),
      `${JSON.stringify({ machine, results: all }, undefined, 2)}\n`,
    );
    writeFileSync(join(root, 'docs', 'performance.md'), pageOf(all, machine, root));
    say('wrote docs/performance.md');
  }
  return Number(process.exitCode ?? 0);
}

/** What was measured before on a machine like this, each with its day. @returns what to say instead, if it was another. */
function keptIn(folder: string, { at: _today, ...here }: Machine): readonly Result[] | string {
  const { machine, results } = JSON.parse(readFileSync(join(folder, 'results.json'), 'utf8')) as {
    machine: Machine;
    results: readonly Result[];
  };
  const { at: then, ...there } = machine;
  if (!isDeepStrictEqual(here, there))
    return 'docs/performance is of another machine: without --rows, --write renews all of it.';
  return results.map((result) => ({ at: then, ...result }));
}

async function measure({ rows, keys, quick }: Options, say: Say): Promise<Result[]> {
  const results: Result[] = [];
  /** One row that fails takes no other with it. */
  const add = async (row: () => Promise<readonly Result[]>): Promise<void> => {
    try {
      const found = await row();
      results.push(...found);
      for (const result of found) say(`  ${tableOf([result], { header: false })}`);
    } catch (error) {
      say(`  FAILED: ${(error as Error).message}`);
      process.exitCode = 1;
    }
  };
  const rounds = { rounds: quick ? 2 : 4, durationMs: quick ? 500 : 2_000 };
  const wanted = (row: Row): boolean => rows.includes(row);
  say('starting the product');
  const fleet = await Fleet.start();
  const closing: (() => Promise<unknown>)[] = [() => fleet.stop()];
  try {
    await fleet.growTo(keys[0]!);
    const nats = { servers: fleet.stack.natsUrl };
    const ours = await createVerifier({ nats, maxReused: 0 });
    closing.unshift(() => ours.close());
    const echoes = await Echoes.start(await ours.verify({ digest: fleet.digest(0) }));
    closing.unshift(() => echoes.stop());
    await echoes.run(1);
    const bareNats = { servers: echoes.url };
    const bare = await createVerifier({ nats: bareNats, maxReused: 0 });
    closing.unshift(() => bare.close());

    if (wanted('client')) {
      const library = await connect(bareNats);
      closing.unshift(() => library.close());
      for (const inFlight of [64, 256])
        await add(() => clientRow({ bare, nats: library, digest: fleet.digest(0) }, inFlight, rounds));
    }
    if (wanted('in-process')) {
      const keeping = await createVerifier({ nats: bareNats });
      closing.unshift(() => keeping.close());
      await add(() => inProcessRow(keeping, rounds));
    }
    if (wanted('better-auth')) await add(() => betterAuthRow({ fleet, ours }, 64, rounds));
    if (wanted('revoke')) await add(() => revokeRow(fleet, quick ? 20 : 200));
    for (const count of keys) {
      if (count > fleet.keys) {
        say(`making keys until there are ${count}`);
        await fleet.growTo(count, (made) => say(`  ${made}`));
      }
      if (wanted('verify'))
        for (const variant of variantsOf(count, count === keys.at(-1)))
          await add(() => verifyRow({ fleet, echoes, ours, bare }, variant, rounds));
      if (wanted('create')) {
        await fleet.settled();
        await add(() => createRow(fleet, 64, rounds));
      }
    }
    if (wanted('rebuild')) {
      await fleet.settled();
      await add(() => rebuildRow(fleet, quick ? 1 : 2));
    }
    if (wanted('audit')) {
      await fleet.settled();
      await fleet.signed();
      for (const command of AUDIT_COMMANDS) await add(() => auditRow(fleet, command, quick ? 1 : 2));
    }
  } finally {
    for (const close of closing) await close();
  }
  return results;
}

/** Everything at the largest size; at the others what shows how cost grows. */
function variantsOf(keys: number, isLargest: boolean): VerifyVariant[] {
  const of = (more: Partial<VerifyVariant>): VerifyVariant => ({
    keys,
    distribution: 'uniform',
    authorizers: 1,
    inFlight: 64,
    ...more,
  });
  const both = [of({}), of({ distribution: 'zipf' })];
  if (!isLargest) return both;
  return [
    ...both,
    of({ inFlight: 256 }),
    of({ inFlight: 256, distribution: 'zipf' }),
    of({ authorizers: 2 }),
    of({ authorizers: 3 }),
    of({ authorizers: 3, inFlight: 256 }),
  ];
}

/** @returns what to say instead, when it is not to be run. */
function readOptions(args: readonly string[]): Options | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        rows: { type: 'string', default: ROWS.join() },
        keys: { type: 'string' },
        quick: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        write: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) return HELP;
    const { quick, json, write } = values;
    const rows = values.rows.split(',') as Row[];
    const unknown = rows.find((row) => !ROWS.includes(row));
    if (unknown !== undefined) return `--rows: ${unknown} is none of ${ROWS.join(', ')}.`;
    const sizes = values.keys ?? (quick ? '1000,10000' : '1000,100000,1000000');
    const keys = sizes.split(',').map(Number);
    if (
      !keys.every(
        (count, index) => Number.isInteger(count) && count >= 1_000 && count > (keys[index - 1] ?? 0),
      )
    )
      return '--keys must be whole numbers from 1000 on, in ascending order, with commas between.';
    return { rows, keys, quick, json, write };
  } catch (error) {
    return `${(error as Error).message} See npm run bench -- --help.`;
  }
}

function machineOf(): Machine {
  const [first] = cpus();
  const version = (command: string): string => {
    try {
      return (
        /\d+\.\d+\.\d+/.exec(execFileSync(command, ['--version'], { encoding: 'utf8' }))?.[0] ?? 'unknown'
      );
    } catch {
      return 'unknown';
    }
  };
  return {
    cores: cpus().length,
    cpu: first?.model.trim() ?? 'unknown',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    versions: { node: process.versions.node, nats: version('nats-server'), redis: version('redis-server') },
    at: new Date().toISOString().slice(0, 10),
  };
}
