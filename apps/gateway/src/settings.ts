/** What the gateway reads from its environment. */
import {
  FRESHNESS_SETTINGS,
  JETSTREAM_SETTINGS,
  NATS_SETTINGS,
  REDIS_SETTINGS,
  SETTINGS,
  TRACING_SETTINGS,
  durationMs,
} from '@mcpstack/service-kit';
import { z } from 'zod';
import { LOGIN_SETTINGS } from './auth/oidc/login-settings.ts';
import { ACCESS_LIFE_MS } from './auth/sessions.ts';

const {
  HOST,
  PORT,
  METRICS_PORT,
  TRUSTED_PROXIES,
  GITHUB_SECRET_SCANNING_KEYS,
  TOKEN_PREFIX,
  LOG_LEVEL,
  NODE_ENV,
} = SETTINGS;

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** An origin as browsers write it; http on this machine alone, because cookies of plain http are anybody's. */
function isPublicUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { origin, protocol, hostname } = new URL(text);
  if (text !== origin) return false;
  return protocol === 'https:' || (protocol === 'http:' && LOOPBACK.test(hostname));
}

export const GATEWAY_SETTINGS = {
  ...NATS_SETTINGS,
  ...JETSTREAM_SETTINGS,
  ...REDIS_SETTINGS,
  HOST,
  PORT,
  METRICS_PORT,
  TRUSTED_PROXIES,
  GITHUB_SECRET_SCANNING_KEYS,
  TOKEN_PREFIX,
  LOG_LEVEL,
  ...FRESHNESS_SETTINGS,
  NODE_ENV,
  /** Where people reach the gateway. Absent: on this machine. */
  PUBLIC_URL: z
    .string()
    .refine(
      isPublicUrl,
      'write the origin at which people reach the gateway, such as https://keys.example.com (http only for localhost)',
    )
    .optional(),
  ...LOGIN_SETTINGS,
  /** How long a device's access token is good before it has to be refreshed. */
  ACCESS_TOKEN_LIFE_MS: durationMs(ACCESS_LIFE_MS, 1_000, 86_400_000),
  ...TRACING_SETTINGS,
};

/** The origin at which people reach the gateway. */
export function publicUrlOf({ PUBLIC_URL, PORT }: { PUBLIC_URL?: string | undefined; PORT: number }): string {
  return PUBLIC_URL ?? `http://localhost:${PORT}`;
}
