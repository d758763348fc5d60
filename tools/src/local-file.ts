/** What the launcher remembers: secrets beside the data they belong to, and where everything is now. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writePrivately } from '@mcpstack/local-servers';

/** `.mcpstack/local.json`: for scripts. Readable by its owner alone, since it holds secrets. */
export interface LocalFile {
  gatewayUrl: string;
  natsUrl: string;
  redisUrl: string;
  eventStoreUrl: string;
  organizationId: string;
  ownerEmail: string;
  ownerPassword: string;
  adminKey: string;
}

/** Kept in the data folder, so that data and the secrets that open it stay together. */
export interface OwnerSecrets {
  password: string;
  adminKey?: string;
}

/** The owner's password and the admin key of this data folder; a new password the first time. */
export function readOwnerSecrets(dataDir: string): OwnerSecrets {
  const path = join(dataDir, 'owner.json');
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8')) as OwnerSecrets;
  const secrets = { password: randomBytes(18).toString('base64url') };
  writeOwnerSecrets(dataDir, secrets);
  return secrets;
}

export function writeOwnerSecrets(dataDir: string, secrets: OwnerSecrets): void {
  writePrivately(join(dataDir, 'owner.json'), `${JSON.stringify(secrets)}\n`);
}

/** Writes `.mcpstack/local.json` and returns its path. */
export function writeLocalFile(root: string, content: LocalFile): string {
  const folder = join(root, '.mcpstack');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, 'local.json');
  writePrivately(path, `${JSON.stringify(content, null, 2)}\n`);
  return path;
}
