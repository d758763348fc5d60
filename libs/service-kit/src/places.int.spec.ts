import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeTestCertificate, startNats, waitFor, type TestCertificate } from '@mcpstack/testing';
import { CommandClient } from './command-client.ts';
import { connectNats } from './nats.ts';
import { natsPlace, type NatsConfig } from './places.ts';

let folder: string;
let tls: TestCertificate;
const file = (name: string, content: string): string => {
  const path = join(folder, name);
  writeFileSync(path, content, { mode: 0o600 });
  return path;
};
const connected = (config: NatsConfig): Promise<string> =>
  connectNats(natsPlace(config), 'spec').then(
    (connection) => connection.close().then(() => 'connected'),
    (error: Error) => error.message,
  );

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'places-'));
  tls = await makeTestCertificate();
});
afterAll(() => {
  rmSync(folder, { recursive: true });
  rmSync(tls.folder, { recursive: true });
});

describe('logging in to NATS by a password in a file', () => {
  it('takes the file as it is at each connection: a rotated password counts without a restart', async () => {
    const NATS_PASSWORD_FILE = file('password', 'first\n');
    const before = await startNats({ user: 'gateway', password: 'first' });
    const config = { NATS_URL: before.url, NATS_USER: 'gateway', NATS_PASSWORD_FILE };
    const connection = await connectNats(natsPlace(config), 'spec');
    const inUrl = await connectNats(before.url.replace('//', '//gateway:first@'), 'spec');
    const nest = new CommandClient(natsPlace(config), 'spec');
    await nest.connect();

    await before.stop();
    writeFileSync(NATS_PASSWORD_FILE, 'second\n');
    const after = await startNats({ port: before.port, user: 'gateway', password: 'second' });
    // Both are tried again for ever; the control, whose password stands in its URL, is refused each time.
    await waitFor(
      () =>
        connection.rtt().then(
          () => true,
          () => false,
        ),
      { timeoutMs: 20_000 },
    );
    await expect(inUrl.rtt().then(() => 'back')).rejects.toThrow();
    const again = new CommandClient(natsPlace(config), 'spec');
    await again.connect();

    // A file that is gone for a moment, in the middle of a rotation: the last content counts.
    rmSync(NATS_PASSWORD_FILE);
    await connection.reconnect();
    await waitFor(
      () =>
        connection.rtt().then(
          () => true,
          () => false,
        ),
      { timeoutMs: 20_000 },
    );
    await Promise.all([connection.close(), inUrl.close(), nest.close(), again.close()]);
    await after.stop();
  }, 60_000);
});

describe('TLS to NATS', () => {
  it('needs the authority in NATS_CA_FILE, and a server that speaks it', async () => {
    const secure = await startNats({
      config: `tls { cert_file: "${tls.certFile}", key_file: "${tls.keyFile}" }`,
    });
    const plain = await startNats();
    const [there, unsafe] = [secure, plain].map(({ url }) => url.replace('nats:', 'tls:')) as [
      string,
      string,
    ];
    const NATS_CA_FILE = tls.caFile;
    expect(await connected({ NATS_URL: there, NATS_CA_FILE })).toBe('connected');
    expect(await connected({ NATS_URL: there })).toMatch(/^NATS cannot be used \(.*certificate/);
    const other = await makeTestCertificate();
    expect(await connected({ NATS_URL: there, NATS_CA_FILE: other.caFile })).toMatch(/^NATS cannot be used/);
    expect(await connected({ NATS_URL: unsafe, NATS_CA_FILE })).toMatch(/does not support 'tls'/);
    expect(await connected({ NATS_URL: plain.url })).toBe('connected');
    rmSync(other.folder, { recursive: true });
    await Promise.all([secure.stop(), plain.stop()]);
  }, 30_000);
});
