/** Checkpoints and handed-on proofs (C2SP tlog-checkpoint, tlog-proof) in their one spelling. */
import {
  formatCheckpoint,
  formatTlogProof,
  leafHash,
  MerkleTree,
  parseCheckpoint,
  parseTlogProof,
  TlogError,
} from '../src/index.ts';

const ROOT = 'CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=';
const TEXT = `example.com/behind-the-sofa\n20852163\n${ROOT}\n`;

describe('a checkpoint', () => {
  it('is read and written as C2SP shows it', () => {
    const checkpoint = parseCheckpoint(TEXT);
    const { origin, size, root, extensions } = checkpoint;
    expect([origin, size, root.toString('base64'), extensions]).toEqual([
      'example.com/behind-the-sofa',
      20852163,
      ROOT,
      [],
    ]);
    expect(formatCheckpoint(checkpoint)).toBe(TEXT);
    expect(parseCheckpoint(`${TEXT}more\nand more\n`).extensions).toEqual(['more', 'and more']);
    expect(parseCheckpoint(`an origin with spaces\n0\n${ROOT}\n`)).toMatchObject({ size: 0 });
  });

  it.each([
    ['', 'nothing'],
    [TEXT.slice(0, -1), 'no last newline'],
    [`o\n1\n`, 'two lines'],
    [`\n1\n${ROOT}\n`, 'no origin'],
    [`o\n01\n${ROOT}\n`, 'a leading zero'],
    [`o\n-1\n${ROOT}\n`, 'a negative size'],
    [`o\n+1\n${ROOT}\n`, 'a sign'],
    [`o\n1e3\n${ROOT}\n`, 'an exponent'],
    [`o\n 1\n${ROOT}\n`, 'a space'],
    [`o\n9007199254740992\n${ROOT}\n`, 'a size of 2^53'],
    [`o\n99999999999999999999\n${ROOT}\n`, 'a size of 20 digits'],
    [`o\n1\n${ROOT.slice(0, -1)}\n`, 'base64 without its end'],
    [`o\n1\n${Buffer.alloc(31).toString('base64')}\n`, 'a root of 31 bytes'],
    [`o\n1\n${ROOT}\n\nmore\n`, 'an empty line'],
  ])('is refused: %j (%s)', (text) => {
    expect(() => parseCheckpoint(text)).toThrow(TlogError);
  });

  it('is not written wrong', () => {
    const root = Buffer.alloc(32);
    for (const bad of [
      { origin: '', size: 1, root },
      { origin: 'a\nb', size: 1, root },
      { origin: 'o', size: -1, root },
      { origin: 'o', size: 0.5, root },
      { origin: 'o', size: 1, root: root.subarray(1) },
    ])
      expect(() => formatCheckpoint(bad)).toThrow(TlogError);
  });
});

describe('a tlog-proof', () => {
  const tree = new MerkleTree();
  for (let n = 0; n < 5; n++) tree.append(leafHash(`${n}`));
  const checkpoint = `o\n5\n${ROOT}\n\n— o c2ln\n`;
  const whole = { index: 3, proof: tree.inclusionProof(3), checkpoint };

  it('is written as C2SP shows it, and read again', () => {
    const text = formatTlogProof(whole);
    const hashes = whole.proof.map((hash) => hash.toString('base64')).join('\n');
    expect(text).toBe(`c2sp.org/tlog-proof@v1\nindex 3\n${hashes}\n\n${checkpoint}`);
    expect(parseTlogProof(text)).toEqual(whole);
    const alone = { index: 0, proof: [], checkpoint, extra: Buffer.from('extra') };
    expect(formatTlogProof(alone)).toBe(`c2sp.org/tlog-proof@v1\nextra ZXh0cmE=\nindex 0\n\n${checkpoint}`);
    expect(parseTlogProof(formatTlogProof(alone))).toEqual(alone);
  });

  const header = 'c2sp.org/tlog-proof@v1\n';
  const hash = Buffer.alloc(32).toString('base64');
  it.each([
    'wrong-header\nindex 0\n\ncheckpoint\n',
    `${header}extra !!notbase64!!\nindex 0\n\ncheckpoint\n`,
    `${header}\n\ncheckpoint\n`,
    `${header}index notanumber\n\ncheckpoint\n`,
    `${header}index -5\n\ncheckpoint\n`,
    `${header}index 05\n\ncheckpoint\n`,
    `${header}index 0\n!!notbase64!!\n\ncheckpoint\n`,
    `${header}index 0\n${Buffer.alloc(64).toString('base64')}\n\ncheckpoint\n`,
    `${header}index 0\n${`${hash}\n`.repeat(65)}\ncheckpoint\n`,
    `${header}index 0\n${hash}\n`,
    `${header}${'x'.repeat(1_200_000)}`,
    '',
  ])('is refused: %j', (text) => {
    expect(() => parseTlogProof(text)).toThrow(TlogError);
  });
});
