import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeTestCertificate, startNats, waitFor } from '@mcpstack/testing';
import { openEventStore, type EventStore } from '../src/index.ts';
import { events, freshStream } from './contract/tools.ts';
import { KurrentDbDouble, type DoubleOptions } from './kurrentdb-double/start-double.ts';

const opened = (...args: Parameters<typeof openEventStore>): Promise<string> =>
  openEventStore(...args).then(
    (store) => store.close().then(() => 'opened'),
    (error: { code: string }) => error.code,
  );

it('JetStream: user and password by reference, and the authority of its certificate', async () => {
  const tls = await makeTestCertificate();
  const config = `tls { cert_file: "${tls.certFile}", key_file: "${tls.keyFile}" }`;
  const server = await startNats({ user: 'issuance', password: 'right', config });
  const url = server.url.replace('nats:', 'tls:');
  const login = () => ({ user: 'issuance', password: 'right' });
  const wrong = () => ({ user: 'issuance', password: 'wrong' });
  expect(await opened(url, { login, caFile: tls.caFile })).toBe('opened');
  expect(await opened(url, { login: wrong, caFile: tls.caFile })).toBe('access-denied');
  expect(await opened(url, { login })).toBe('unavailable');
  await server.stop();
  rmSync(tls.folder, { recursive: true });
}, 30_000);

it('KurrentDB: the same, and a rotated password counts without opening it again', async () => {
  const tls = await makeTestCertificate();
  const users = { issuance: { password: 'p@ss:w/rd%', groups: ['$admins'] } };
  const double = await KurrentDbDouble.start({ users, tls });
  const url = `kurrentdb://localhost:${double.port}`;
  let password = users.issuance.password;
  const login = () => ({ user: 'issuance', password });
  const store = await openEventStore(url, { login, caFile: tls.caFile });
  const append = () => store.append(freshStream(), 'no_stream', events(1));
  await append();
  expect(await opened(url, { caFile: tls.caFile })).toBe('access-denied');

  await double.kill();
  users.issuance.password = 'second';
  await double.restart();
  await expect(append()).rejects.toMatchObject({ code: 'access-denied' });
  password = 'second';
  await waitFor(
    () =>
      append().then(
        () => true,
        () => false,
      ),
    { timeoutMs: 10_000 },
  );
  await store.close();
  await double.stop();
  rmSync(tls.folder, { recursive: true });
}, 60_000);

it('KurrentDB: a certificate of another authority is believed by who was started with both; a new file alone is not read', async () => {
  const [first, second] = [await makeTestCertificate(), await makeTestCertificate()];
  const users = { issuance: { password: 'right', groups: ['$admins'] } };
  const options: DoubleOptions = { users, tls: first };
  const double = await KurrentDbDouble.start(options);
  const url = `kurrentdb://localhost:${double.port}`;
  const login = () => ({ user: 'issuance', password: 'right' });
  const both = join(first.folder, 'both.pem');
  const late = join(first.folder, 'late.pem');
  copyFileSync(first.caFile, late);
  writeFileSync(both, [first, second].map(({ caFile }) => readFileSync(caFile, 'utf8')).join(''));
  const [knowing, unknowing] = [
    await openEventStore(url, { login, caFile: both }),
    await openEventStore(url, { login, caFile: late }),
  ];
  const append = (store: EventStore) => store.append(freshStream(), 'no_stream', events(1));
  const isTaken = (store: EventStore) =>
    append(store).then(
      () => true,
      () => false,
    );
  for (const store of [knowing, unknowing]) await append(store);

  await double.kill();
  options.tls = second;
  await double.restart();
  await waitFor(() => isTaken(knowing), { what: 'an append where both are trusted' });
  copyFileSync(both, late);
  await expect(append(unknowing)).rejects.toMatchObject({ code: 'unavailable' });
  // After a restart it is.
  expect(await opened(url, { login, caFile: late })).toBe('opened');
  await Promise.all([knowing.close(), unknowing.close()]);
  await double.stop();
  for (const { folder } of [first, second]) rmSync(folder, { recursive: true });
}, 120_000);
