/** The settings of forward-auth. */
import { durationMs, NATS_SETTINGS, readConfig, SETTINGS, type SettingsOf } from '@mcpstack/service-kit';

export const FORWARD_AUTH_SETTINGS = {
  ...NATS_SETTINGS,
  HOST: SETTINGS.HOST,
  /** Beside a gateway on the same machine. */
  PORT: SETTINGS.PORT.unwrap().default(8_081),
  /** Where Envoy asks; without it, nobody asks over gRPC. 0 picks a free port. */
  GRPC_PORT: SETTINGS.METRICS_PORT,
  LOG_LEVEL: SETTINGS.LOG_LEVEL,
  TOKEN_PREFIX: SETTINGS.TOKEN_PREFIX,
  TRUSTED_PROXIES: SETTINGS.TRUSTED_PROXIES,
  /** A check is answered within this long; proxies wait longer. */
  CHECK_TIMEOUT_MS: durationMs(1_500, 50, 30_000),
  NODE_ENV: SETTINGS.NODE_ENV,
};

type Read = SettingsOf<typeof FORWARD_AUTH_SETTINGS>;
export type ForwardAuthSettings = Omit<Read, 'TRUSTED_PROXIES'> & { TRUSTED_PROXIES: string };

/** @throws ConfigError that says what is wrong. */
export function readSettings(env: NodeJS.ProcessEnv = process.env): ForwardAuthSettings {
  return readConfig(FORWARD_AUTH_SETTINGS, env, [
    // Not left to the shape, because what to write there deserves saying.
    (_, { TRUSTED_PROXIES }) =>
      TRUSTED_PROXIES
        ? []
        : [
            'TRUSTED_PROXIES is not set: write the addresses or networks of the proxies that ask here, such as 10.0.0.0/8.',
          ],
  ]) as ForwardAuthSettings;
}
