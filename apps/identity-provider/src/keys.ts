/**
 * What the provider signs with: id tokens and cookies. Made once and kept, so that what was signed before a restart is
 * good after it.
 */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { ConfigError } from '@mcpstack/service-kit';
import { exportJWK, generateKeyPair } from 'jose';
import { z } from 'zod';
import { writePrivately } from './private-file.ts';

const Keys = z.strictObject({
  /** Signs id tokens; a private JWK. */
  signing: z.strictObject({
    kid: z.string(),
    use: z.literal('sig'),
    alg: z.literal('ES256'),
    kty: z.literal('EC'),
    crv: z.literal('P-256'),
    x: z.string(),
    y: z.string(),
    d: z.string(),
  }),
  /** Signs cookies. */
  cookies: z.string().min(32),
});
export type Keys = z.infer<typeof Keys>;

/**
 * The keys at `path`, which are made if there are none.
 * @throws ConfigError when there are some that cannot be used.
 */
export async function readKeys(path: string): Promise<Keys> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT') throw cannotBeUsed(path, `cannot be read (${code})`);
    return makeKeys(path);
  }
  try {
    return Keys.parse(JSON.parse(text));
  } catch {
    throw cannotBeUsed(path, 'does not hold keys of this service');
  }
}

async function makeKeys(path: string): Promise<Keys> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = await exportJWK(privateKey);
  const kid = randomBytes(8).toString('hex');
  const keys = Keys.parse({
    signing: { ...jwk, kid, use: 'sig', alg: 'ES256' },
    cookies: randomBytes(32).toString('base64url'),
  });
  try {
    await writePrivately(path, `${JSON.stringify(keys)}\n`);
  } catch (error) {
    throw cannotBeUsed(path, `cannot be written (${(error as NodeJS.ErrnoException).code})`);
  }
  return keys;
}

function cannotBeUsed(path: string, why: string): ConfigError {
  return new ConfigError([
    `The keys beside LOCAL_LOGIN_FILE cannot be used: ${path} ${why}. Correct its rights, or remove it and log in again.`,
  ]);
}
