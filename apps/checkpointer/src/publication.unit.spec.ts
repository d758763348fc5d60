/** The newest checkpoint in a file, with whoever has signed it; all of them in another. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Log } from '@mcpstack/service-kit';
import {
  cosignatureLine,
  formatCheckpoint,
  newSigner,
  parseVkey,
  signNote,
  verifyNote,
} from '@mcpstack/tlog';
import { Publication } from './publication.ts';

const ORIGIN = 'mcpstack-keys/1';
const { signer } = newSigner(ORIGIN);
const { signer: witness } = newSigner('w.example.com', 'cosignature/v1');
const own = [parseVkey(signer.vkey)];
const note = (size: number, origin = ORIGIN) =>
  signNote(formatCheckpoint({ origin, size, root: Buffer.alloc(32, size) }), [signer]);
const textOf = (of: string) => of.slice(0, of.indexOf('\n\n') + 1);
const line = (of: string) => cosignatureLine(textOf(of), witness, 1_700_000_000);

let folder: string;
let file: string;
let historyFile: string;
let logged: string;
const open = () =>
  new Publication({
    file,
    historyFile,
    log: new Log('spec', 'warn', { write: (text: string) => void (logged += text) }),
  });
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'publication-'));
  file = join(folder, 'checkpoint.txt');
  historyFile = join(folder, 'history.txt');
  logged = '';
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('publication', () => {
  it('writes the newest checkpoint, and adds each to the history', () => {
    const publication = open();
    for (const size of [1, 2]) publication.publish(note(size));
    expect(readFileSync(file, 'utf8')).toBe(note(2));
    expect(readFileSync(historyFile, 'utf8')).toBe(`${note(1)}\n${note(2)}\n`);
    expect(readdirSync(folder)).toHaveLength(2);
  });

  it('adds the signatures of witnesses, once, to the checkpoint that they signed', () => {
    const publication = open();
    publication.publish(note(1));
    for (let times = 0; times < 2; times += 1) publication.cosigned(note(1), [line(note(1))]);
    const whole = readFileSync(file, 'utf8');
    expect(verifyNote(whole, [...own, parseVkey(witness.vkey)]).verified).toHaveLength(2);
    // One that is no longer the newest goes into the history alone.
    publication.publish(note(2));
    publication.cosigned(note(1), [line(note(1))]);
    expect(readFileSync(file, 'utf8')).toBe(note(2));
    expect(readFileSync(historyFile, 'utf8')).toContain(`${note(2)}\n${note(1)}${line(note(1))}\n`);
  });

  it('keeps them over a restart', () => {
    const first = open();
    first.publish(note(1));
    first.cosigned(note(1), [line(note(1))]);
    const before = readFileSync(file, 'utf8');
    const second = open();
    second.publish(note(1));
    expect(readFileSync(file, 'utf8')).toBe(before);
    second.publish(note(2));
    expect(readFileSync(file, 'utf8')).toBe(note(2));
  });

  it('knows how much was published of this log', () => {
    expect(open().publishedSize(ORIGIN, own)).toBe(0);
    open().publish(note(7));
    expect(open().publishedSize(ORIGIN, own)).toBe(7);
    writeFileSync(file, '\n');
    expect(open().publishedSize(ORIGIN, own)).toBe(0);
  });

  it('is no file of another log, of other keys, or that was changed: that is evidence, and refused', () => {
    open().publish(note(7));
    const others = [parseVkey(newSigner(ORIGIN).signer.vkey)];
    const foreign = [
      [note(7), 'mcpstack-keys/2', own, `one of ${ORIGIN}.`],
      [note(7), ORIGIN, others, 'no signature is by a trusted key'],
      [note(7).replace('\n7\n', '\n8\n'), ORIGIN, own, 'the note was changed after it was signed'],
      ['something else', ORIGIN, own, 'nobody knows which log'],
    ] as const;
    for (const [text, origin, keys, why] of foreign) {
      writeFileSync(file, text);
      const publication = open();
      const size = () => publication.publishedSize(origin, keys);
      expect(size).toThrow(expect.objectContaining({ code: 'foreign-file' }) as Error);
      expect(size).toThrow(why);
      expect(readFileSync(file, 'utf8')).toBe(text);
    }
    rmSync(file);
    mkdirSync(file);
    expect(() => open().publishedSize(ORIGIN, own)).toThrow('cannot be read (EISDIR)');
  });

  it('that cannot be written is told, and stops nobody', () => {
    rmSync(folder, { recursive: true });
    const publication = open();
    publication.publish(note(1));
    publication.publish(note(2));
    expect(publication.trouble()).toContain('cannot be written (ENOENT)');
    expect(logged.match(/could not be written/g)).toHaveLength(1);
  });
});
