/** Signed notes (C2SP signed-note): published ones open, and what is not wholly right is refused by name. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import {
  cosignatureLine,
  formatVkey,
  MAX_NOTE_BYTES,
  newSigner,
  openSigner,
  parseNote,
  parseVkey,
  parseVkeys,
  signNote,
  TlogError,
  verifyNote,
} from '../src/index.ts';

// The example of golang.org/x/mod/sumdb/note, key and signatures.
const PETER = {
  private: 'PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz',
  vkey: 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW',
  line: '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=',
};
const ENOCH = {
  vkey: 'EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop',
  line: '— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=',
};
const TEXT =
  "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
// A tree head of Go's checksum database, as its server signed it.
const SUMDB = {
  vkey: 'sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8',
  note: 'go.sum database tree\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n— sum.golang.org Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n',
};
// The examples of C2SP signed-note and tlog-checkpoint; their keys are not published.
const EXAMPLES = [
  'Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n\n— quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n',
  'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n',
];

const peter = parseVkey(PETER.vkey);
const enoch = parseVkey(ENOCH.vkey);
const noteOf = (...lines: string[]) => `${TEXT}\n${lines.map((line) => `${line}\n`).join('')}`;
const refused = (code: string, message?: RegExp) =>
  expect.objectContaining({
    name: 'TlogError',
    code,
    ...(message && { message: expect.stringMatching(message) as string }),
  }) as TlogError;
function thrownBy(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return error;
  }
}

describe('published notes', () => {
  it('is signed as published, by the published key', () =>
    expect(signNote(TEXT, [openSigner(PETER.private)])).toBe(noteOf(PETER.line)));

  it('opens for the keys that signed it, and says who else did', () => {
    const note = noteOf(PETER.line, ENOCH.line);
    const both = verifyNote(note, [peter, enoch]);
    expect(both.text).toBe(TEXT);
    expect([both.verified.map(({ vkey }) => vkey), both.unknown]).toEqual([[PETER.vkey, ENOCH.vkey], []]);
    const one = verifyNote(Buffer.from(note), [enoch]);
    expect(one.verified.map(({ line }) => line)).toEqual([ENOCH.line]);
    expect(one.unknown.map(({ name, hash }) => ({ name, hash }))).toEqual([
      { name: 'PeterNeumann', hash: 0xc74f20a3 },
    ]);
    expect(thrownBy(() => verifyNote(note, []))).toEqual(refused('no-trusted-signature'));
  });

  it("opens a tree head of Go's checksum database", () =>
    expect(verifyNote(SUMDB.note, [parseVkey(SUMDB.vkey)]).text).toContain('\n20852163\n'));

  it.each(EXAMPLES)("takes C2SP's examples apart", (example) => {
    const { text, signatures } = parseNote(example);
    expect(`${text}\n${signatures.map(({ line }) => `${line}\n`).join('')}`).toBe(example);
  });
});

describe('a note that is not right', () => {
  const wrong = PETER.line.replace('x08go/ZJ', 'x08go/ZK');

  it('is refused when a signature of a trusted key is wrong, whoever else signed it rightly', () => {
    expect(thrownBy(() => verifyNote(noteOf(ENOCH.line, wrong), [peter, enoch]))).toEqual(
      refused('bad-signature'),
    );
    expect(thrownBy(() => verifyNote(noteOf(PETER.line, wrong), [peter]))).toEqual(refused('bad-signature'));
    // The control: of a key that nobody trusts, a wrong signature says nothing.
    expect(verifyNote(noteOf(ENOCH.line, wrong), [enoch]).verified).toHaveLength(1);
  });

  it('is refused when its text was changed', () => {
    const note = noteOf(PETER.line).replace('answer', 'Answer');
    expect(thrownBy(() => verifyNote(note, [peter]))).toEqual(refused('bad-signature', /PeterNeumann/));
  });

  it('is not opened by a key of that name with another hash, nor of that hash with another name', () => {
    const others = [newSigner('PeterNeumann').signer.vkey, ENOCH.vkey].map(parseVkey);
    expect(thrownBy(() => verifyNote(noteOf(PETER.line), others))).toEqual(
      refused('no-trusted-signature', /PeterNeumann\+c74f20a3.*EnochRoot/),
    );
    const renamed = noteOf(PETER.line.replace('PeterNeumann', 'EnochRoot'));
    expect(thrownBy(() => verifyNote(renamed, [peter, enoch]))).toEqual(refused('no-trusted-signature'));
  });

  it('counts a signature that stands there twice once', () => {
    const { verified, unknown } = verifyNote(noteOf(PETER.line, PETER.line, ENOCH.line), [peter, peter]);
    expect([verified.length, unknown.length]).toEqual([1, 1]);
  });

  it.each<[string, string | Uint8Array, RegExp]>([
    ['nothing', '', /blank line/],
    ['no signatures', TEXT, /blank line/],
    ['a blank line and nothing after it', `${TEXT}\n`, /no signature/],
    ['no blank line', `${TEXT}${PETER.line}\n`, /blank line/],
    ['its end cut off', noteOf(PETER.line).slice(0, -1), /cut off/],
    ['its signature cut off', `${noteOf(PETER.line).slice(0, -8)}\n`, /base64/],
    ['a line that is none', noteOf(PETER.line, 'Unexpected line.'), /after the last blank/],
    ['a hyphen for the dash', noteOf(PETER.line.replace('—', '-')), /after the last blank/],
    [
      'a space in a name',
      noteOf(PETER.line.replace('PeterNeumann', 'Peter Neumann')),
      /after the last blank/,
    ],
    ['a plus in a name', noteOf(PETER.line.replace('PeterNeumann', 'Peter+')), /after the last blank/],
    ['no name', noteOf(PETER.line.replace('PeterNeumann', '')), /after the last blank/],
    ['a no-break space in a name', noteOf(PETER.line.replace('rN', 'r\u00a0N')), /after the last blank/],
    ['a signature of four bytes', noteOf('— PeterNeumann x08gow=='), /base64/],
    ['base64 in another spelling', noteOf(PETER.line.replace('/', '_')), /base64/],
    ['CR LF', noteOf(PETER.line).replaceAll('\n', '\r\n'), /blank line|CR LF/],
    ['one CR', noteOf(PETER.line).replace('\n', '\r\n'), /CR LF/],
    ['a control character', `\x01${noteOf(PETER.line)}`, /control/],
    ['a tab', `\t${noteOf(PETER.line)}`, /control/],
    ['half of a surrogate pair', `\ud800${noteOf(PETER.line)}`, /UTF-8/],
    [
      'bytes that are no UTF-8',
      Buffer.concat([Buffer.from([0xff]), Buffer.from(noteOf(PETER.line))]),
      /UTF-8/,
    ],
    ['101 signatures', noteOf(...Array.from({ length: 101 }, () => PETER.line)), /100 signatures/],
    ['a million bytes and one', 'x'.repeat(MAX_NOTE_BYTES + 1), /1000000 bytes/],
  ])('is refused with %s', (_, note, message) => {
    expect(thrownBy(() => verifyNote(note, [peter]))).toEqual(refused('malformed-note', message));
  });

  it('is refused whatever byte of it is changed', () => {
    const note = Buffer.from(noteOf(PETER.line));
    for (let at = 0; at < note.length; at++) {
      const changed = Buffer.from(note);
      changed[at]! ^= 1;
      expect(thrownBy(() => verifyNote(changed, [peter]))).toBeInstanceOf(TlogError);
    }
  });

  it('is not signed either', () => {
    const signer = openSigner(PETER.private);
    for (const text of ['', 'no newline', 'a\r\n', 'a\x00\n', '\udc00\n'])
      expect(thrownBy(() => signNote(text, [signer]))).toEqual(refused('malformed-note'));
    expect(thrownBy(() => signNote(TEXT, []))).toEqual(refused('malformed-note'));
  });
});

describe('a key', () => {
  it('is made, kept, opened and trusted, and signs any text', () => {
    const texts = fc.string({ unit: 'binary' }).filter((text) => !/[\p{Cc}\p{Surrogate}]/u.test(text));
    const { signer, private: kept } = newSigner('mcpstack-keys/log_1');
    const again = openSigner(kept);
    expect([again.vkey, again.hash, again.name]).toEqual([signer.vkey, signer.hash, 'mcpstack-keys/log_1']);
    expect(formatVkey(parseVkey(signer.vkey))).toBe(signer.vkey);
    fc.assert(
      fc.property(fc.array(texts), (lines) => {
        const text = `${lines.join('\n')}\n`;
        expect(
          verifyNote(signNote(text, [again, openSigner(PETER.private)]), [parseVkey(signer.vkey)]).text,
        ).toBe(text);
      }),
    );
  });

  it('has its hash over name, newline, type and key', () => {
    const key = Buffer.from(PETER.vkey.split('+').slice(2).join('+'), 'base64');
    const digest = createHash('sha256').update('PeterNeumann\n').update(key).digest();
    expect(peter.hash).toBe(digest.readUInt32BE(0));
    expect(parseVkey('remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2').kind).toBe(
      'cosignature/v1',
    );
  });

  it('is refused with any part cut off or any character changed, and never shown', () => {
    const secret = PETER.private.split('+').slice(4).join('+');
    for (const [text, parse, code] of [
      [PETER.vkey, parseVkey, 'malformed-vkey'],
      [PETER.private, openSigner, 'malformed-private-key'],
    ] as const) {
      const changed = [...text].map(
        (character, at) =>
          text.slice(0, at) + String.fromCharCode(character.charCodeAt(0) + 1) + text.slice(at + 1),
      );
      const cut = [...text].flatMap((_, at) => [text.slice(0, at), text.slice(at + 1)]);
      for (const bad of [...changed, ...cut, `${text} `, ` ${text}`, `${text}\n`]) {
        const error = thrownBy(() => parse(bad));
        expect(error).toEqual(refused(code));
        expect((error as TlogError).message).not.toContain(secret.slice(0, 20));
      }
    }
  });

  it.each([
    ['a key too long', 'PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY=='],
    ['an unknown type', 'PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'],
    ['two parts', 'bananas.sigstore.dev+12344556'],
    ['no base64', 'rekor.sigstore.dev+12345678+THIS_IS_NOT_BASE64!'],
  ])('is refused with %s', (_, vkey) => {
    expect(thrownBy(() => parseVkey(vkey))).toEqual(refused('malformed-vkey'));
  });

  it('comes from a file with several, with comments', () => {
    const file = `# the log's\n${PETER.vkey}\r\n\n  ${ENOCH.vkey}  \n`;
    expect(parseVkeys(file).map(formatVkey)).toEqual([PETER.vkey, ENOCH.vkey]);
    expect(parseVkeys('')).toEqual([]);
    expect(() => parseVkeys(`${PETER.vkey}\nnonsense`)).toThrow(TlogError);
  });

  it('that cannot be told from another is refused', () => {
    const twin = { ...enoch, vkey: 'another' };
    expect(thrownBy(() => verifyNote(noteOf(ENOCH.line), [enoch, twin]))).toEqual(refused('ambiguous-keys'));
  });
});

describe('a cosignature', () => {
  const text = 'example.com/log\n3\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n';
  const log = newSigner('example.com/log').signer;
  const witness = newSigner('witness.example.com/w1', 'cosignature/v1');
  const note = signNote(text, [log]) + `${cosignatureLine(text, witness.signer, 1_679_315_147)}\n`;

  it('is of the checkpoint and the time', () => {
    const keys = [log.vkey, witness.signer.vkey].map(parseVkey);
    expect(verifyNote(note, keys).verified.map(({ timestampSeconds }) => timestampSeconds)).toEqual([
      undefined,
      1_679_315_147,
    ]);
    // Bytes 4 to 12 are the time.
    const line = note.trimEnd().split('\n').at(-1)!;
    const [name, blob] = line.slice(2).split(' ') as [string, string];
    for (const at of [4, 11, 12, 75]) {
      const bytes = Buffer.from(blob, 'base64');
      bytes[at]! ^= 1;
      const changed = note.replace(line, `— ${name} ${bytes.toString('base64')}`);
      expect(thrownBy(() => verifyNote(changed, keys))).toEqual(refused('bad-signature'));
      // The control: without the witness's key the note says what it said.
      expect(verifyNote(changed, keys.slice(0, 1)).text).toBe(text);
    }
  });

  it('is told from a signature by its key', () => {
    const plain = signNote(text, [witness.signer]);
    const trusted = [parseVkey(witness.signer.vkey)];
    expect(thrownBy(() => verifyNote(plain, trusted))).toEqual(refused('bad-signature'));
    expect(openSigner(witness.private).vkey).toBe(witness.signer.vkey);
  });
});
