/** The identity provider as a service: reads its configuration, and says what to serve. */
import { dirname, join } from 'node:path';
import { ConfigError, Health, Log, readConfig, SETTINGS, type Service } from '@mcpstack/service-kit';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { DestinationStream } from 'pino';
import { z } from 'zod';
import { Accounts } from './accounts.ts';
import { readKeys } from './keys.ts';
import type { LoginLimitSettings } from './login-limits.ts';
import { IdentityProviderModule } from './identity-provider.module.ts';
import { LoginPlace } from './login.controller.ts';
import { makeProvider } from './provider.ts';
import { serveProvider } from './serve-provider.ts';
import { StateFile } from './state-file.ts';

/** Pages send an e-mail and a password. */
const MAX_BODY_BYTES = 16 * 1024;
const REQUEST_TIMEOUT_MS = 30_000;

const { HOST, PORT, LOG_LEVEL } = SETTINGS;
const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/** Plain http tells passwords to whoever listens: only a machine to itself may use it. */
function isIssuer(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, origin } = new URL(text);
  return origin === text && (protocol === 'https:' || (protocol === 'http:' && LOOPBACK.includes(hostname)));
}

function areRedirects(text: string): boolean {
  return text.split(',').every((one) => URL.canParse(one) && /^https?:/.test(one) && !one.includes('#'));
}

export const IDENTITY_SETTINGS = {
  HOST,
  PORT,
  LOG_LEVEL,
  /** The origin that browsers see. */
  ISSUER: z
    .string()
    .refine(isIssuer, 'write the origin that browsers see, such as http://localhost:8090 (https elsewhere)'),
  /** What it calls the gateway. */
  CLIENT_ID: z.string().min(1).default('mcpstack'),
  /** Where it sends people back to, with commas between them. */
  REDIRECT_URIS: z
    .string()
    .refine(areRedirects, 'write the addresses of the callback, such as http://localhost:8080/auth/callback'),
  /** Who logs in, with which password. */
  LOCAL_LOGIN_FILE: z.string(),
};

export interface IdentityProviderOptions {
  /** Where log lines go; standard output if absent. */
  logTo?: DestinationStream;
  loginLimits?: LoginLimitSettings;
}

/** @throws ConfigError when a setting is missing or wrong, and in production. */
export async function identityProvider(
  env: NodeJS.ProcessEnv,
  options: IdentityProviderOptions = {},
): Promise<Service> {
  if (env['NODE_ENV'] === 'production') {
    throw new ConfigError([
      'This identity provider is for one machine and does not start with NODE_ENV=production: let OIDC_ISSUER of the gateway name a provider of yours.',
    ]);
  }
  const config = readConfig(IDENTITY_SETTINGS, env);
  const log = new Log('identity-provider', config.LOG_LEVEL, options.logTo);
  const health = new Health();
  const accounts = await Accounts.open(config.LOCAL_LOGIN_FILE, options.loginLimits);
  health.register('logins', () => accounts.problem());
  // Beside the people's file, so that whoever moves or mounts it takes all of it along.
  const folder = dirname(config.LOCAL_LOGIN_FILE);
  const redirectUris = config.REDIRECT_URIS.split(',');
  const place = new LoginPlace(config.ISSUER, [...new Set(redirectUris.map((uri) => new URL(uri).origin))]);
  const provider = makeProvider({
    log,
    accounts,
    issuer: config.ISSUER,
    clientId: config.CLIENT_ID,
    redirectUris,
    clientOrigins: place.clientOrigins,
    keys: await readKeys(join(folder, 'identity-keys.json')),
    state: await StateFile.open(join(folder, 'identity-state.json'), log),
  });
  const adapter = new FastifyAdapter({
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: true,
  });
  serveProvider(adapter, provider, config.ISSUER);
  return {
    module: IdentityProviderModule.of({ log, health, accounts, provider, place }),
    log,
    host: config.HOST,
    port: config.PORT,
    adapter,
  };
}
