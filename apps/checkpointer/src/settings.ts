/** The checkpointer's settings. */
import { readConfig, SETTINGS } from '@mcpstack/service-kit';
import { z } from 'zod';

/** Every event is covered within a minute: a longer interval would break that promise. */
const LONGEST_INTERVAL_MS = 60_000;

const CHECKPOINTER_SETTINGS = {
  EVENT_STORE_URL: SETTINGS.EVENT_STORE_URL,
  HOST: SETTINGS.HOST,
  HEALTH_PORT: SETTINGS.HEALTH_PORT,
  LOG_LEVEL: SETTINGS.LOG_LEVEL,
  /** The private keys that sign: `keys.js new` makes it. */
  CHECKPOINT_KEY_FILE: z.string(),
  /** What the origin of checkpoints begins with; the log's id follows. It names the log for all time. */
  CHECKPOINT_ORIGIN: z
    .string()
    .max(100)
    .regex(/^[^\s+\p{Cc}]+$/u, 'write a name without spaces and +, such as keys.example.com/mcpstack')
    .default('mcpstack-keys'),
  /** Where the public keys are written, for auditors: one line a key; lines that stand there stay. */
  CHECKPOINT_VKEY_FILE: z.string().optional(),
  /** Public keys that signed before and whose private keys are lost; checkpoints of theirs are gone on from. */
  CHECKPOINT_FORMER_VKEY_FILE: z.string().optional(),
  /** Where the newest checkpoint is written. */
  CHECKPOINT_FILE: z.string().optional(),
  /** Where every checkpoint is added. */
  CHECKPOINT_HISTORY_FILE: z.string().optional(),
  /** An event is covered after this at the latest. */
  CHECKPOINT_INTERVAL_MS: z.coerce
    .number()
    .int()
    .min(50)
    .max(LONGEST_INTERVAL_MS)
    .default(LONGEST_INTERVAL_MS),
  /** Witnesses (C2SP tlog-witness): the addresses before `/add-checkpoint`, with commas between them. */
  WITNESS_URLS: z
    .string()
    .refine(isUrlList, 'write addresses that begin with https:// or http://, with commas between them')
    .optional(),
  /** The public keys of the witnesses, one line each. */
  WITNESS_VKEY_FILE: z.string().optional(),
};

export type CheckpointerSettings = ReturnType<typeof readConfig<typeof CHECKPOINTER_SETTINGS>>;

/** @throws ConfigError that says what is wrong. */
export function readSettings(env: NodeJS.ProcessEnv = process.env): CheckpointerSettings {
  return readConfig(CHECKPOINTER_SETTINGS, env);
}

export function witnessUrls({ WITNESS_URLS }: Pick<CheckpointerSettings, 'WITNESS_URLS'>): string[] {
  return (WITNESS_URLS ?? '')
    .split(',')
    .map((url) => url.trim().replace(/\/$/, ''))
    .filter((url) => url !== '');
}

function isUrlList(text: string): boolean {
  const urls = witnessUrls({ WITNESS_URLS: text });
  return urls.length <= 8 && urls.every((url) => /^https?:\/\/./.test(url) && URL.canParse(url));
}
