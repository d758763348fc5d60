/** How people log in here: the settings, checked once at start. */
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { ConfigError, problemsOf } from '@mcpstack/service-kit';
import { z } from 'zod';

/** The settings as the environment has them. */
export const LOGIN_SETTINGS = {
  /** The OpenID provider at which people log in; without it nobody can. */
  OIDC_ISSUER: z.string().optional(),
  /** What the provider calls the gateway. */
  OIDC_CLIENT_ID: z.string().max(512).default('mcpstack'),
  /** A file with the client secret; without it the gateway is a public client, which PKCE protects alone. */
  OIDC_CLIENT_SECRET_FILE: z.string().optional(),
  /** What is asked of the provider; `openid` is among them. */
  OIDC_SCOPES: z
    .string()
    .refine(
      (text) => text.split(' ').includes('openid'),
      'write scopes that openid is among, separated by spaces',
    )
    .default('openid profile email'),
  /** For tests and local use: the provider is the identity provider of a local start. */
  OIDC_LOCAL: z.enum(['true', 'false'], 'write true or false').default('false'),
} as const;

type LoginConfig = z.infer<z.ZodObject<typeof LOGIN_SETTINGS>>;

export interface ProviderSettings {
  issuer: URL;
  clientId: string;
  /** Absent: a public client, which PKCE protects alone. */
  clientSecretFile?: string;
  scopes: string;
  /** The provider is our own, whose subjects are user ids. */
  isLocal: boolean;
}

/** What is wrong with how people log in: one sentence each. */
export function providerProblems(
  config: Partial<LoginConfig>,
  { NODE_ENV }: Readonly<Record<string, string | undefined>>,
): string[] {
  const { OIDC_ISSUER: issuer, OIDC_CLIENT_SECRET_FILE: secretFile } = config;
  if (issuer === undefined) return [];
  const isRefused = config.OIDC_LOCAL === 'true' && NODE_ENV === 'production';
  return [
    ...(isRefused
      ? [
          'OIDC_LOCAL cannot be used with NODE_ENV=production: connect an identity provider of your own (docs/login.md).',
        ]
      : []),
    ...(secretFile === undefined ? [] : problemsOf(() => readClientSecret(secretFile))),
    ...problemsOf(() => issuerOf(issuer)),
  ];
}

/**
 * The provider; `undefined` where nobody can log in.
 * @throws ConfigError that names the settings and says what to write.
 */
export function providerSettings(
  config: LoginConfig,
  env: Readonly<Record<string, string | undefined>>,
): ProviderSettings | undefined {
  if (config.OIDC_ISSUER === undefined) return undefined;
  const problems = providerProblems(config, env);
  if (problems.length > 0) throw new ConfigError(problems);
  const { OIDC_CLIENT_SECRET_FILE: clientSecretFile } = config;
  return {
    issuer: issuerOf(config.OIDC_ISSUER),
    clientId: config.OIDC_CLIENT_ID,
    ...(clientSecretFile !== undefined && { clientSecretFile }),
    scopes: config.OIDC_SCOPES,
    isLocal: config.OIDC_LOCAL === 'true',
  };
}

/**
 * The secret in the file, without the line's end.
 * @throws ConfigError that repeats nothing of the content.
 */
export function readClientSecret(path: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8').trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigError([
      `OIDC_CLIENT_SECRET_FILE cannot be read (${code}): let this process read it, or correct the path.`,
    ]);
  }
  if (/^[\x21-\x7e]{1,1024}$/.test(text)) return text;
  throw new ConfigError(['OIDC_CLIENT_SECRET_FILE must hold the client secret alone, on one line.']);
}

function issuerOf(text: string): URL {
  const problem = (what: string): ConfigError => new ConfigError([`OIDC_ISSUER cannot be used: ${what}.`]);
  if (!URL.canParse(text)) throw problem('write a URL such as https://login.example.com');
  const url = new URL(text);
  if (!isSecure(url)) throw problem('write https:// (http:// only for localhost)');
  if (url.search || url.hash || url.username || url.password)
    throw problem('it must have no query, no fragment and no user');
  return url;
}

/** Whether nobody between can read or change what is sent there: TLS, or a host that is this machine. */
export function isSecure(url: URL): boolean {
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname));
}

/** Whether a host name is this machine. */
export function isLoopback(hostname: string): boolean {
  if (hostname === 'localhost' || hostname.endsWith('.localhost') || hostname === '[::1]') return true;
  return isIP(hostname) === 4 && hostname.startsWith('127.');
}
