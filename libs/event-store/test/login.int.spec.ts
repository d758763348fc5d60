import { rmSync } from 'node:fs';
import { makeTestCertificate, startNats, waitFor } from '@mcpstack/testing';
import { openEventStore } from '../src/index.ts';
import { events, freshStream } from './contract/tools.ts';
import { KurrentDbDouble } from './kurrentdb-double/start-double.ts';

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
