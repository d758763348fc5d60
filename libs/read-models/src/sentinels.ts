/**
 * Asks Redis's sentinels where the primary is. What they say is an address and no proof: who answers there proves by
 * its identity and role, in the same step as every read and write, that it may be believed (G4).
 */
import type { SentinelPlace } from '@mcpstack/contracts';
import { Connection, type ConnectOptions } from './connection.ts';
import { ReadModelsUnavailableError } from './errors.ts';

/**
 * The primary's URL: what more than half of all sentinels say, as soon as that is known; else what most say of those
 * that answer in time. One that is cut off from the others may not know of a fail-over yet.
 * @throws ReadModelsUnavailableError when none answers in time, or none knows the name.
 */
export async function askSentinels(
  { name, servers, login }: SentinelPlace,
  options: ConnectOptions,
): Promise<string> {
  const votes = new Map<string, number>();
  let failure: unknown;
  const majority = new Promise<string>((resolve) => {
    const asked = servers.map(async (server) => {
      try {
        const url = `${new URL(options.url).protocol}//${server}`;
        const address = await ask(name, { ...options, url, login, scripts: [] });
        const count = (votes.get(address) ?? 0) + 1;
        votes.set(address, count);
        if (count > servers.length / 2) resolve(address);
      } catch (error) {
        failure = error;
      }
    });
    void Promise.all(asked).then(() => resolve(mostVoted(votes)));
  });
  const address = await majority;
  if (address) return urlOf(options.url, address);
  throw new ReadModelsUnavailableError(
    'disconnected',
    `no sentinel says where the primary ${name} is${failure instanceof Error ? `: ${failure.message}` : ''}`,
    { cause: failure },
  );
}

async function ask(name: string, options: ConnectOptions): Promise<string> {
  const connection = await Connection.make(options);
  try {
    const reply = await connection.command(['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', name]);
    const [host, port] = Array.isArray(reply) ? reply.map(String) : [];
    if (!host || !port) throw new ReadModelsUnavailableError('server-error', `it knows no primary ${name}`);
    return `${host.includes(':') ? `[${host}]` : host}:${port}`;
  } finally {
    connection.drop(new ReadModelsUnavailableError('closed', 'the sentinel has answered'));
  }
}

function mostVoted(votes: ReadonlyMap<string, number>): string {
  return [...votes].sort(([, a], [, b]) => b - a)[0]?.[0] ?? '';
}

/** The same at another address: scheme, database, and credentials, which are those of the primary. */
export function urlOf(url: string, address: string): string {
  const primary = new URL(url);
  primary.host = address;
  return primary.href;
}
