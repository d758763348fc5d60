/** What a log comes to, in figures. */
import { type LogFold } from '@mcpstack/replay';

export interface Summary {
  events: number;
  /** Positions and recorded times of the first and of the last event. */
  first?: { position: string; at: string };
  last?: { position: string; at: string };
  /** Beyond the first of their stream, and without the digest of the event before. */
  unchained: number;
  /** By type, the most frequent first. */
  types: Readonly<Record<string, number>>;
  organizations: Counts;
  members: Counts;
  invitations: Counts;
  agents: Counts;
  domains: Counts;
  servers: Counts;
  /** By what was recorded: a key whose expiry has come since counts as active until it is recorded. */
  serviceKeys: Counts;
  publishableKeys: Counts;
  profiles: number;
  /** Of keys, as far as they were counted. */
  uses: number;
}

/** How many of each state. */
export type Counts = Readonly<Record<string, number>>;

export function summaryOf(fold: LogFold): Summary {
  const { organizations, users, agents, servers, keys, usage } = fold.state;
  const [members, invitations, domains] = [new Tally(), new Tally(), new Tally()];
  for (const organization of organizations.values()) {
    for (const { state } of organization.members.values()) members.add(state);
    for (const { state } of organization.invitations.values()) invitations.add(state);
  }
  for (const agent of agents.values()) for (const { state } of agent.domains.values()) domains.add(state);
  const [service, publishable] = [new Tally(), new Tally()];
  for (const { kind, state } of keys.values()) (kind === 'service' ? service : publishable).add(state);
  let uses = 0;
  for (const { count } of usage.values()) uses += count;
  let profiles = 0;
  for (const { profile } of users.values()) if (profile) profiles += 1;
  return {
    events: fold.count,
    ...(fold.first && { first: placeOf(fold.first) }),
    ...(fold.last && { last: placeOf(fold.last) }),
    unchained: fold.unchained,
    types: Object.fromEntries([...fold.types].sort(([a, m], [b, n]) => n - m || a.localeCompare(b))),
    organizations: statesOf(organizations.values()),
    members: members.counts,
    invitations: invitations.counts,
    agents: statesOf(agents.values()),
    domains: domains.counts,
    servers: statesOf(servers.values()),
    serviceKeys: service.counts,
    publishableKeys: publishable.counts,
    profiles,
    uses,
  };
}

/** @example countsText({ active: 2, revoked: 1 }); // '3: 2 active, 1 revoked' */
export function countsText(counts: Counts): string {
  const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const parts = Object.entries(counts).map(([state, count]) => `${numberText(count)} ${state}`);
  if (parts.length === 0) return 'none';
  return parts.length === 1 ? parts[0]! : `${numberText(all)}: ${parts.join(', ')}`;
}

export function numberText(count: number): string {
  return count.toLocaleString('en');
}

function placeOf({ position, metadata }: NonNullable<LogFold['first']>): { position: string; at: string } {
  const at = metadata['at'];
  return { position: position.toString(), at: typeof at === 'string' ? at : 'unknown' };
}

function statesOf(things: Iterable<{ state: string }>): Counts {
  const tally = new Tally();
  for (const { state } of things) tally.add(state);
  return tally.counts;
}

class Tally {
  readonly #counts = new Map<string, number>();

  add(state: string): void {
    this.#counts.set(state, (this.#counts.get(state) ?? 0) + 1);
  }

  get counts(): Counts {
    return Object.fromEntries([...this.#counts].sort(([a], [b]) => a.localeCompare(b)));
  }
}
