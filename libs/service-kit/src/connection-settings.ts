/** The settings of connections to outside servers; places.ts makes of them what clients take. */
import { parseNatsUrl } from '@mcpstack/contracts';
import { z } from 'zod';
import { parseSentinels } from './places.ts';
import { oneOf } from './setting-types.ts';

/** What a parser says in its error, as what is wrong with a setting. */
function parsedBy(parse: (text: string) => unknown) {
  return (value: string, context: z.RefinementCtx): void => {
    try {
      parse(value);
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message });
    }
  };
}

export const NATS_SETTINGS = {
  /** Where NATS is: `nats://host:4222`, or `tls://` where it must be TLS; several with commas between them. */
  NATS_URL: z.string().superRefine(parsedBy(parseNatsUrl)),
  /** Who logs in, with the password of `NATS_PASSWORD_FILE`. */
  NATS_USER: z.string().optional(),
  /** A file with the password of `NATS_USER`. */
  NATS_PASSWORD_FILE: z.string().optional(),
  /** A credentials file of NATS (JWT and seed), instead of a user and a password. */
  NATS_CREDS_FILE: z.string().optional(),
  /** Certificates (PEM) of the authorities that signed the server's, instead of those that the machine trusts. */
  NATS_CA_FILE: z.string().optional(),
} as const;

/**
 * Of every stream and bucket of JetStream that is made here. One that is there already stays as it is
 * (`nats stream edit NAME --replicas 3` changes it).
 */
export const JETSTREAM_SETTINGS = {
  /** On how many servers of a cluster each stream and bucket is kept that this service makes; one that is there already stays as it is. */
  JETSTREAM_REPLICAS: oneOf(['1', '3', '5']).default('1').transform(Number),
} as const;

export const REDIS_SETTINGS = {
  /** Where Redis is: `redis://host:6379`, or `rediss://` for TLS. Needed unless `REDIS_SENTINELS` is set; beside it, it says only whether there is TLS. */
  REDIS_URL: z
    .string()
    .regex(/^rediss?:\/\//, 'write redis://host:6379 (or rediss:// for TLS)')
    .refine((url) => URL.canParse(url), 'write redis://host:6379 (or rediss:// for TLS)')
    .optional(),
  /** Who logs in; Redis's default user if absent. */
  REDIS_USERNAME: z.string().optional(),
  /** A file with the password. */
  REDIS_PASSWORD_FILE: z.string().optional(),
  /** Certificates (PEM) of the authorities that signed the servers', instead of those that the machine trusts. */
  REDIS_CA_FILE: z.string().optional(),
  /** Who is asked for the primary's address, instead of that in `REDIS_URL`: `host:26379` of each sentinel, with commas between them. */
  REDIS_SENTINELS: z.string().superRefine(parsedBy(parseSentinels)).optional(),
  /** What the sentinels call the primary, such as `mymaster`. */
  REDIS_SENTINEL_NAME: z.string().optional(),
  /** Who logs in at the sentinels, where they ask for it. */
  REDIS_SENTINEL_USERNAME: z.string().optional(),
  /** A file with the password for the sentinels, where they ask for one. */
  REDIS_SENTINEL_PASSWORD_FILE: z.string().optional(),
} as const;

export const EVENT_STORE_SETTINGS = {
  /** Where the log is: `kurrentdb://host:2113` for KurrentDB, `nats://host:4222` (or `tls://`) for JetStream. */
  EVENT_STORE_URL: z
    .string()
    .regex(
      /^(nats|tls|esdb|kurrentdb)(\+discover)?:\/\/./,
      'write kurrentdb://host:2113 for KurrentDB or nats://host:4222 for JetStream',
    ),
  /** Who logs in, with the password of `EVENT_STORE_PASSWORD_FILE`. */
  EVENT_STORE_USER: z.string().optional(),
  /** A file with the password of `EVENT_STORE_USER`. */
  EVENT_STORE_PASSWORD_FILE: z.string().optional(),
  /** A credentials file of NATS (JWT and seed), where the log is JetStream, instead of a user and a password. */
  EVENT_STORE_CREDS_FILE: z.string().optional(),
  /** Certificates (PEM) of the authorities that signed the server's, instead of those that the machine trusts. */
  EVENT_STORE_CA_FILE: z.string().optional(),
} as const;
