/** Files of secrets in versions: a rotation adds one and makes it current, and older ones still open what they made. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { ConfigError } from './config-error.ts';

const KEY_BYTES = 32;
/** Each has to be tried, or kept in mind. */
const MAX_VERSIONS = 16;

export interface VersionedKeys {
  current: number;
  /** 32 bytes for each version. */
  versions: Readonly<Record<number, Buffer>>;
}

export interface KeyFile {
  /** The setting that names it, such as `PEPPER_FILE`. */
  setting: string;
  /** The field that holds the versions. */
  field: string;
  /** What one of them is called. */
  noun: string;
  /** Who must read the same file. */
  sharedBy: string;
}

/**
 * Reads such a file: `{"current": 1, "<field>": {"1": "<32 bytes, base64>"}}`.
 * @throws ConfigError that says what is wrong and what to do, and nothing of what the file holds.
 */
export function readVersionedKeys(path: string, file: KeyFile): VersionedKeys {
  const { setting, field, noun } = file;
  const text = read(path, file);
  const { current, keys } = parse(text, file);
  if (!Object.hasOwn(keys, String(current)))
    throw new ConfigError([`${setting} has no ${noun} of the version that "current" names: add it there.`]);
  if (Object.keys(keys).length > MAX_VERSIONS)
    throw new ConfigError([`${setting} holds more than ${MAX_VERSIONS} ${field}: remove the oldest ones.`]);
  const problems = [...repeated(text, file), ...sameSecrets(keys, file)];
  if (problems.length > 0) throw new ConfigError(problems);
  const versions = Object.entries(keys).map(([version, text]) => [version, Buffer.from(text, 'base64')]);
  return { current, versions: Object.fromEntries(versions) as Record<number, Buffer> };
}

/** Names that stand there twice: of those JSON keeps the last in silence. The text is of the right form. */
function* repeated(text: string, { setting, noun }: KeyFile): Generator<string> {
  const names = [...text.matchAll(/("(?:[^"\\]|\\.)*")(\s*:)?/g)].flatMap(([, name, colon]) =>
    colon ? [JSON.parse(name!) as string] : [],
  );
  const twice = new Set(names.filter((name, index) => names.indexOf(name) !== index));
  for (const name of twice)
    yield /^\d+$/.test(name)
      ? `${setting} holds the ${noun} of version ${name} twice: leave the one that is in use, or give the other a version of its own.`
      : `${setting} holds "${name}" twice: leave one of them.`;
}

/** A new version of an old secret rotates nothing. */
function* sameSecrets(keys: Record<string, string>, { setting, noun }: KeyFile): Generator<string> {
  const seen = new Map<string, string>();
  for (const [version, text] of Object.entries(keys)) {
    const other = seen.get(text);
    if (other)
      yield `${setting} holds the same ${noun} as versions ${other} and ${version}: remove one of them.`;
    seen.set(text, version);
  }
}

function makeOne({ field }: KeyFile): string {
  return `make one with: node -e 'console.log(JSON.stringify({current:1,${field}:{1:require("crypto").randomBytes(${KEY_BYTES}).toString("base64")}}))'`;
}

function read(path: string, file: KeyFile): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw new ConfigError([
      code === 'ENOENT'
        ? `${file.setting} names a file that is not there: name the one that ${file.sharedBy} share, or ${makeOne(file)}.`
        : `${file.setting} cannot be read (${code}): let this process read it.`,
    ]);
  }
}

const base64Key = z.string().refine((text) => {
  const bytes = Buffer.from(text, 'base64');
  // Node skips what is no base64; the way back shows whether anything was skipped.
  return bytes.length === KEY_BYTES && bytes.toString('base64') === text;
});
const keysByVersion = z.record(z.string().regex(/^[1-9]\d{0,8}$/), base64Key);

function parse(text: string, file: KeyFile): { current: number; keys: Record<string, string> } {
  const { setting, field } = file;
  try {
    const shape = z.strictObject({ current: z.int().min(1), [field]: keysByVersion });
    const { current, [field]: keys } = shape.parse(JSON.parse(text)) as Record<string, unknown>;
    return { current: current as number, keys: keys as Record<string, string> };
  } catch {
    // Neither error is kept as cause: JSON's quotes the text, and the text is secret.
    const wanted = `{"current": 1, "${field}": {"1": "<${KEY_BYTES} random bytes in base64>"}}`;
    throw new ConfigError([`${setting} is not of the form ${wanted}: ${makeOne(file)}.`]);
  }
}
