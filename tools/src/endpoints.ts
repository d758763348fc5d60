/** Checks what the person set (URLs, a port) before anything is started. */
import { connect } from 'node:net';
import { parseNatsUrl } from '@mcpstack/contracts';
import { isPortFree } from '@mcpstack/local-servers';
import { LauncherError } from './launcher-error.ts';

const CONNECT_TIMEOUT_MS = 3_000;
const DEFAULT_PORT = 8080;
const PORTS_TRIED = 100;

export interface Endpoints {
  natsUrl?: string;
  redisUrl?: string;
  eventStoreUrl?: string;
}

type Address = { host: string; port: number };

/**
 * Reads NATS_URL, REDIS_URL and EVENT_STORE_URL, and sees that somebody listens there.
 * @throws LauncherError `bad-setting` or `unreachable`; the message never repeats credentials.
 */
export async function readEndpoints(env: NodeJS.ProcessEnv): Promise<Endpoints> {
  const { NATS_URL: natsUrl, REDIS_URL: redisUrl, EVENT_STORE_URL: eventStoreUrl } = env;
  const checks: [string, Address[]][] = [];
  if (natsUrl) checks.push(['NATS_URL', natsAddresses('NATS_URL', natsUrl)]);
  if (redisUrl) checks.push(['REDIS_URL', redisAddresses(redisUrl)]);
  if (eventStoreUrl) checks.push(['EVENT_STORE_URL', eventStoreAddresses(eventStoreUrl)]);
  await Promise.all(checks.map(([name, addresses]) => seeThatOneListens(name, addresses)));
  return {
    ...(natsUrl ? { natsUrl } : {}),
    ...(redisUrl ? { redisUrl } : {}),
    ...(eventStoreUrl ? { eventStoreUrl } : {}),
  };
}

function natsAddresses(name: string, url: string): Address[] {
  try {
    return parseNatsUrl(url).servers.map((server) => addressOf(`nats://${server}`, 4222));
  } catch (error) {
    throw badSetting(name, (error as Error).message);
  }
}

function redisAddresses(url: string): Address[] {
  const good = URL.canParse(url) && /^rediss?:$/.test(new URL(url).protocol) && new URL(url).hostname;
  if (!good) throw badSetting('REDIS_URL', 'write redis://host:6379 (or rediss:// for TLS)');
  return [addressOf(url, 6379)];
}

function eventStoreAddresses(url: string): Address[] {
  const advice = 'write kurrentdb://host:2113 for KurrentDB or nats://host:4222 for JetStream';
  if (/^(nats|tls):\/\//.test(url)) return natsAddresses('EVENT_STORE_URL', url);
  const match = /^(esdb|kurrentdb)(\+discover)?:\/\/([^/?]+)/.exec(url);
  const hosts = match?.[3]?.replace(/^.*@/, '').split(',') ?? [];
  if (!match || !hosts.every((host) => host && URL.canParse(`nats://${host}`))) {
    throw badSetting('EVENT_STORE_URL', advice);
  }
  // A cluster's name may resolve to many nodes; the client finds them, we do not.
  return match[2] ? [] : hosts.map((host) => addressOf(`nats://${host}`, 2113));
}

function addressOf(url: string, defaultPort: number): Address {
  const { hostname, port } = new URL(url);
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || defaultPort) };
}

function badSetting(name: string, advice: string): LauncherError {
  return new LauncherError('bad-setting', `${name} cannot be used: ${advice}.`);
}

async function seeThatOneListens(name: string, addresses: Address[]): Promise<void> {
  if (addresses.length === 0) return;
  const answers = await Promise.all(addresses.map(listens));
  if (answers.includes(true)) return;
  const where = addresses.map(({ host, port }) => `${host}:${port}`).join(', ');
  throw new LauncherError(
    'unreachable',
    `Nobody answers at ${where}, where ${name} points: start that server, or correct or unset ${name}.`,
  );
}

function listens({ host, port }: Address): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: CONNECT_TIMEOUT_MS });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => end(true));
    socket.once('timeout', () => end(false));
    socket.once('error', () => end(false));
  });
}

/**
 * The port for HTTP: the one asked for, else 8080 or the next free one.
 * @throws LauncherError `port-in-use`
 */
export async function choosePort(wanted?: number): Promise<number> {
  const candidates =
    wanted === undefined ? Array.from({ length: PORTS_TRIED }, (_, index) => DEFAULT_PORT + index) : [wanted];
  for (const port of candidates) if (await isPortFree(port)) return port;
  throw new LauncherError(
    'port-in-use',
    wanted === undefined
      ? `Ports ${DEFAULT_PORT} to ${DEFAULT_PORT + PORTS_TRIED - 1} are all in use: choose another with --port.`
      : `Port ${wanted} is in use: stop what listens there, or choose another with --port.`,
  );
}
