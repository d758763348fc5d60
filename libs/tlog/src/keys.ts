/**
 * Keys of signed notes (C2SP signed-note): a signer's private key and the vkey that its readers trust, both one line
 * of text. Ed25519 only; type 1 signs a note, type 4 cosigns a checkpoint with the time.
 */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  verify,
} from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { decodeBase64 } from './base64.ts';
import { TlogError } from './errors.ts';

const ED25519 = 1;
const COSIGNATURE = 4;
const PRIVATE_PREFIX = 'PRIVATE+KEY+';
const KEY_BYTES = 32;
export const SIGNATURE_BYTES = 64;
/** A key as DER is these bytes (RFC 8410) and its own 32. */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');

/** Who a signature is by: the name and, because a name may have several keys, the key's hash. */
export interface KeyIdentity {
  name: string;
  /** The first four bytes of a hash over name and key, as a number. An identifier, no protection. */
  hash: number;
}

export interface Verifier extends KeyIdentity {
  /** `cosignature/v1`: signs checkpoints only, with the time at which it saw them. */
  kind: 'ed25519' | 'cosignature/v1';
  /** Is this the key's Ed25519 signature of this message? */
  verify(message: Uint8Array, signature: Uint8Array): boolean;
  /** As it stands in a file of trusted keys. */
  vkey: string;
  /** Trusted for checkpoints of at most so many leaves: for a key that somebody else may have by now. */
  until?: number;
}

export interface Signer extends KeyIdentity {
  kind: Verifier['kind'];
  sign(message: Uint8Array): Buffer;
  /** The public half, for those who check. */
  vkey: string;
}

export const isKeyName = (name: string): boolean =>
  name !== '' && !/[\p{White_Space}\p{Cc}\p{Surrogate}+]/u.test(name);

/** @throws TlogError `malformed-vkey` for what is not `name+hash+base64`, whole and of a known type. */
export function parseVkey(vkey: string): Verifier {
  const bad = (why: string) =>
    new TlogError('malformed-vkey', `this is no verifier key (name+hash+base64): ${why}`);
  const [, name, hex, base64] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/su.exec(vkey) ?? [];
  if (name === undefined || hex === undefined || base64 === undefined)
    throw bad('it has not these three parts');
  if (!isKeyName(name)) throw bad('a name has no spaces and no control characters');
  const bytes = decodeBase64(base64);
  if (bytes === undefined) throw bad('its last part is no base64');
  const [type, key] = [bytes[0], bytes.subarray(1)];
  if (type !== ED25519 && type !== COSIGNATURE) throw bad(`keys of type ${type} are not known here`);
  if (key.length !== KEY_BYTES) throw bad('the key is not 32 bytes long');
  if (hex !== hexOf(hashOf(name, type, key)))
    throw bad('the hash in it is not that of its name and key: one of the three was changed');
  return verifierOf(name, type, key);
}

/**
 * One vkey a line, with ` until <size>` after it where it is trusted up to that size only. Blank lines and lines that
 * begin with # do not count.
 */
export function parseVkeys(text: string): Verifier[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, vkey = line, size] = /^(\S+) +until +([0-9]{1,15})$/.exec(line) ?? [];
      return { ...parseVkey(vkey), ...(size !== undefined && { until: Number(size) }) };
    });
}

export function formatVkey(key: Verifier | Signer): string {
  return key.vkey;
}

/** Makes a new key. `private` is all that it takes to sign: keep it secret. */
export function newSigner(
  name: string,
  kind: Verifier['kind'] = 'ed25519',
): { signer: Signer; private: string } {
  if (!isKeyName(name))
    throw new TlogError(
      'malformed-private-key',
      'a key has a name, without spaces, control characters and +',
    );
  const { privateKey } = generateKeyPairSync('ed25519');
  const seed = privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(PKCS8.length);
  const type = typeOf(kind);
  const signer = signerOf(name, type, seed);
  const keyData = Buffer.concat([Buffer.from([type]), seed]).toString('base64');
  return { signer, private: `${PRIVATE_PREFIX}${name}+${hexOf(signer.hash)}+${keyData}` };
}

/** Opens what `newSigner` made. @throws TlogError `malformed-private-key`, which never shows the key. */
export function openSigner(privateKey: string): Signer {
  const bad = (why: string) =>
    new TlogError('malformed-private-key', `this is no private key (PRIVATE+KEY+name+hash+base64): ${why}`);
  const [, name, hex, base64] = /^PRIVATE\+KEY\+([^+]+)\+([0-9a-f]{8})\+(.+)$/su.exec(privateKey) ?? [];
  if (name === undefined || hex === undefined || base64 === undefined) throw bad('it has not these parts');
  if (!isKeyName(name)) throw bad('a name has no spaces and no control characters');
  const bytes = decodeBase64(base64);
  if (bytes === undefined) throw bad('its last part is no base64');
  const [type, seed] = [bytes[0], bytes.subarray(1)];
  if (type !== ED25519 && type !== COSIGNATURE) throw bad('its type is not known here');
  if (seed.length !== KEY_BYTES) throw bad('the key is not 32 bytes long');
  const signer = signerOf(name, type, seed);
  if (hex !== hexOf(signer.hash)) throw bad('the hash in it is not that of its name and key');
  return signer;
}

/**
 * The signer of this name whose private key is these 32 bytes: for whoever keeps the key apart from the name.
 * @throws TlogError `malformed-private-key`, which never shows the key.
 */
export function signerOfSeed(name: string, seed: Uint8Array, kind: Verifier['kind'] = 'ed25519'): Signer {
  if (!isKeyName(name) || seed.length !== KEY_BYTES)
    throw new TlogError(
      'malformed-private-key',
      `a private key is ${KEY_BYTES} bytes, and its name one without spaces, control characters and +`,
    );
  return signerOf(name, typeOf(kind), seed);
}

function signerOf(name: string, type: number, seed: Uint8Array): Signer {
  const key = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' });
  const { hash, vkey, kind } = verifierOf(name, type, rawPublicKey(createPublicKey(key)));
  return { name, hash, vkey, kind, sign: (message) => sign(null, message, key) };
}

function verifierOf(name: string, type: number, raw: Uint8Array): Verifier {
  const hash = hashOf(name, type, raw);
  const key = createPublicKey({ key: Buffer.concat([SPKI, raw]), format: 'der', type: 'spki' });
  return {
    name,
    hash,
    kind: type === COSIGNATURE ? 'cosignature/v1' : 'ed25519',
    verify: (message, signature) =>
      signature.length === SIGNATURE_BYTES && verify(null, message, key, signature),
    vkey: `${name}+${hexOf(hash)}+${Buffer.concat([Buffer.from([type]), raw]).toString('base64')}`,
  };
}

const typeOf = (kind: Verifier['kind']) => (kind === 'cosignature/v1' ? COSIGNATURE : ED25519);
const rawPublicKey = (key: KeyObject) => key.export({ format: 'der', type: 'spki' }).subarray(SPKI.length);
const hexOf = (hash: number) => hash.toString(16).padStart(8, '0');

function hashOf(name: string, type: number, key: Uint8Array): number {
  return createHash('sha256')
    .update(`${name}\n`, 'utf8')
    .update(Buffer.from([type]))
    .update(key)
    .digest()
    .readUInt32BE(0);
}
