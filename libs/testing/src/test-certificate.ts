/**
 * A certificate authority and a certificate for 127.0.0.1, made afresh for each run: no key lies in the
 * repository and no other tool is needed. The client's native part refuses an authority that serves itself,
 * so there are two certificates. (RFC 5280; DER by hand, only what these two need.)
 */
import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TestCertificate {
  /** What a client trusts. */
  caFile: string;
  certFile: string;
  keyFile: string;
  folder: string;
}

const DAY_MS = 86_400_000;
const SEQUENCE = 0x30;
const SET = 0x31;
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OCTET_STRING = 0x04;
const BOOLEAN_TRUE = Buffer.from([0x01, 0x01, 0xff]);
/** ecdsa-with-SHA256, 1.2.840.10045.4.3.2 */
const ALGORITHM = der(SEQUENCE, Buffer.from('06082a8648ce3d040302', 'hex'));
const COMMON_NAME = Buffer.from('0603550403', 'hex');
const SUBJECT_ALT_NAME = Buffer.from('0603551d11', 'hex');
const BASIC_CONSTRAINTS = Buffer.from('0603551d13', 'hex');

export async function makeTestCertificate(): Promise<TestCertificate> {
  const folder = await mkdtemp(join(tmpdir(), 'test-certificate-'));
  const ca = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const server = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const files = {
    caFile: join(folder, 'ca.pem'),
    certFile: join(folder, 'server.pem'),
    keyFile: join(folder, 'server.key'),
  };
  const isAuthority = extension(BASIC_CONSTRAINTS, der(SEQUENCE, BOOLEAN_TRUE), true);
  const loopback = der(SEQUENCE, der(0x87, Buffer.from([127, 0, 0, 1])), der(0x82, Buffer.from('localhost')));
  const names = {
    ca: nameOf(`test authority ${randomBytes(4).toString('hex')}`),
    server: nameOf('127.0.0.1'),
  };
  await writeFile(files.caFile, certificate(names.ca, names.ca, ca.publicKey, ca.privateKey, isAuthority));
  await writeFile(
    files.certFile,
    certificate(
      names.server,
      names.ca,
      server.publicKey,
      ca.privateKey,
      extension(SUBJECT_ALT_NAME, loopback),
    ),
  );
  await writeFile(files.keyFile, server.privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  return { ...files, folder };
}

function certificate(
  subject: Buffer,
  issuer: Buffer,
  publicKey: KeyObject,
  signer: KeyObject,
  extensions: Buffer,
): string {
  const serial = Buffer.concat([Buffer.from([0x01]), randomBytes(15)]);
  const validity = der(SEQUENCE, time(Date.now() - DAY_MS), time(Date.now() + DAY_MS));
  const body = der(
    SEQUENCE,
    der(0xa0, der(INTEGER, Buffer.from([2]))),
    der(INTEGER, serial),
    ALGORITHM,
    issuer,
    validity,
    subject,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, der(SEQUENCE, extensions)),
  );
  const signature = der(BIT_STRING, Buffer.from([0]), sign('sha256', body, signer));
  const text = der(SEQUENCE, body, ALGORITHM, signature)
    .toString('base64')
    .replace(/(.{64})/g, '$1\n');
  return `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----\n`;
}

function nameOf(commonName: string): Buffer {
  return der(SEQUENCE, der(SET, der(SEQUENCE, COMMON_NAME, der(0x0c, Buffer.from(commonName)))));
}

function extension(id: Buffer, value: Buffer, critical = false): Buffer {
  return der(SEQUENCE, id, critical ? BOOLEAN_TRUE : Buffer.alloc(0), der(OCTET_STRING, value));
}

/** UTCTime: two digits of the year, as RFC 5280 wants it up to 2049. */
function time(ms: number): Buffer {
  const digits = new Date(ms).toISOString().replace(/[-:T]/g, '').slice(2, 14);
  return der(0x17, Buffer.from(`${digits}Z`));
}

function der(tag: number, ...content: Buffer[]): Buffer {
  const body = Buffer.concat(content);
  const { length } = body;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), body]);
}
