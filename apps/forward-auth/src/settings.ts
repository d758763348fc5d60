/** The settings of forward-auth. */
import { ConfigError, readConfig, SETTINGS } from '@mcpstack/service-kit';
import { z } from 'zod';

const FORWARD_AUTH_SETTINGS = {
  NATS_URL: SETTINGS.NATS_URL,
  HOST: SETTINGS.HOST,
  /** Beside a gateway on the same machine. */
  PORT: z.coerce.number().int().min(0).max(65_535).default(8_081),
  /** Where Envoy asks; without it, nobody asks over gRPC. 0 picks a free port. */
  GRPC_PORT: z.coerce.number().int().min(0).max(65_535).optional(),
  LOG_LEVEL: SETTINGS.LOG_LEVEL,
  TOKEN_PREFIX: SETTINGS.TOKEN_PREFIX,
  TRUSTED_PROXIES: SETTINGS.TRUSTED_PROXIES,
  /** A check is answered within this long; proxies wait longer. */
  CHECK_TIMEOUT_MS: z.coerce.number().int().min(50).max(30_000).default(1_500),
};

type Read = ReturnType<typeof readConfig<typeof FORWARD_AUTH_SETTINGS>>;
export type ForwardAuthSettings = Omit<Read, 'TRUSTED_PROXIES'> & { TRUSTED_PROXIES: string };

/** @throws ConfigError that says what is wrong. */
export function readSettings(env: NodeJS.ProcessEnv = process.env): ForwardAuthSettings {
  const settings = readConfig(FORWARD_AUTH_SETTINGS, env);
  const { TRUSTED_PROXIES } = settings;
  if (TRUSTED_PROXIES === undefined) {
    throw new ConfigError([
      'TRUSTED_PROXIES is not set: write the addresses or networks of the proxies that ask here, such as 10.0.0.0/8.',
    ]);
  }
  return { ...settings, TRUSTED_PROXIES };
}
