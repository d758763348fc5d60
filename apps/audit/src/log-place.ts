/** Where the log is, and how to log in there: by the settings of the services, secrets by reference as files. */
import { readFileSync } from 'node:fs';
import { type Login } from '@mcpstack/contracts';
import { AuditError } from './errors.ts';

export interface LogPlace {
  url: string;
  login?: () => Login;
  /** Certificates (PEM) of the authorities that signed the server's. */
  caFile?: string;
}

/**
 * @param named as `--log`: then the files of the environment, which are of another server's, are not used.
 * @throws AuditError when no log is named, or a file cannot be read.
 */
export function logPlace(named: string | undefined, env: NodeJS.ProcessEnv): LogPlace {
  if (named) return { url: named };
  const url = env['EVENT_STORE_URL'];
  if (!url)
    throw new AuditError('usage', 'No log is named.', {
      next: 'Set EVENT_STORE_URL, or pass --log kurrentdb://host:2113 or --log nats://host:4222. After "npm start" it stands in .mcpstack/local.json.',
    });
  const user = env['EVENT_STORE_USER'];
  const passwordFile = env['EVENT_STORE_PASSWORD_FILE'];
  const credsFile = env['EVENT_STORE_CREDS_FILE'];
  const caFile = env['EVENT_STORE_CA_FILE'];
  if (caFile) read('EVENT_STORE_CA_FILE', caFile);
  const place = { url, ...(caFile && { caFile }) };
  if (credsFile) {
    const creds = read('EVENT_STORE_CREDS_FILE', credsFile);
    return { ...place, login: () => ({ creds }) };
  }
  if (!user && !passwordFile) return place;
  if (!user || !passwordFile)
    throw new AuditError('usage', 'EVENT_STORE_USER and EVENT_STORE_PASSWORD_FILE go together: set both.');
  const password = read('EVENT_STORE_PASSWORD_FILE', passwordFile).replace(/\r?\n$/, '');
  return { ...place, login: () => ({ user, password }) };
}

function read(name: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown';
    throw new AuditError('usage', `${name} cannot be read (${code}).`, { code: 'bad-file', cause });
  }
}
