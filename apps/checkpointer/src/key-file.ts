/**
 * The file of signing keys: `{"keys":[{"name":"…","private":"…"}]}`. Several keys are an overlap: each signs every
 * checkpoint. A name is for people; what a signature calls its key is the origin of the log.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ConfigError } from '@mcpstack/service-kit';
import { signerOfSeed, type Signer } from '@mcpstack/tlog';
import { z } from 'zod';

const SEED_BYTES = 32;
/** A rotation takes two. */
export const MOST_KEYS = 8;
const SHAPE = `{"keys":[{"name":"…","private":"<${SEED_BYTES} random bytes in base64>"}]}`;
const MAKE_ONE = 'make one with: node apps/checkpointer/dist/keys.js new';

const seed = z.string().refine((text) => {
  const bytes = Buffer.from(text, 'base64');
  // Node skips what is no base64; the way back shows whether anything was skipped.
  return bytes.length === SEED_BYTES && bytes.toString('base64') === text;
});
const KEY_FILE = z.strictObject({
  keys: z.array(z.strictObject({ name: z.string().min(1).max(64), private: seed })).min(1),
});
export type KeyFile = z.infer<typeof KEY_FILE>;

export function newKey(name: string): KeyFile['keys'][number] {
  return { name, private: randomBytes(SEED_BYTES).toString('base64') };
}

/**
 * @param setting what names the file in a message.
 * @throws ConfigError that says what is wrong and what to do, and nothing of what the file holds.
 */
export function readKeyFile(file: string, setting = 'CHECKPOINT_KEY_FILE'): KeyFile {
  const { keys } = parse(read(file, setting), setting);
  if (keys.length > MOST_KEYS)
    throw new ConfigError([`${setting} holds more than ${MOST_KEYS} keys: remove the oldest ones.`]);
  if (new Set(keys.map(({ name }) => name)).size < keys.length)
    throw new ConfigError([`${setting} has two keys of one name: name each differently.`]);
  if (new Set(keys.map((key) => key.private)).size < keys.length)
    throw new ConfigError([`${setting} has one key twice: remove one of them.`]);
  return { keys };
}

/** The signers of a log with this origin. */
export function signersOf({ keys }: KeyFile, origin: string): Signer[] {
  return keys.map((key) => signerOfSeed(origin, Buffer.from(key.private, 'base64')));
}

function read(file: string, setting: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw new ConfigError([
      code === 'ENOENT'
        ? `${setting} names a file that is not there: ${MAKE_ONE}.`
        : `${setting} cannot be read (${code}): let this process read it.`,
    ]);
  }
}

function parse(text: string, setting: string): KeyFile {
  try {
    return KEY_FILE.parse(JSON.parse(text));
  } catch {
    // Neither error is kept as cause: JSON's quotes the text, and the text is secret.
    throw new ConfigError([`${setting} is not of the form ${SHAPE}: ${MAKE_ONE}.`]);
  }
}
