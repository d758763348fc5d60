/**
 * A secret key that a web page sends is no secret any more: everybody who opens the page can read it. Such a request
 * is refused on every route, and the key is marked as exposed so that its owners see it.
 */
import { ProblemError, uuidFrom } from '@mcpstack/contracts';
import type { Log } from '@mcpstack/service-kit';
import type { FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import type { IncomingMessage } from 'node:http';
import { shownCredential } from '../auth/credentials.ts';
import { headerValues } from '../http/headers.ts';
import { isInForce, type Identify } from './identify.ts';
import type { SystemCommands } from './system-commands.ts';

/** A key's exposure is recorded once in this time. */
const RECORD_EVERY_MS = 60_000;
/** Keys that are remembered as recorded; what is forgotten is recorded again at most. */
const MAX_REMEMBERED = 10_000;
/** The refusal does not wait longer for the record of it. */
const RECORD_TIMEOUT_MS = 2_000;

/**
 * Headers that browsers add and pages cannot leave out. `Sec-Fetch-Mode` is none of them: the `fetch` of Node (its
 * undici, seen on Node 20) sends `sec-fetch-mode: cors` from scripts and pipelines, though none of the others. A page
 * on plain http of another host than localhost sends no `Sec-Fetch-*` at all; its cross-origin requests still carry
 * `Origin`.
 */
const PAGE_HEADERS = ['origin', 'sec-fetch-site', 'sec-fetch-dest', 'sec-fetch-user'] as const;

/** Whether a browser sent this for a page: any one of the headers, whatever its value, `null` included. */
export function isFromWebPage(request: IncomingMessage): boolean {
  return PAGE_HEADERS.some((name) => headerValues(request, name).length > 0);
}

interface ExposedKey {
  keyId: string;
  organizationId: string;
}

export class Exposure {
  /** Key → when its exposure was recorded last. */
  private readonly recorded = new LRUCache<string, number>({ max: MAX_REMEMBERED });

  constructor(
    private readonly identify: Identify,
    private readonly commands: SystemCommands,
    private readonly log: Log,
    private readonly prefix: string,
    private readonly nowMs: () => number = Date.now,
  ) {}

  /**
   * Before anything else is decided: refuses a secret key in force that a web page sent. Sessions, publishable keys,
   * and keys that do not exist or have ended pass, to be answered as everywhere.
   * @throws ProblemError `secret-in-browser`; `unavailable` when nobody can say whose key it is.
   */
  async refuse(request: FastifyRequest): Promise<void> {
    if (!isFromWebPage(request.raw)) return;
    const digest = this.digestOf(request.raw);
    if (digest === undefined) return;
    const [key] = await this.identify.keysOf([digest]);
    if (key?.kind === 'service' && isInForce(key)) await this.refuseKey(key, request);
  }

  /** The same for a key that was found valid: it may have been made since `refuse` looked for it. */
  async refuseKey(key: ExposedKey, request: FastifyRequest): Promise<void> {
    if (!isFromWebPage(request.raw)) return;
    await this.record(key, request.id);
    throw new ProblemError(
      'secret-in-browser',
      'A secret key was sent from a web page, where everybody can read it. Rotate it, and give the page a publishable key.',
    );
  }

  private digestOf(request: IncomingMessage): string | undefined {
    try {
      const shown = shownCredential(request, this.prefix);
      return shown.type === 'key' ? shown.digest : undefined;
    } catch {
      // More than one credential: every route that reads any refuses that.
      return undefined;
    }
  }

  private async record({ keyId, organizationId }: ExposedKey, requestId: string): Promise<void> {
    const nowMs = this.nowMs();
    if (nowMs - (this.recorded.get(keyId) ?? -Infinity) < RECORD_EVERY_MS) return;
    this.recorded.set(keyId, nowMs);
    // The same in every gateway process within one minute.
    const minute = Math.floor(nowMs / RECORD_EVERY_MS);
    const commandId = uuidFrom(JSON.stringify(['exposure', keyId, minute]));
    try {
      const options = { commandId, requestId, timeoutMs: RECORD_TIMEOUT_MS };
      await this.commands.send('recordExposure', { organizationId, keyId }, options);
    } catch (err) {
      // The refusal stands; the next request tries to record again.
      this.recorded.delete(keyId);
      this.log.warn('an exposed key could not be recorded', { requestId, keyId, err });
    }
  }
}
