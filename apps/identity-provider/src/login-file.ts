/** The file of local users: a stand-in for an identity provider on one machine. */
import { readFile, stat } from 'node:fs/promises';
import { isId, nameProblem } from '@mcpstack/contracts';
import { ConfigError } from '@mcpstack/service-kit';
import { parseOptions } from '@node-rs/argon2';
import { z } from 'zod';
import { writePrivately } from './private-file.ts';

const MAX_FILE_BYTES = 1024 * 1024;

function isArgon2id(hash: string): boolean {
  try {
    return hash.startsWith('$argon2id$') && parseOptions(hash).memoryCost > 0;
  } catch {
    return false;
  }
}

const LoginUser = z.strictObject({
  id: z.string().refine((id) => isId('user', id)),
  email: z.string().min(3).max(254),
  /** As others see it; told to whom the person logs in at. */
  name: z
    .string()
    .refine((name) => nameProblem(name) === undefined)
    .optional(),
  /** Argon2id, PHC string. */
  passwordHash: z.string().max(512).refine(isArgon2id),
});
const LoginFile = z.strictObject({ users: z.array(LoginUser).max(1_000) });

export type LoginUser = z.infer<typeof LoginUser>;

/** E-mails are compared without regard to case. */
export function normalEmail(email: string): string {
  return email.normalize('NFC').toLowerCase();
}

/**
 * The users in the file.
 * @throws ConfigError with a sentence that says what to do; it repeats nothing of the content.
 */
export async function readLoginFile(path: string): Promise<readonly LoginUser[]> {
  const text = await readPrivate(path);
  const parsed = LoginFile.safeParse(parseJson(text));
  if (!parsed.success) {
    throw new ConfigError([
      `LOCAL_LOGIN_FILE cannot be used: ${path} is not a JSON file of users ({"users":[{"id","email","passwordHash"}]}).`,
    ]);
  }
  const emails = parsed.data.users.map(({ email }) => normalEmail(email));
  if (new Set(emails).size < emails.length)
    throw new ConfigError([`LOCAL_LOGIN_FILE cannot be used: ${path} names one e-mail twice.`]);
  return parsed.data.users;
}

async function readPrivate(path: string): Promise<string> {
  try {
    const { mode, size } = await stat(path);
    if ((mode & 0o077) !== 0) {
      throw new ConfigError([
        `LOCAL_LOGIN_FILE cannot be used: ${path} can be read by others; run chmod 600 on it.`,
      ]);
    }
    if (size > MAX_FILE_BYTES)
      throw new ConfigError([`LOCAL_LOGIN_FILE cannot be used: ${path} is larger than 1 MiB.`]);
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    const code = (error as NodeJS.ErrnoException).code;
    const what = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`;
    throw new ConfigError([
      `LOCAL_LOGIN_FILE cannot be used: ${path} ${what}; make it with the setup command.`,
    ]);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Replaces the file in one step, readable by its owner alone. */
export function writeLoginFile(path: string, users: readonly LoginUser[]): Promise<void> {
  return writePrivately(path, `${JSON.stringify({ users }, undefined, 2)}\n`);
}
