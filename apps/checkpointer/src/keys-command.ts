/**
 * The command that makes and changes the file of signing keys.
 *
 *     node apps/checkpointer/dist/keys.js new            makes CHECKPOINT_KEY_FILE with one key
 *     node apps/checkpointer/dist/keys.js add            adds a key: from the next start on, both sign
 *     node apps/checkpointer/dist/keys.js remove NAME    ends an overlap
 *     node apps/checkpointer/dist/keys.js public         prints the public keys (vkeys), for auditors
 */
import { randomUUID } from 'node:crypto';
import { renameSync, writeFileSync } from 'node:fs';
import { openEventStore } from '@mcpstack/event-store';
import { ConfigError, EVENT_STORE_SETTINGS, eventStorePlace, readConfig } from '@mcpstack/service-kit';
import { z } from 'zod';
import { MOST_KEYS, newKey, readKeyFile, signersOf, type KeyFile } from './key-file.ts';

const USAGE =
  'Usage: keys.js new | add | remove NAME | public, with CHECKPOINT_KEY_FILE set; public also needs EVENT_STORE_URL.';
const FILE = { CHECKPOINT_KEY_FILE: z.string() };
const PUBLIC = {
  ...FILE,
  ...EVENT_STORE_SETTINGS,
  CHECKPOINT_ORIGIN: z.string().default('mcpstack-keys'),
};

/** Answers the lines to print. @throws ConfigError that says what is wrong. */
export async function keysCommand(args: readonly string[], env: NodeJS.ProcessEnv): Promise<string[]> {
  const [verb, name, ...more] = args;
  if (more.length > 0 || (verb !== 'remove' && name !== undefined)) throw new ConfigError([USAGE]);
  switch (verb) {
    case 'new':
      return make(readConfig(FILE, env).CHECKPOINT_KEY_FILE);
    case 'add':
      return add(readConfig(FILE, env).CHECKPOINT_KEY_FILE);
    case 'remove':
      if (name === undefined) throw new ConfigError([USAGE]);
      return remove(readConfig(FILE, env).CHECKPOINT_KEY_FILE, name);
    case 'public':
      return publicKeys(readConfig(PUBLIC, env));
    default:
      throw new ConfigError([USAGE]);
  }
}

function make(file: string): string[] {
  const key = newKey(newName());
  try {
    writeFileSync(file, textOf({ keys: [key] }), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    throw new ConfigError([
      code === 'EEXIST'
        ? 'CHECKPOINT_KEY_FILE is there already, and a lost key cannot be had again: to change keys, use add.'
        : `CHECKPOINT_KEY_FILE cannot be written (${code}).`,
    ]);
  }
  return [`made ${file} with the key ${key.name}`];
}

function add(file: string): string[] {
  const { keys } = readKeyFile(file);
  if (keys.length >= MOST_KEYS)
    throw new ConfigError([`CHECKPOINT_KEY_FILE holds ${MOST_KEYS} keys: remove one first.`]);
  const key = newKey(newName());
  replace(file, { keys: [...keys, key] });
  return [
    `added the key ${key.name}: restart the checkpointer, and both sign.`,
    `Hand the new public key to auditors and witnesses before you remove ${keys.map((one) => one.name).join(', ')}.`,
  ];
}

function remove(file: string, name: string): string[] {
  const { keys } = readKeyFile(file);
  const left = keys.filter((key) => key.name !== name);
  if (left.length === keys.length)
    throw new ConfigError([`There is no key ${name}: there are ${keys.map((key) => key.name).join(', ')}.`]);
  if (left.length === 0)
    throw new ConfigError(['That is the only key: add another one, let both sign, then remove it.']);
  replace(file, { keys: left });
  return [`removed the key ${name}: restart the checkpointer. Its public key still checks what it signed.`];
}

async function publicKeys(settings: ReturnType<typeof readConfig<typeof PUBLIC>>): Promise<string[]> {
  const keyFile = readKeyFile(settings.CHECKPOINT_KEY_FILE);
  const { url, ...login } = eventStorePlace(settings);
  const store = await openEventStore(url, {
    ...login,
    name: 'mcpstack-checkpointer-keys',
    readOnly: true,
  });
  try {
    const origin = `${settings.CHECKPOINT_ORIGIN}/${await store.originId()}`;
    return signersOf(keyFile, origin).map(({ vkey }) => vkey);
  } finally {
    await store.close();
  }
}

/** Whole or not at all, for its owner alone. */
function replace(file: string, content: KeyFile): void {
  const draft = `${file}.${process.pid}.tmp`;
  writeFileSync(draft, textOf(content), { mode: 0o600 });
  renameSync(draft, file);
}

const textOf = (content: KeyFile): string => `${JSON.stringify(content)}\n`;
const newName = (): string => `key-${randomUUID().slice(0, 8)}`;
