/** The settings of nats-login, and the keys that it signs and opens with. */
import { readFileSync } from 'node:fs';
import {
  ConfigError,
  NATS_SETTINGS,
  problemsOf,
  readConfig,
  SETTINGS,
  type SettingsOf,
  wholeNumber,
} from '@mcpstack/service-kit';
import { fromCurveSeed, fromSeed, type KeyPair } from '@nats-io/nkeys';
import { z } from 'zod';

export const NATS_LOGIN_SETTINGS = {
  ...NATS_SETTINGS,
  HOST: SETTINGS.HOST,
  HEALTH_PORT: SETTINGS.HEALTH_PORT,
  LOG_LEVEL: SETTINGS.LOG_LEVEL,
  TOKEN_PREFIX: SETTINGS.TOKEN_PREFIX,
  NODE_ENV: SETTINGS.NODE_ENV,
  /** The seed of the account key (`SA…`) whose public part is the server's `auth_callout.issuer`. */
  LOGIN_ISSUER_FILE: z.string(),
  /** The seed of the curve key (`SX…`) whose public part is its `auth_callout.xkey`: requests hold the key itself. */
  LOGIN_XKEY_FILE: z.string(),
  /** The account that clients are let into. */
  LOGIN_ACCOUNT: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/, 'write the account of NATS, 1 to 64 letters, digits, _ and -')
    .default('KEYS'),
  /** A connection lasts so long, then logs in again: how long a revoked key stays connected at most. */
  LOGIN_LIFE_S: wholeNumber(10, 3_600, 'write whole seconds from 10 to 3600').default(120),
};

export type NatsLoginSettings = SettingsOf<typeof NATS_LOGIN_SETTINGS>;

/** @throws ConfigError that says what is wrong. */
export function readSettings(env: NodeJS.ProcessEnv = process.env): NatsLoginSettings {
  return readConfig(NATS_LOGIN_SETTINGS, env, [
    ({ LOGIN_ISSUER_FILE: path }) => (path === undefined ? [] : problemsOf(() => readIssuer(path))),
    ({ LOGIN_XKEY_FILE: path }) => (path === undefined ? [] : problemsOf(() => readXkey(path))),
  ]);
}

/** What answers are signed with. @throws ConfigError, which says nothing of the file's content. */
export function readIssuer(path: string): KeyPair {
  return readSeed('LOGIN_ISSUER_FILE', path, 'SA', fromSeed);
}

/** What requests are opened with. @throws ConfigError, which says nothing of the file's content. */
export function readXkey(path: string): KeyPair {
  return readSeed('LOGIN_XKEY_FILE', path, 'SX', fromCurveSeed);
}

function readSeed(name: string, path: string, begin: string, parse: (seed: Uint8Array) => KeyPair): KeyPair {
  try {
    const seed = readFileSync(path, 'utf8').trim();
    if (seed.startsWith(begin)) return parse(new TextEncoder().encode(seed));
  } catch {
    // Said below, without what stands there.
  }
  throw new ConfigError([
    `${name} must name a file with one seed of NATS, ${begin}…, as nsc generate nkey writes it.`,
  ]);
}
