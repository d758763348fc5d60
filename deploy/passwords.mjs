// Passwords in files, for the makers of users in deploy/nats and deploy/redis.
import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';

/** The password that the file holds; a new one of 256 random bits where there is no file. */
export function passwordIn(path) {
  try {
    writeFileSync(path, newPassword(), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  return readFileSync(path, 'utf8').trim();
}

/** Whoever reads the file finds the old text or the new one, never half of one. */
export function replace(path, text) {
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

export function newPassword() {
  return randomBytes(32).toString('base64url');
}
