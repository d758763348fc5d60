/**
 * Logins that are under way and sessions of browsers, in memory and in one file: who has a login page open while the
 * service restarts goes on with it.
 */
import { readFile } from 'node:fs/promises';
import type { Log } from '@mcpstack/service-kit';
import type { Adapter, AdapterPayload } from 'oidc-provider';
import { z } from 'zod';
import { writePrivately } from './private-file.ts';

/** More than one machine's people can have open; beyond it the oldest are dropped. */
const MAX_ENTRIES = 5_000;

const Entry = z.object({ payload: z.record(z.string(), z.unknown()), endsAtMs: z.number() });
const State = z.object({ entries: z.array(z.tuple([z.string(), Entry])).max(MAX_ENTRIES) });

interface StoredEntry {
  payload: AdapterPayload;
  endsAtMs: number;
}

export class StateFile {
  private entries = new Map<string, StoredEntry>();
  private last = Promise.resolve();
  private next: Promise<void> | undefined;

  private constructor(
    private readonly path: string,
    private readonly log: Log,
  ) {}

  /** What the file holds; nothing, where there is none or it cannot be read: people then log in again. */
  static async open(path: string, log: Log): Promise<StateFile> {
    const file = new StateFile(path, log);
    try {
      const { entries } = State.parse(JSON.parse(await readFile(path, 'utf8')));
      file.entries = new Map(entries);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
        log.warn('what was under way cannot be read, and begins anew', { reason: (error as Error).name });
    }
    return file;
  }

  /** What the provider stores of one kind, such as `Session`. */
  adapter(kind: string): Adapter {
    const key = (id: string): string => `${kind}:${id}`;
    const found = (id: string): AdapterPayload | undefined => this.get(key(id));
    const by = (field: 'uid' | 'userCode', value: string): AdapterPayload | undefined =>
      this.first(kind, (payload) => payload[field] === value);
    return {
      upsert: (id, payload, expiresInS = 0) => {
        this.set(key(id), { payload, endsAtMs: Date.now() + expiresInS * 1_000 });
        return this.save();
      },
      find: (id) => Promise.resolve(found(id)),
      findByUid: (uid) => Promise.resolve(by('uid', uid)),
      findByUserCode: (userCode) => Promise.resolve(by('userCode', userCode)),
      consume: (id) => {
        const payload = found(id);
        if (payload) payload.consumed = Math.floor(Date.now() / 1_000);
        return this.save();
      },
      destroy: (id) => {
        this.entries.delete(key(id));
        return this.save();
      },
      revokeByGrantId: (grantId) => {
        for (const [at, { payload }] of this.entries)
          if (payload.grantId === grantId && at.startsWith(`${kind}:`)) this.entries.delete(at);
        return this.save();
      },
    };
  }

  private get(key: string): AdapterPayload | undefined {
    const entry = this.entries.get(key);
    return entry && entry.endsAtMs > Date.now() ? entry.payload : undefined;
  }

  private set(key: string, entry: StoredEntry): void {
    // Last in order, so that the oldest stand first.
    this.entries.delete(key);
    this.entries.set(key, entry);
  }

  private first(kind: string, fits: (payload: AdapterPayload) => boolean): AdapterPayload | undefined {
    for (const [key, { payload }] of this.entries)
      if (key.startsWith(`${kind}:`) && fits(payload)) return this.get(key);
    return undefined;
  }

  /** Done once what is there now stands in the file. Changes that come while it is written share the next write. */
  private save(): Promise<void> {
    if (this.next) return this.next;
    this.next = this.last.then(() => {
      this.next = undefined;
      return this.write();
    });
    this.last = this.next;
    return this.next;
  }

  private async write(): Promise<void> {
    const nowMs = Date.now();
    for (const [key, { endsAtMs }] of this.entries) {
      if (endsAtMs > nowMs && this.entries.size <= MAX_ENTRIES) continue;
      this.entries.delete(key);
    }
    try {
      await writePrivately(this.path, JSON.stringify({ entries: [...this.entries] }), { sync: false });
    } catch (error) {
      // Whoever logs in now can go on; what is lost is going on after a restart.
      this.log.error('what is under way cannot be written', { err: error });
    }
  }
}
