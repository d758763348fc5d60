import { randomBytes } from 'node:crypto';
import { existsSync, renameSync, writeFileSync } from 'node:fs';

/** Writes a file whole or not at all, readable by its owner alone. */
export function writePrivately(path: string, content: string): void {
  const draft = `${path}.${process.pid}.tmp`;
  writeFileSync(draft, content, { mode: 0o600 });
  renameSync(draft, path);
}

/** Makes the pepper file (`{"current": 1, "peppers": {"1": "<base64, 32 bytes>"}}`) unless it is there. */
export function ensurePepperFile(path: string): void {
  if (existsSync(path)) return;
  const peppers = { current: 1, peppers: { 1: randomBytes(32).toString('base64') } };
  writePrivately(path, `${JSON.stringify(peppers)}\n`);
}

/** Makes the file of the keys that sign the log, with one key, unless it is there. */
export function ensureCheckpointKeyFile(path: string): void {
  if (existsSync(path)) return;
  const keys = [{ name: 'first', private: randomBytes(32).toString('base64') }];
  writePrivately(path, `${JSON.stringify({ keys })}\n`);
}

/** Makes the file of the master key of the secrets of webhooks unless it is there. */
export function ensureWebhookKeyFile(path: string): void {
  if (existsSync(path)) return;
  const keys = { current: 1, keys: { 1: randomBytes(32).toString('base64') } };
  writePrivately(path, `${JSON.stringify(keys)}\n`);
}

/** Makes a file of local users without any, unless it is there: the identity provider does not start without it. */
export function ensureLoginFile(path: string): void {
  if (!existsSync(path)) writePrivately(path, '{"users":[]}\n');
}
