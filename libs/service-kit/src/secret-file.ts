/**
 * Settings that name a file: a password, credentials of NATS, or certificates. They are read at start, where a bad
 * one is a ConfigError, and again for each new connection, so that a rotated one counts without a restart.
 */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ConfigError } from './config-error.ts';

const MOST_CHARACTERS = 4_096;
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
const CREDENTIALS = [/-----BEGIN NATS USER JWT-----\s*\S+\s/, /-----BEGIN USER NKEY SEED-----\s*SU\w+\s/];

/** Reads the file that `setting` names. @throws ConfigError that holds nothing of its content. */
type ReadSetting = (setting: string, path: string) => string;

/** A password: one line. */
export const readPassword: ReadSetting = (setting, path) => {
  const password = textOf(setting, path).replace(/\r?\n$/, '');
  // eslint-disable-next-line no-control-regex -- that is what a password must not hold
  if (password.length > 0 && password.length <= MOST_CHARACTERS && !/[\0-\x1f\x7f]/.test(password))
    return password;
  throw new ConfigError([`${setting} must name a file with the password alone, on one line.`]);
};

/** Credentials of NATS as `nsc generate creds` writes them: a JWT and the seed of its key. */
export const readNatsCreds: ReadSetting = (setting, path) => {
  const creds = textOf(setting, path);
  if (CREDENTIALS.every((part) => part.test(creds))) return creds;
  throw new ConfigError([
    `${setting} must name a credentials file of NATS, with a user's JWT and seed, as nsc generate creds writes it.`,
  ]);
};

/** Certificates of authorities, in PEM. */
export const readCa: ReadSetting = (setting, path) => {
  const pem = textOf(setting, path);
  const found = pem.match(CERTIFICATE) ?? [];
  if (found.length > 0 && found.every(isCertificate)) return pem;
  throw new ConfigError([
    `${setting} must name a file with the certificates (PEM) of the authorities that signed the server's.`,
  ]);
};

/**
 * Reads the file now and at each call. One that cannot be used at the moment, as in the middle of a rotation, changes
 * nothing: the last good content goes on counting.
 * @throws ConfigError when it cannot be used at first.
 */
export function latestOf(read: ReadSetting, setting: string, path: string): () => string {
  let last = read(setting, path);
  return () => {
    try {
      last = read(setting, path);
    } catch {
      // The connection that is about to be made will tell whether the old one is still good.
    }
    return last;
  };
}

function textOf(setting: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigError([
      code === 'ENOENT'
        ? `${setting} names a file that is not there: correct the path, or mount the secret there.`
        : `${setting} cannot be read (${code}): let this process read the file that it names.`,
    ]);
  }
}

function isCertificate(pem: string): boolean {
  try {
    new X509Certificate(pem);
    return true;
  } catch {
    return false;
  }
}
