/** A NATS server with the users of deploy/nats, and what it lets a user do. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LogFile } from '@mcpstack/local-servers';
import { startNats, type LocalServer } from '@mcpstack/testing';

export const DEPLOYED = join(import.meta.dirname, '..', '..', '..', 'deploy', 'nats');
const ACCOUNTS = ['keys', 'log'];

export interface GuardedNats {
  server: LocalServer;
  port: number;
  /** `host:port`. */
  address: string;
  /** Where the passwords stand. */
  folder: string;
  password(user: string): string;
  /** With credentials. */
  url(user: string): string;
  /** What the server wrote of what it refused. */
  refusals(): string[];
  stop(): Promise<void>;
}

/**
 * @param change edits a file of deploy/nats before the server reads it, to show that it matters.
 * @param more lines of the configuration, such as TLS.
 */
export async function startGuardedNats(
  change: (text: string, file: string) => string = (text) => text,
  more = '',
): Promise<GuardedNats> {
  const folder = mkdtempSync(join(tmpdir(), 'mcpstack-nats-'));
  const dataDir = join(folder, 'data');
  mkdirSync(dataDir);
  execFileSync(process.execPath, [join(DEPLOYED, 'make-passwords.mjs'), folder]);
  for (const account of ACCOUNTS) {
    const file = `${account}-users.conf`;
    writeFileSync(join(dataDir, file), change(readFileSync(join(DEPLOYED, file), 'utf8'), file));
    copyFileSync(join(folder, `${account}-passwords.conf`), join(dataDir, `${account}-passwords.conf`));
  }
  const accounts = readFileSync(join(DEPLOYED, 'accounts.conf'), 'utf8');
  const log = new LogFile(join(folder, 'nats.log'));
  const server = await startNats({
    dataDir,
    log,
    config: `${more}\n${accounts}`,
  });
  const password = (user: string) => readFileSync(join(folder, `${user}.password`), 'utf8').trim();
  return {
    server,
    port: server.port,
    address: `127.0.0.1:${server.port}`,
    folder,
    password,
    url: (user) => `nats://${user}:${password(user)}@127.0.0.1:${server.port}`,
    refusals: () =>
      readFileSync(log.path, 'utf8')
        .split('\n')
        .filter((line) => /violation|authentication error/i.test(line)),
    async stop() {
      await server.stop();
      await log.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export interface Probe {
  subject: string;
  /** Of a subscription. */
  queue?: string;
}

/** Which of these the server refuses the user, in its own words: the protocol itself, with no client in between. */
export async function refused(
  nats: GuardedNats,
  user: string,
  verb: 'publish' | 'subscribe',
  probes: readonly Probe[],
): Promise<Set<Probe>> {
  const lines = probes.map(({ subject, queue }, index) =>
    verb === 'publish'
      ? `PUB ${subject} 0\r\n\r\n`
      : `SUB ${subject} ${queue ? `${queue} ` : ''}${index}\r\n`,
  );
  const login = { user, pass: nats.password(user), verbose: false, pedantic: false, headers: true };
  // A PING after each: what is refused is said before its PONG.
  const text = await talk(
    nats.port,
    `CONNECT ${JSON.stringify(login)}\r\n${lines.join('PING\r\n')}PING\r\n`,
    lines.length,
  );
  const answers = text.slice(text.indexOf('\r\n') + 2).split('PONG\r\n');
  return new Set(probes.filter((_, index) => answers[index]!.includes("-ERR 'Permissions Violation")));
}

function talk(port: number, text: string, pongs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    let heard = '';
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      heard += chunk;
      if (heard.split('PONG\r\n').length > pongs) {
        resolve(heard);
        socket.destroy();
      }
    });
    socket.once('error', reject);
    socket.once('close', () => reject(new Error(`the server closed: ${heard.slice(-200)}`)));
  });
}
