/** The checkpointer's settings. */
import { readFileSync } from 'node:fs';
import {
  ConfigError,
  durationMs,
  EVENT_STORE_SETTINGS,
  JETSTREAM_SETTINGS,
  problemsOf,
  readConfig,
  SETTINGS,
} from '@mcpstack/service-kit';
import { parseVkeys, type Verifier } from '@mcpstack/tlog';
import { z } from 'zod';
import { readKeyFile } from './key-file.ts';

/** Every event is covered within a minute: a longer interval would break that promise. */
const LONGEST_INTERVAL_MS = 60_000;

export const CHECKPOINTER_SETTINGS = {
  ...EVENT_STORE_SETTINGS,
  ...JETSTREAM_SETTINGS,
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
  CHECKPOINT_INTERVAL_MS: durationMs(LONGEST_INTERVAL_MS, 50, LONGEST_INTERVAL_MS),
  /** Witnesses (C2SP tlog-witness): the addresses before `/add-checkpoint`, with commas between them. */
  WITNESS_URLS: z
    .string()
    .refine(isUrlList, 'write addresses that begin with https:// or http://, with commas between them')
    .optional(),
  /** The public keys of the witnesses, one line each. */
  WITNESS_VKEY_FILE: z.string().optional(),
  NODE_ENV: SETTINGS.NODE_ENV,
};

export type CheckpointerSettings = ReturnType<typeof readConfig<typeof CHECKPOINTER_SETTINGS>>;

/** @throws ConfigError that says what is wrong. */
export function readSettings(env: NodeJS.ProcessEnv = process.env): CheckpointerSettings {
  return readConfig(CHECKPOINTER_SETTINGS, env, [(settings) => [...problems(settings)]]);
}

function* problems(settings: Partial<CheckpointerSettings>): Generator<string> {
  const { CHECKPOINT_KEY_FILE: keyFile, WITNESS_URLS, WITNESS_VKEY_FILE } = settings;
  if (keyFile !== undefined) yield* problemsOf(() => readKeyFile(keyFile));
  yield* problemsOf(() => vkeysIn(settings.CHECKPOINT_FORMER_VKEY_FILE, 'CHECKPOINT_FORMER_VKEY_FILE'));
  let vkeys: Verifier[] = [];
  const found = problemsOf(() => (vkeys = vkeysIn(WITNESS_VKEY_FILE, 'WITNESS_VKEY_FILE')));
  yield* found;
  if (witnessUrls({ WITNESS_URLS }).length > 0 && found.length === 0 && vkeys.length === 0)
    yield 'WITNESS_VKEY_FILE is needed with WITNESS_URLS: name a file of their public keys, one a line.';
}

/** The public keys in a file; none where none is named. @throws ConfigError that says what is wrong. */
export function vkeysIn(file: string | undefined, setting: string): Verifier[] {
  if (file === undefined) return [];
  try {
    return parseVkeys(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new ConfigError([
      `${setting} cannot be used: ${error instanceof Error ? error.message : 'unknown'}.`,
    ]);
  }
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
