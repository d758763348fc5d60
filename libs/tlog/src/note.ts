/** Signed notes (C2SP signed-note): a text, a blank line, and a line for each signature. */
import { decodeBase64 } from './base64.ts';
import { cosignedMessage } from './cosignature.ts';
import { TlogError } from './errors.ts';
import { isKeyName, SIGNATURE_BYTES, type KeyIdentity, type Signer, type Verifier } from './keys.ts';

/** A larger note is not read. A checkpoint with a hundred signatures has a tenth of this. */
export const MAX_NOTE_BYTES = 1_000_000;
export const MAX_SIGNATURES = 100;
const DASH = '\u2014 ';
const HASH_BYTES = 4;
const TIMESTAMP_BYTES = 8;

export interface NoteSignature extends KeyIdentity {
  /** What follows the hash: for Ed25519 the 64 bytes of the signature. */
  signature: Buffer;
  /** As it stands in the note, without the newline. */
  line: string;
}

export interface Note {
  /** What is signed; ends in a newline. Worth nothing before `verifyNote`. */
  text: string;
  signatures: NoteSignature[];
}

export interface VerifiedSignature extends NoteSignature {
  vkey: string;
  /** Of a cosignature: when its maker saw the checkpoint, in seconds since 1970. */
  timestampSeconds?: number;
}

export interface VerifiedNote {
  text: string;
  /** By trusted keys, checked, one for each key; at least one. */
  verified: VerifiedSignature[];
  /** By keys that nobody here trusts; not checked. */
  unknown: NoteSignature[];
}

/** Takes a note apart, checking nothing but its form. @throws TlogError `malformed-note`. */
export function parseNote(note: string | Uint8Array): Note {
  const content = decoded(note);
  const at = content.lastIndexOf('\n\n');
  if (at < 0) throw malformed('no blank line stands between its text and its signatures');
  const [text, tail] = [content.slice(0, at + 1), content.slice(at + 2)];
  if (tail === '') throw malformed('it has no signature');
  if (!tail.endsWith('\n')) throw malformed('its last line does not end: it may be cut off');
  const lines = tail.slice(0, -1).split('\n');
  if (lines.length > MAX_SIGNATURES) throw malformed(`it has more than ${MAX_SIGNATURES} signatures`);
  return { text, signatures: lines.map(parseSignature) };
}

/**
 * Checks every signature that claims to be by one of these keys.
 * @throws TlogError `malformed-note`; `bad-signature` when one of a trusted key is wrong, whatever the others say;
 *   `no-trusted-signature`; `ambiguous-keys` when two of the keys cannot be told apart.
 */
export function verifyNote(note: string | Uint8Array, verifiers: readonly Verifier[]): VerifiedNote {
  const { text, signatures } = parseNote(note);
  const trusted = byIdentity(verifiers);
  const verified = new Map<string, VerifiedSignature>();
  const unknown: NoteSignature[] = [];
  for (const signature of signatures) {
    const verifier = trusted.get(identityOf(signature));
    if (verifier === undefined) {
      unknown.push(signature);
      continue;
    }
    const checked = check(text, signature, verifier);
    if (checked === undefined)
      throw new TlogError(
        'bad-signature',
        `the signature of ${signature.name} does not fit: the note was changed after it was signed, or another signed it`,
      );
    if (!verified.has(verifier.vkey)) verified.set(verifier.vkey, checked);
  }
  if (verified.size === 0)
    throw new TlogError(
      'no-trusted-signature',
      `no signature is by a trusted key: it is signed by ${namesOf(unknown)}, trusted ${verifiers.length === 0 ? 'is nobody' : `are ${namesOf(verifiers)}`}`,
    );
  return { text, verified: [...verified.values()], unknown };
}

/** Signs a text that ends in a newline, by each of these keys. @throws TlogError `malformed-note`. */
export function signNote(text: string, signers: readonly Signer[]): string {
  assertText(text);
  if (signers.length === 0) throw malformed('nobody signs it');
  return `${text}\n${signers.map((signer) => `${signatureLine(signer, signer.sign(Buffer.from(text)))}\n`).join('')}`;
}

/** The cosignature (C2SP tlog-cosignature, v1) of a checkpoint, as the line to add to its note. */
export function cosignatureLine(text: string, cosigner: Signer, timestampSeconds: number): string {
  assertText(text);
  const timestamp = Buffer.alloc(TIMESTAMP_BYTES);
  timestamp.writeBigUInt64BE(BigInt(timestampSeconds));
  const signature = cosigner.sign(cosignedMessage(text, timestampSeconds));
  return signatureLine(cosigner, Buffer.concat([timestamp, signature]));
}

function check(text: string, signature: NoteSignature, verifier: Verifier): VerifiedSignature | undefined {
  const { vkey } = verifier;
  switch (verifier.kind) {
    case 'ed25519':
      return verifier.verify(Buffer.from(text), signature.signature) ? { ...signature, vkey } : undefined;
    case 'cosignature/v1': {
      if (signature.signature.length !== TIMESTAMP_BYTES + SIGNATURE_BYTES) return undefined;
      const timestampSeconds = Number(signature.signature.readBigUInt64BE());
      if (!Number.isSafeInteger(timestampSeconds)) return undefined;
      const message = cosignedMessage(text, timestampSeconds);
      const fits = verifier.verify(message, signature.signature.subarray(TIMESTAMP_BYTES));
      return fits ? { ...signature, vkey, timestampSeconds } : undefined;
    }
    default:
      return verifier.kind satisfies never;
  }
}

function parseSignature(line: string): NoteSignature {
  const [name, base64, ...more] = line.startsWith(DASH) ? line.slice(DASH.length).split(' ') : [];
  if (name === undefined || base64 === undefined || more.length > 0 || !isKeyName(name))
    throw malformed('a line after the last blank one is not "\u2014 name base64"');
  const bytes = decodeBase64(base64);
  if (bytes === undefined || bytes.length <= HASH_BYTES)
    throw malformed('a signature in it is no base64, or empty');
  return { name, hash: bytes.readUInt32BE(0), signature: bytes.subarray(HASH_BYTES), line };
}

function signatureLine({ name, hash }: KeyIdentity, signature: Uint8Array): string {
  const id = Buffer.alloc(HASH_BYTES);
  id.writeUInt32BE(hash);
  return `${DASH}${name} ${Buffer.concat([id, signature]).toString('base64')}`;
}

function byIdentity(verifiers: readonly Verifier[]): Map<string, Verifier> {
  const trusted = new Map<string, Verifier>();
  for (const verifier of verifiers) {
    const other = trusted.get(identityOf(verifier));
    if (other !== undefined && other.vkey !== verifier.vkey)
      throw new TlogError(
        'ambiguous-keys',
        `two trusted keys are both called ${verifier.name} and have one hash`,
      );
    trusted.set(identityOf(verifier), verifier);
  }
  return trusted;
}

function decoded(note: string | Uint8Array): string {
  const bytes = typeof note === 'string' ? Buffer.from(note) : Buffer.from(note);
  if (bytes.length > MAX_NOTE_BYTES) throw malformed(`it is longer than ${MAX_NOTE_BYTES} bytes`);
  const content = bytes.toString('utf8');
  // What is no UTF-8 does not survive the way there and back; half of a surrogate pair does not either.
  if (typeof note === 'string' ? content !== note : !Buffer.from(content).equals(bytes))
    throw malformed('it is no UTF-8');
  if (content.includes('\r')) throw malformed('its lines end in CR LF: save it with LF alone');
  if (hasControl(content)) throw malformed('it has control characters');
  return content;
}

function assertText(text: string): void {
  if (!text.endsWith('\n')) throw malformed('its text does not end in a newline');
  if (hasControl(text) || /\p{Surrogate}/u.test(text))
    throw malformed('its text has control characters or is no UTF-8');
}

// eslint-disable-next-line no-control-regex -- these are what it looks for
const hasControl = (text: string) => /[\0-\x09\x0b-\x1f]/.test(text);
const malformed = (why: string) => new TlogError('malformed-note', `this is no signed note: ${why}`);
const identityOf = ({ name, hash }: KeyIdentity) => `${name}+${hash}`;
const namesOf = (keys: readonly KeyIdentity[]) =>
  [...new Set(keys.map(({ name, hash }) => `${name}+${hash.toString(16).padStart(8, '0')}`))]
    .slice(0, 8)
    .join(', ');
