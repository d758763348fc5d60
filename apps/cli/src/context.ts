/** What a command has to work with. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type ApiClient } from '@mcpstack/api-client';
import envPaths from 'env-paths';
import { makeApi, type Bearer } from './api.ts';
import { listIn } from './client.ts';
import { Credentials } from './credentials.ts';
import { CliError } from './errors.ts';
import { loginApi, type LoginApi } from './login-api.ts';
import { Output } from './output.ts';
import { Progress } from './progress.ts';
import { Prompts } from './prompts.ts';
import { Session } from './session.ts';
import {
  checkOrg,
  readSettings,
  timeoutOf,
  type Credential,
  type GlobalOptions,
  type Settings,
} from './settings.ts';
import { type Sink } from '@mcpstack/terminal';

export interface Context {
  /** The API as whoever is logged in. @throws CliError `notLoggedIn` where nobody is, when it is first read. */
  readonly api: ApiClient;
  /** The API without a credential. */
  readonly openApi: ApiClient;
  /** The organization: --org, MCPSTACK_ORG_ID, `org use`, that of the key, the only one. */
  orgId(): Promise<string>;
  readonly out: Output;
  readonly ask: Prompts;
  readonly options: GlobalOptions;
  readonly settings: Settings;
  readonly credentials: Credentials;
  readonly login: LoginApi;
  readonly progress: Progress;
  readonly world: World;
}

/** Where a command runs. */
export interface World {
  env: NodeJS.ProcessEnv;
  cwd: string;
  stdin: NodeJS.ReadStream;
  stdout: Sink;
  stderr: Sink;
}

export function thisWorld(): World {
  const { env, stdin, stdout, stderr } = process;
  return { env, cwd: process.cwd(), stdin, stdout, stderr };
}

/** The folder for credentials: in XDG_CONFIG_HOME wherever that is set, else where it is usual on the system. */
export function credentialsFolder(): string {
  const chosen = process.env['XDG_CONFIG_HOME'];
  if (chosen) return join(chosen, 'mcpstack');
  if (homedir() === '')
    throw new CliError('failed', 'There is no home folder to keep a login in: set HOME or XDG_CONFIG_HOME.');
  return envPaths('mcpstack', { suffix: '' }).config;
}

export function makeContext(options: GlobalOptions, world: World): Context {
  const { env, stdin, stdout, stderr, cwd } = world;
  const credentials = new Credentials(credentialsFolder(), { mostMs: timeoutOf(env) });
  const progress = new Progress(stderr, env, options);
  const out = new Output({ ...options, stdout, stderr, env, progress });
  const settings = readSettings(options, { env, cwd, credentials });
  const { apiUrl, credential, timeoutMs } = settings;
  const login = loginApi({ apiUrl: apiUrl.value, timeoutMs });
  const place = { apiUrl: apiUrl.value, progress, timeoutMs };
  let api: ApiClient | undefined;
  let openApi: ApiClient | undefined;
  let orgId: Promise<string> | undefined;
  const context: Context = {
    get api() {
      return (api ??= makeApi({ ...place, bearer: bearerOf(settings, credentials, login) }));
    },
    get openApi() {
      return (openApi ??= makeApi(place));
    },
    orgId: () => (orgId ??= findOrg(settings, credential, () => context.api)),
    out,
    ask: new Prompts({ ...options, stdin, stderr }),
    options,
    settings,
    credentials,
    login,
    progress,
    world,
  };
  return context;
}

function bearerOf(settings: Settings, credentials: Credentials, login: LoginApi): Bearer {
  const { credential, profile, apiUrl, foreignLogin } = settings;
  switch (credential?.kind) {
    case 'key': {
      const { key } = credential;
      return { token: () => key };
    }
    case 'session':
      return new Session({
        credentials,
        profile: profile.value,
        login: credential.login,
        refresh: (token) => login.refresh(token),
      });
    case undefined:
      if (foreignLogin === undefined)
        throw new CliError('notLoggedIn', 'You are not logged in.', {
          next: 'Run "mcpstack auth login", or set MCPSTACK_API_KEY.',
        });
      throw new CliError(
        'notLoggedIn',
        `The login of profile ${profile.value} is for ${foreignLogin}, not for ${apiUrl.value}, and is sent nowhere else.`,
        { next: `Run "mcpstack auth login --api-url ${apiUrl.value} --profile <another name>".` },
      );
  }
}

async function findOrg(
  { org }: Settings,
  credential: Credential | undefined,
  api: () => ApiClient,
): Promise<string> {
  if (org) return checkOrg(org);
  if (credential?.kind === 'key') {
    if (credential.organizationId !== undefined) return credential.organizationId;
    const { data } = await api().GET('/api/v1/me');
    if (data.organizationId !== undefined) return data.organizationId;
  }
  const all = listIn((await api().GET('/api/v1/organizations')).data);
  const [only, ...others] = all;
  if (only && others.length === 0) return only.id;
  throw only
    ? new CliError('usage', `You are in ${all.length} organizations: say which one.`, {
        code: 'organization-required',
        next: 'Pass --org for one command, set MCPSTACK_ORG_ID, or choose one with "mcpstack org use".',
      })
    : new CliError('notFound', 'You are in no organization.', {
        code: 'organization-required',
        next: 'Make one with "mcpstack org create", or ask for an invitation.',
      });
}
