/**
 * What a command works with, and where each value is from: flag, environment, profile, the local.json of a
 * checkout, default, in this order.
 */
import { readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isId } from '@mcpstack/contracts';
import { type Credentials, type SessionLogin } from './credentials.ts';
import { CliError } from './errors.ts';
import { refuseUnusable } from './key-text.ts';

/** The options that every command takes. */
export interface GlobalOptions {
  org?: string;
  profile?: string;
  apiUrl?: string;
  json?: boolean;
  quiet?: boolean;
  yes?: boolean;
  /** False with `--no-color`. */
  color?: boolean;
}

export interface Setting {
  value: string;
  /** For people: `--org`, `MCPSTACK_ORG_ID`, `profile default`. */
  from: string;
}

/** As whom a command asks. */
export type Credential =
  | { kind: 'key'; key: string; from: string; organizationId?: string }
  | { kind: 'session'; login: SessionLogin };

export interface Settings {
  profile: Setting;
  apiUrl: Setting;
  /** Absent: what the credential leads to. */
  org: Setting | undefined;
  credential: Credential | undefined;
  /** A login of the profile that is for another address, and therefore not used. */
  foreignLogin: string | undefined;
  /** For a call with all its tries. Milliseconds. */
  timeoutMs: number;
}

export interface Surroundings {
  env: NodeJS.ProcessEnv;
  cwd: string;
  credentials: Credentials;
}

export const DEFAULT_PROFILE = 'default';
/** Where `npm start` puts the gateway if nothing else is there. */
export const DEFAULT_API_URL = 'http://localhost:8080';
const DEFAULT_TIMEOUT_MS = 30_000;

/** @throws CliError `usage` for a value that cannot be; also what reading the credentials file throws. */
export function readSettings(options: GlobalOptions, { env, cwd, credentials }: Surroundings): Settings {
  refuseEmpty(options);
  const profile = first(
    ['--profile', options.profile],
    ['MCPSTACK_PROFILE', env['MCPSTACK_PROFILE']],
    ['default', DEFAULT_PROFILE],
  )!;
  checkProfileName(profile);
  const fromEnv = first(['MCPSTACK_API_KEY', env['MCPSTACK_API_KEY']]);
  if (fromEnv) refuseUnusable(fromEnv.value, fromEnv.from);
  const given = first(['--api-url', options.apiUrl], ['MCPSTACK_API_URL', env['MCPSTACK_API_URL']]);
  // With a key and an address no file is needed, and a broken one stands in nobody's way.
  const stored = fromEnv && given ? {} : credentials.read(profile.value);
  const apiUrl =
    given ??
    first([`profile ${profile.value}`, stored.apiUrl]) ??
    first(...localApiUrl(cwd), ['default', DEFAULT_API_URL])!;
  apiUrl.value = checkApiUrl(apiUrl, env);

  const login = stored.login?.apiUrl === apiUrl.value ? stored.login : undefined;
  const profileKey = login?.kind === 'key' ? login : undefined;
  let credential: Credential | undefined;
  if (fromEnv) credential = { kind: 'key', key: fromEnv.value, from: fromEnv.from };
  else if (profileKey)
    credential = {
      kind: 'key',
      key: profileKey.key,
      from: `profile ${profile.value}`,
      organizationId: profileKey.organizationId,
    };
  else if (login?.kind === 'session') credential = { kind: 'session', login };

  const org = first(
    ['--org', options.org],
    ['MCPSTACK_ORG_ID', env['MCPSTACK_ORG_ID']],
    // What was chosen for the login of a profile says nothing about a key from elsewhere.
    [`profile ${profile.value}`, fromEnv ? undefined : stored.organizationId],
  );
  // What the environment says is looked at by commands that need it: "org list" shows what it should be.
  if (org?.from === '--org') checkOrg(org);
  const foreignLogin = fromEnv || login ? undefined : stored.login?.apiUrl;
  return { profile, apiUrl, org, credential, foreignLogin, timeoutMs: timeoutOf(env) };
}

/** An empty flag is a variable of a script that is not set: going on would be with something else than was meant. */
function refuseEmpty({ org, profile, apiUrl }: GlobalOptions): void {
  const flags = { '--org': org, '--profile': profile, '--api-url': apiUrl };
  const [empty] = Object.entries(flags).find(([, value]) => value?.trim() === '') ?? [];
  if (empty !== undefined)
    throw new CliError('usage', `${empty} is empty.`, { next: 'Give it a value, or leave it out.' });
}

/** The id of the organization. @throws CliError `usage` where it is none. */
export function checkOrg({ value, from }: Setting): string {
  if (isId('organization', value)) return value;
  throw new CliError('usage', `${from} is no organization id: it looks like org_4fZ0q2m1c8bVdJw5rT7yXa.`, {
    next: '"mcpstack org list" shows yours.',
  });
}

/** The first that has a value; an empty environment variable has none. */
function first(...candidates: [from: string, value: string | undefined][]): Setting | undefined {
  for (const [from, value] of candidates) if (value !== undefined && value !== '') return { value, from };
  return undefined;
}

/** An address in one spelling, without a slash at its end. */
export function checkApiUrl({ value, from }: Setting, env: NodeJS.ProcessEnv): string {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  const refuse = (why: string, next: string): never => {
    throw new CliError('usage', `The address of ${from} ${why}.`, { next });
  };
  const example = 'Write it like https://keys.example.com.';
  if (!url || !/^https?:$/.test(url.protocol)) return refuse('is no http or https address', example);
  if (url.username || url.password) return refuse('carries a user name or a password', example);
  if (url.search || url.hash) return refuse('carries a query or a fragment', example);
  if (url.protocol === 'http:' && !isLoopback(url.hostname) && env['MCPSTACK_ALLOW_HTTP'] !== 'true')
    return refuse(
      'is http: the credential could be read on the way',
      'Use https, or set MCPSTACK_ALLOW_HTTP=true in a network that you trust.',
    );
  return url.href.replace(/\/+$/, '');
}

function isLoopback(hostname: string): boolean {
  return /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname);
}

function checkProfileName({ value, from }: Setting): void {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(value)) return;
  throw new CliError('usage', `The profile name of ${from} is not valid.`, {
    next: 'Use 1 to 64 letters, digits, dots, dashes and underscores; a letter or a digit first.',
  });
}

export function timeoutOf(env: NodeJS.ProcessEnv): number {
  const text = env['MCPSTACK_TIMEOUT_MS'];
  if (!text) return DEFAULT_TIMEOUT_MS;
  if (/^\d{1,7}$/.test(text) && Number(text) > 0) return Number(text);
  throw new CliError('usage', 'MCPSTACK_TIMEOUT_MS is no number of milliseconds.');
}

/**
 * The gateway that `npm start` runs in the checkout around `cwd`. Anybody may have made such a file in a folder
 * that one walks into, and the key of the environment goes where it points: so it counts only if it is one's own
 * and names this machine.
 */
function localApiUrl(cwd: string): [from: string, value: string | undefined][] {
  for (let folder = cwd; ; folder = dirname(folder)) {
    const path = join(folder, '.mcpstack', 'local.json');
    const url = gatewayUrlIn(path);
    if (url !== undefined) return [[path, url]];
    if (dirname(folder) === folder) return [];
  }
}

function gatewayUrlIn(path: string): string | undefined {
  try {
    const stat = statSync(path);
    if (process.getuid && stat.uid !== process.getuid()) return undefined;
    const { gatewayUrl } = JSON.parse(readFileSync(path, 'utf8')) as { gatewayUrl?: unknown };
    const isOurs = typeof gatewayUrl === 'string' && isLoopback(new URL(gatewayUrl).hostname);
    return isOurs ? gatewayUrl : undefined;
  } catch {
    // Absent, unreadable or something else by that name.
    return undefined;
  }
}
