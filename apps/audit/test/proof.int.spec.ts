/** Proofs: made from a real log, checked with the public key alone, and refused when anything of them was changed. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEventStore, type EventStore } from '@mcpstack/event-store';
import { startNats, type LocalServer } from '@mcpstack/local-servers';
import { newSigner, signNote, type Signer } from '@mcpstack/tlog';
import { isSignedBy } from '../../checkpointer/test/oracle.ts';
import { isConsistent } from '../../checkpointer/test/small-witness.ts';
// eslint-disable-next-line no-restricted-imports -- another implementation, as the tree's specs have it
import { theirCheckpoint, theirInclusion } from '../../../libs/tlog/test/sigstore.ts';
import { runAudit } from './run-audit.ts';
import { Dice, LogWriter } from './signed-log.ts';
import { store } from './stored-log.ts';

let nats: LocalServer;
let log: EventStore;
let folder: string;
let writer: LogWriter;
let signer: Signer;
const file = (name: string) => join(folder, name);
const run = (...args: string[]) => runAudit([...args, '--log', nats.url]);
/** Without a log: nobody could be asked. */
const check = (name: string, key = 'key.txt') =>
  runAudit(['verify-proof', file(name), '--key', file(key), '--json']);

beforeAll(async () => {
  nats = await startNats();
  folder = await mkdtemp(join(tmpdir(), 'audit-proof-'));
  log = await openEventStore(nats.url);
  const logId = await log.logId();
  signer = newSigner(`mcpstack-keys/${logId}`).signer;
  const next = newSigner(`mcpstack-keys/${logId}`).signer;
  // Signed by two keys, as while one takes over from the other.
  writer = new LogWriter(new Dice(3), logId, [signer, next]).fill({ events: 80, every: 10, uncovered: 3 });
  await store(log, writer.events);
  await writeFile(file('key.txt'), signer.vkey);
  await writeFile(file('next.txt'), next.vkey);
  await writeFile(file('other.txt'), newSigner('mcpstack-keys/another-log').signer.vkey);
  await writeFile(file('namesake.txt'), newSigner(signer.name).signer.vkey);
  await writeFile(file('from.note'), writer.notes[1]!);
  await writeFile(file('to.note'), writer.notes[3]!);
});
afterAll(async () => {
  await log.close();
  await nats.stop();
  await rm(folder, { recursive: true });
});

describe('a proof of an event', () => {
  it('is made by place and by id, and holds with either key, without the log', async () => {
    for (const at of [0, 17, 76]) {
      const { stream, revision, id, type, data } = writer.events[at]!;
      const place = await run('proof', `${stream}@${revision}`, '-o', file('proof.json'));
      expect(place).toMatchObject({ exitCode: 0, stdout: '' });
      expect(place.stderr).toContain(`is leaf ${at} of 77`);
      expect((await run('proof', id)).stdout).toBe(await readFile(file('proof.json'), 'utf8'));
      for (const key of ['key.txt', 'next.txt']) {
        const ran = await check('proof.json', key);
        expect(ran.exitCode).toBe(0);
        expect(ran.json()).toMatchObject({
          holds: true,
          index: at,
          size: 77,
          origin: signer.name,
          event: { id, type, data },
        });
      }
    }
    const told = await runAudit(['verify-proof', file('proof.json'), '--key', file('key.txt')]);
    expect(told.stdout).toMatch(/The proof holds\.\n(.*\n)*Place: +event 77 of 77/);
  });

  it('does not hold when anything of it was changed, and says what', async () => {
    const { stream, revision } = writer.events[33]!;
    const whole = JSON.parse((await run('proof', `${stream}@${revision}`)).stdout) as {
      event: Record<string, unknown>;
      proof: string;
      leafHash: string;
    };
    const changes: [string, object, string, string?][] = [
      ['the event', { event: { ...whole.event, data: { forged: true } } }, 'another-event'],
      ['its revision', { event: { ...whole.event, revision: '7' } }, 'another-event'],
      ['its metadata', { event: { ...whole.event, metadata: {} } }, 'another-event'],
      ['the leaf', { leafHash: Buffer.alloc(32).toString('base64') }, 'another-event'],
      ['the index', { proof: whole.proof.replace('index 33', 'index 32') }, 'bad-proof'],
      [
        'a hash',
        { proof: whole.proof.replace(/(?<=index 33\n)./, (letter) => (letter === 'A' ? 'B' : 'A')) },
        'bad-proof',
      ],
      ['a hash taken out', { proof: whole.proof.replace(/(?<=index 33\n).*\n/, '') }, 'bad-proof'],
      ['the size', { proof: whole.proof.replace('\n77\n', '\n78\n') }, 'bad-signature'],
      [
        'the origin',
        { proof: whole.proof.replace(`\n${signer.name}\n`, '\nmcpstack-keys/x\n') },
        'bad-signature',
      ],
      ['its end', { proof: whole.proof.slice(0, -20) }, 'malformed-note'],
      ['nothing, but the key is of another log', {}, 'no-trusted-signature', 'other.txt'],
      ['nothing, but the key is another of that name', {}, 'no-trusted-signature', 'namesake.txt'],
    ];
    for (const [what, change, code, key] of changes) {
      await writeFile(file('changed.json'), JSON.stringify({ ...whole, ...change }));
      const ran = await check('changed.json', key);
      expect({ what, exitCode: ran.exitCode, ...ran.json<object>() }).toMatchObject({
        what,
        exitCode: 1,
        holds: false,
        code,
      });
    }
    const other = await runAudit(['verify-proof', file('changed.json'), '--key', file('other.txt')]);
    expect(other.stdout).toContain(
      `It is of the log ${signer.name}, and the keys are of mcpstack-keys/another-log.`,
    );
  });

  it('does not hold with an event that has no canonical spelling', async () => {
    const { stream, revision } = writer.events[33]!;
    const whole = JSON.parse((await run('proof', `${stream}@${revision}`)).stdout) as { event: object };
    const text = JSON.stringify({ ...whole, event: { ...whole.event, data: { edited: 'HERE' } } });
    const deep = 50_000;
    for (const here of [String.raw`"\ud800"`, '1e999', `${'['.repeat(deep)}${']'.repeat(deep)}`]) {
      await writeFile(file('edited.json'), text.replace('"HERE"', here));
      const ran = await check('edited.json');
      expect([ran.exitCode, ran.stderr]).toEqual([1, '']);
      expect(ran.json<object>()).toMatchObject({ holds: false, code: 'another-event' });
    }
  });

  it('does not hold with a checkpoint that this key signed for another log', async () => {
    const { stream, revision } = writer.events[33]!;
    const whole = JSON.parse((await run('proof', `${stream}@${revision}`)).stdout) as { proof: string };
    const [head, text] = whole.proof.split('\n\n') as [string, string];
    const note = signNote(`${text.replace(signer.name, 'mcpstack-keys/elsewhere')}\n`, [signer]);
    await writeFile(file('elsewhere.json'), JSON.stringify({ ...whole, proof: `${head}\n\n${note}` }));
    const ran = await check('elsewhere.json');
    expect(ran).toMatchObject({ exitCode: 1 });
    expect(ran.json<{ why: string }>().why).toContain('it is of the log mcpstack-keys/elsewhere');
  });

  it('cannot be made of what is not there, or not covered yet', async () => {
    const { stream, revision } = writer.events[78]!;
    const uncovered = await run('proof', `${stream}@${revision}`);
    expect(uncovered).toMatchObject({ exitCode: 3, stdout: '' });
    expect(uncovered.stderr).toContain('No checkpoint covers');
    for (const event of [
      'key-none@0',
      `${stream}@999`,
      'nonsense',
      'a b@1',
      '0b7e4f7e-9c3e-4f7a-8d4b-5c6d7f2c1f0a',
    ]) {
      const ran = await run('proof', event);
      expect({ event, exitCode: ran.exitCode }).toEqual({ event, exitCode: 2 });
      expect(ran.stderr).toContain(`The log has no event ${event}.`);
    }
  });
});

describe('a proof between checkpoints', () => {
  it('holds between two that were kept, and up to the newest', async () => {
    for (const [to, size] of [
      ['to.note', undefined],
      ['latest', 77],
    ] as const) {
      const target = to === 'latest' ? to : file(to);
      expect(await run('consistency', file('from.note'), target, '-o', file('between.json'))).toMatchObject({
        exitCode: 0,
      });
      const ran = await check('between.json');
      expect(ran).toMatchObject({ exitCode: 0 });
      expect(ran.json()).toMatchObject({
        holds: true,
        kind: 'consistency',
        origin: signer.name,
        ...(size && { to: size }),
      });
    }
  });

  it('does not hold when it was changed, and is not made of checkpoints that the log does not have', async () => {
    const whole = JSON.parse((await run('consistency', file('from.note'), 'latest')).stdout) as {
      hashes: string[];
      from: string;
    };
    await writeFile(file('short.json'), JSON.stringify({ ...whole, hashes: whole.hashes.slice(1) }));
    expect((await check('short.json')).json()).toMatchObject({ holds: false, code: 'bad-proof' });
    await writeFile(
      file('edited.json'),
      JSON.stringify({ ...whole, from: whole.from.replace(/\n\d+\n/, '\n9\n') }),
    );
    expect((await check('edited.json')).json()).toMatchObject({ holds: false, code: 'bad-signature' });
    // Signed with the key, but of a history that this log did not have.
    const forked = LogWriter.after(writer.events.slice(0, 5), new Dice(9), writer.logId, [signer]).fill({
      events: 30,
      every: 5,
      uncovered: 0,
    });
    await writeFile(file('forked.note'), forked.notes.at(-1)!);
    expect(await run('consistency', file('forked.note'), 'latest')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('The log was rewritten') as string,
    });
    const turned = await run('consistency', file('to.note'), file('from.note'));
    expect(turned).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('Name the older one first.') as string,
    });
  });
});

describe('what is handed out, checked by code that shares nothing with ours', () => {
  /** JSON in one spelling (RFC 8785). */
  function spelled(value: unknown): string {
    if (typeof value !== 'object' || value === null) return JSON.stringify(value);
    if (Array.isArray(value)) return `[${value.map(spelled).join(',')}]`;
    const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
    return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${spelled(member)}`).join(',')}}`;
  }
  function withOneBitFlipped(hashes: readonly Buffer[], at: number): Buffer[] {
    const flipped = Buffer.from(hashes[at]!);
    flipped[at % 32]! ^= 1 << (at % 8);
    return hashes.with(at, flipped);
  }

  it('a proof of an event: by @sigstore/verify', async () => {
    for (const at of [0, 17, 64, 76]) {
      const { stream, revision, id } = writer.events[at]!;
      await run('proof', `${stream}@${revision}`, '-o', file('handed-out.json'));
      const { event, proof } = JSON.parse(await readFile(file('handed-out.json'), 'utf8')) as {
        event: { id: string };
        proof: string;
      };
      expect(event.id).toBe(id);
      const body = Buffer.from(spelled(event));
      const end = proof.indexOf('\n\n');
      const [header, line, ...lines] = proof.slice(0, end).split('\n');
      expect([header, line]).toEqual(['c2sp.org/tlog-proof@v1', `index ${at}`]);
      const hashes = lines.map((hash) => Buffer.from(hash, 'base64'));
      const note = proof.slice(end + 2);
      for (const key of ['key.txt', 'next.txt']) {
        const checkpoint = theirCheckpoint(note, await readFile(file(key), 'utf8'));
        expect(checkpoint).toMatchObject({ origin: signer.name, logSize: 77n });
        theirInclusion(body, { index: at, hashes }, checkpoint);
        for (let flipped = 0; flipped < hashes.length; flipped += 1) {
          const edited = { index: at, hashes: withOneBitFlipped(hashes, flipped) };
          expect(() => theirInclusion(body, edited, checkpoint)).toThrow('calculated root hash');
        }
        const other = Buffer.from(spelled({ ...event, revision: '7' }));
        expect(() => theirInclusion(other, { index: at, hashes }, checkpoint)).toThrow(
          'calculated root hash',
        );
      }
      const namesake = await readFile(file('namesake.txt'), 'utf8');
      expect(() => theirCheckpoint(note, namesake)).toThrow('signature');
    }
  });

  it('a proof between checkpoints: by the small witness', async () => {
    await run('consistency', file('from.note'), file('to.note'), '-o', file('handed-out.json'));
    const handedOut = JSON.parse(await readFile(file('handed-out.json'), 'utf8')) as {
      from: string;
      to: string;
      hashes: string[];
    };
    expect([handedOut.from, handedOut.to]).toEqual([writer.notes[1], writer.notes[3]]);
    const read = (note: string) => {
      const [origin, size, root] = note.split('\n');
      expect([origin, isSignedBy(note, signer.vkey)]).toEqual([signer.name, true]);
      return { size: Number(size), root: Buffer.from(root!, 'base64') };
    };
    const [from, to] = [read(handedOut.from), read(handedOut.to)];
    const hashes = handedOut.hashes.map((hash) => Buffer.from(hash, 'base64'));
    const leads = (proof: readonly Buffer[]) => isConsistent(from.size, to.size, proof, [from.root, to.root]);
    expect(leads(hashes)).toBe(true);
    expect(hashes.length).toBeGreaterThan(1);
    for (let at = 0; at < hashes.length; at += 1)
      expect([at, leads(withOneBitFlipped(hashes, at))]).toEqual([at, false]);
    expect(isConsistent(from.size, to.size, hashes, [to.root, to.root])).toBe(false);
  });
});

it('a file that is cut off, or none of ours, is said to be so', async () => {
  const { stream, revision } = writer.events[2]!;
  const { stdout } = await run('proof', `${stream}@${revision}`);
  for (const [name, text] of [
    ['cut', stdout.slice(0, -40)],
    ['empty', ''],
    ['other', '{"format":"x"}'],
    ['note', writer.notes[0]!],
  ] as const) {
    await writeFile(file(`${name}.json`), text);
    const ran = await check(`${name}.json`);
    expect(ran).toMatchObject({ exitCode: 2, stdout: '' });
    expect(ran.stderr).toContain('is no proof that can be checked');
  }
  expect((await check('none.json')).exitCode).toBe(2);
  expect((await check('cut.json', 'cut.json')).exitCode).toBe(2);
});
