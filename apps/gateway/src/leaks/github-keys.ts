/** GitHub's public keys for secret scanning: read from where the setting says, checked, cached. */
import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import { open } from 'node:fs/promises';
import { z } from 'zod';
import { unavailable } from '../http/problem-response.ts';

const MAX_BYTES = 64 * 1024;
const FETCH_TIMEOUT_MS = 3_000;
/** Neither unknown identifiers nor a source that is away make us ask more often. */
const REFETCH_AFTER_MS = 60_000;
/** Keys that GitHub has withdrawn are forgotten within a day, unless their source is away. */
const MAX_AGE_MS = 24 * 60 * 60 * 1000;

/** As https://api.github.com/meta/public_keys/secret_scanning answers; fields that we do not know are passed over. */
const PublicKeys = z.object({
  public_keys: z
    .array(z.object({ key_identifier: z.string().min(1).max(128), key: z.string().min(1).max(2_048) }))
    .max(100),
});

/** Reads the document of keys: at most MAX_BYTES, within FETCH_TIMEOUT_MS. */
export type KeySource = () => Promise<string>;

export class GithubKeys {
  private keys: ReadonlyMap<string, KeyObject> | undefined;
  private readAtMs = -Infinity;
  private triedAtMs = -Infinity;
  private reading: Promise<void> | undefined;

  constructor(
    private readonly source: KeySource,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  /**
   * Whether `signature` (base64 of the DER form) was made over these bytes by the key of this name: ECDSA on P-256
   * with SHA-256.
   * @throws HttpProblem `unavailable` when no keys could be read.
   */
  async signed(identifier: string, signature: string, bytes: Buffer): Promise<boolean> {
    const key = await this.find(identifier);
    if (!key || !/^[A-Za-z0-9+/]{8,200}={0,2}$/.test(signature)) return false;
    try {
      return verify('sha256', bytes, key, Buffer.from(signature, 'base64'));
    } catch {
      return false;
    }
  }

  private async find(identifier: string): Promise<KeyObject | undefined> {
    const isOld = this.nowMs() - this.readAtMs > MAX_AGE_MS;
    if (!this.keys?.has(identifier) || isOld) await this.refresh();
    if (!this.keys) throw unavailable("GitHub's public keys cannot be read now. Repeat the request later.");
    return this.keys.get(identifier);
  }

  /** One read at a time; who comes meanwhile waits for the same one. */
  private async refresh(): Promise<void> {
    if (!this.reading && this.nowMs() - this.triedAtMs >= REFETCH_AFTER_MS) {
      this.triedAtMs = this.nowMs();
      this.reading = this.read().finally(() => (this.reading = undefined));
    }
    await this.reading;
  }

  private async read(): Promise<void> {
    try {
      this.keys = parseKeys(await this.source());
      this.readAtMs = this.nowMs();
    } catch {
      // The keys that we have stay good; without any, the caller is told.
    }
  }
}

/** Keys of another curve are passed over: their signatures are none that the documentation speaks of. */
function parseKeys(text: string): ReadonlyMap<string, KeyObject> {
  const { public_keys: listed } = PublicKeys.parse(JSON.parse(text));
  return new Map(
    listed.flatMap(({ key_identifier: identifier, key }) => {
      const object = createPublicKey(key);
      return object.asymmetricKeyDetails?.namedCurve === 'prime256v1' ? [[identifier, object]] : [];
    }),
  );
}

/** @param where an https URL, or the path of a file with the same content. */
export function keySource(where: string): KeySource {
  return where.startsWith('https://') ? () => fetchText(where) : () => readText(where);
}

async function fetchText(url: string): Promise<string> {
  const response = await fetch(url, {
    redirect: 'error',
    headers: { Accept: 'application/json', 'User-Agent': 'mcpstack-gateway' },
    signal: AbortSignal.timeout(FETCH_TIMEOUT_MS),
  });
  if (!response.ok || !response.body)
    throw new Error(`the public keys were answered with ${response.status}`);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > MAX_BYTES) throw new Error(`the public keys are larger than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

async function readText(path: string): Promise<string> {
  const file = await open(path, 'r');
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(MAX_BYTES + 1), 0, MAX_BYTES + 1, 0);
    if (bytesRead > MAX_BYTES) throw new Error(`the public keys are larger than ${MAX_BYTES} bytes`);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}
