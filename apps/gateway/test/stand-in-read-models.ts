/** Read models in memory, for specs that set what is there and whether it can be trusted. */
import type { ApiKey, Role } from '@mcpstack/contracts';
import {
  BadCursorError,
  ReadModelsUnavailableError,
  type KeyLookup,
  type Member,
  type Organization,
  type Page,
  type PageRequest,
  type Reading,
  type ReadModels,
} from '@mcpstack/read-models';

export class StandInReadModels implements ReadModels {
  /** `away`: every read rejects. `untrusted`: reads answer what is not proven. `stale`: no longer fresh. */
  condition: 'well' | 'away' | 'untrusted' | 'stale' = 'well';
  reached = 100n;
  readonly waits: string[] = [];
  private readonly organizations = new Map<
    string,
    { organization: Organization; roles: Record<string, Role> }
  >();
  private readonly keys: ApiKey[] = [];

  addOrganization(id: string, name: string, roles: Record<string, Role>): void {
    const organization = { id, name, status: 'active', createdAt: '2026-01-01T00:00:00.000Z' } as const;
    this.organizations.set(id, { organization, roles });
  }

  addKey(key: ApiKey): void {
    this.keys.push(key);
  }

  setRole(organizationId: string, userId: string, role: Role): void {
    this.organizations.get(organizationId)!.roles[userId] = role;
  }

  findByDigests(): Promise<Reading<KeyLookup>> {
    return this.read({ status: 'unknown' });
  }

  getKey(organizationId: string, keyId: string): Promise<Reading<ApiKey | undefined>> {
    return this.read(this.keys.find((key) => key.id === keyId && key.organizationId === organizationId));
  }

  listKeys(organizationId: string, { cursor, limit = 50 }: PageRequest = {}): Promise<Reading<Page<ApiKey>>> {
    if (cursor !== undefined && !/^c[0-9]+$/.test(cursor)) return Promise.reject(new BadCursorError('bad'));
    const from = Number(cursor?.slice(1) ?? 0);
    const all = this.keys.filter((key) => key.organizationId === organizationId);
    const items = all.slice(from, from + limit);
    const more = from + limit < all.length;
    return this.read({ items, ...(more && { nextCursor: `c${from + limit}` }) });
  }

  getOrganization(organizationId: string): Promise<Reading<Organization | undefined>> {
    return this.read(this.organizations.get(organizationId)?.organization);
  }

  getMember(organizationId: string, userId: string): Promise<Reading<Member | undefined>> {
    const role = this.organizations.get(organizationId)?.roles[userId];
    return this.read(role && { organizationId, userId, role });
  }

  listOrganizationsOf(userId: string): Promise<Reading<readonly (Organization & { role: Role })[]>> {
    return this.read(
      [...this.organizations.values()].flatMap(({ organization, roles }) =>
        roles[userId] ? [{ ...organization, role: roles[userId] }] : [],
      ),
    );
  }

  position(): Promise<Reading<string>> {
    return this.read(String(this.reached));
  }

  waitFor(position: string): Promise<boolean> {
    this.waits.push(position);
    return Promise.resolve(this.condition === 'well' && BigInt(position) <= this.reached);
  }

  state(): { connected: boolean; trusted: boolean } {
    return { connected: this.condition !== 'away', trusted: this.condition === 'well' };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  private read<Value>(value: Value): Promise<Reading<Value>> {
    if (this.condition === 'away')
      return Promise.reject(new ReadModelsUnavailableError('disconnected', 'gone'));
    const beganAtMs = performance.now();
    return Promise.resolve({
      value,
      beganAtMs,
      position: String(this.reached),
      trusted: this.condition !== 'untrusted',
      freshUntilMs: this.condition === 'stale' ? beganAtMs - 1 : beganAtMs + 250,
      freshForMs: () => 250,
    });
  }
}
