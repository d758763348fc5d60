/** down/*, wrong-port/*, unknown-host/*, tls/*, auth/*, and the rest: who is not let in, and who does not answer. */
import { createServer, type Server } from 'node:http';
import { rm } from 'node:fs/promises';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { KurrentDBClient } from './client.ts';
import { all, event, scenario, several, type Act, type DefineCase, type Scenario } from './scenario.ts';
import { makeTestCertificate } from '@mcpstack/testing';

const USERS = {
  admin: { password: 'changeit', groups: ['$admins'] },
  alice: { password: 'wonderland', groups: [] },
};
const tls = await makeTestCertificate();

/** The five kinds of call of a client, as the recording made them. */
function calls(clientOf: (world: Scenario) => KurrentDBClient): Record<string, Act> {
  return {
    append: (world) => clientOf(world).appendToStream('x', event()),
    read: async (world) => (await all(clientOf(world).readStream('x'))).length,
    readAll: async (world) => (await all(clientOf(world).readAll({ maxCount: 1 }))).length,
    subscribe: (world) => errorOfSubscription(clientOf(world)),
    metadata: (world) => clientOf(world).getStreamMetadata('x'),
    delete: (world) => clientOf(world).deleteStream('x'),
  };
}

async function errorOfSubscription(client: KurrentDBClient) {
  const subscription = client.subscribeToAll();
  const [errorEvent] = (await new Promise<unknown[]>((resolve) => {
    subscription.on('error', (...args: unknown[]) => resolve(args));
  })) as [unknown];
  const { destroyed } = subscription as unknown as { destroyed: boolean };
  return { errorEvent, ms: 0, destroyed };
}

function each(
  it: DefineCase,
  prefix: string,
  names: string[],
  clientOf: (world: Scenario) => KurrentDBClient,
): void {
  const act = calls(clientOf);
  for (const name of names) it(`${prefix}/${name}`, act[name]!);
}

const EVERY = ['append', 'read', 'readAll', 'subscribe', 'metadata', 'delete'];

export function refusalScenarios(): void {
  afterAll(() => rm(tls.folder, { recursive: true, force: true }));
  scenario('no server', {}, noServer);
  scenario('users and passwords', { tls, users: USERS, url: (double) => double.url('admin:changeit') }, auth);
  scenario('TLS', { tls }, (it) => {
    each(it, 'tls/unknown-ca', ['append', 'read'], ({ connect, double }) =>
      connect(`kurrentdb://localhost:${double.port}`),
    );
    each(it, 'tls/plain-client-to-tls-port', ['append', 'read'], ({ connect, double }) =>
      connect(`kurrentdb://localhost:${double.port}?tls=false`),
    );
  });
  scenario('plain text, and the rest', {}, (it) => {
    each(it, 'tls/tls-client-to-plain-port', ['append', 'read'], ({ connect, double }) =>
      connect(`kurrentdb://localhost:${double.port}`),
    );
    const typeOf = async (act: () => Promise<unknown>) =>
      act().then(
        (value) => value,
        (error: { type: unknown }) => error.type,
      );
    it('multi/multiStreamAppend', ({ client }) =>
      client.multiStreamAppend([{ streamName: 'm1', events: [event()], expectedState: 'any' }] as never));
    it('multi/appendRecords', ({ client }) => client.appendRecords([] as never, [] as never));
    it('multi/nothing-written', ({ client }) => typeOf(() => all(client.readStream('m1'))));
    it('insecure/credentials-ignored', async ({ client }) => {
      await client.appendToStream('insecure', event());
      const credentials = { username: 'nobody', password: 'wrong' };
      return (await all(client.readStream('insecure', { credentials }))).length;
    });
    it('deadline/1ms/read', async ({ client }) => {
      await client.appendToStream('deadline', several(2));
      return (await all(client.readStream('deadline', { deadline: 1 }))).length;
    });
    it('deadline/1ms/metadata', ({ client }) => client.getStreamMetadata('x', { deadline: 1 }));
    it('disposed/append', async ({ connect }) => {
      const client = connect();
      await client.appendToStream('disposed', several(2));
      await client.dispose();
      return client.appendToStream('disposed', event());
    });
    it('disposed/read', async ({ connect }) => {
      const client = connect();
      await client.dispose();
      return (await all(client.readStream('disposed'))).length;
    });
    it('limits/subscriptions-95', (world) => ninetyFive(world));
    it('limits/300-concurrent-reads', async ({ client }) => {
      const reads = Array.from({ length: 300 }, () => all(client.readStream('disposed')));
      return { ok: (await Promise.all(reads)).length, ms: 0 };
    });
  });
}

async function ninetyFive({ connect }: Scenario) {
  const client = connect();
  const subscriptions = Array.from({ length: 95 }, () => client.subscribeToAll({ fromPosition: 'end' }));
  await Promise.all(
    subscriptions.map((one) => {
      one.on('error', () => undefined);
      return once(one, 'confirmation');
    }),
  );
  const settled = (work: Promise<unknown>) =>
    work.then(
      () => 'ok',
      (error: { type: string }) => error.type,
    );
  const append = await settled(client.appendToStream('limits', event()));
  const read = await settled(all(client.readStream('limits')));
  const remove = await settled(client.deleteStream('limits-none'));
  await Promise.all(subscriptions.map((one) => one.unsubscribe()));
  return { confirmed: subscriptions.length, append, read, delete: remove };
}

function noServer(it: DefineCase): void {
  let http: Server;
  const clients = new Map<string, KurrentDBClient>();
  const shared = (name: string, make: () => KurrentDBClient) => {
    if (!clients.has(name)) clients.set(name, make());
    return clients.get(name)!;
  };
  beforeAll(async () => {
    http = createServer((_request, response) => response.end('not gRPC'));
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
  });
  afterAll(() => void http.close());
  // Port 9 (discard) is closed on any machine that runs tests; the recorded number is masked.
  const refused = ({ connect }: Scenario) =>
    shared('refused', () => connect('kurrentdb://127.0.0.1:9?tls=false'));
  each(it, 'down/refused', EVERY, refused);
  for (const n of [1, 2, 3]) {
    it(`down/refused/same-client-append-${n}`, (world) => refused(world).appendToStream('x', event()));
  }
  each(it, 'wrong-port/http1-server', EVERY, ({ connect }) =>
    shared('http', () => connect(`kurrentdb://127.0.0.1:${(http.address() as AddressInfo).port}?tls=false`)),
  );
  each(it, 'unknown-host', EVERY, ({ connect }) =>
    shared('unknown', () => connect('kurrentdb://no-such-host.invalid:2113?tls=false')),
  );
}

function auth(it: DefineCase): void {
  const as = (credentials?: string) => {
    let client: KurrentDBClient | undefined;
    return ({ connect, double }: Scenario) => (client ??= connect(double.url(credentials)));
  };
  it('auth/admin/append', ({ client }) => client.appendToStream('x', event(), { streamState: 'no_stream' }));
  it('auth/admin/read', async ({ client }) => (await all(client.readStream('x'))).length);
  each(it, 'auth/wrong-password', EVERY, as('admin:wrong'));
  each(it, 'auth/none', EVERY, as());
  const credentials = { username: 'admin', password: 'wrong' };
  it('auth/per-call-wrong/append', ({ client }) => client.appendToStream('x', event(), { credentials }));
  it('auth/per-call-wrong/read', async ({ client }) => all(client.readStream('x', { credentials })));
  const alice = as('alice:wonderland');
  it('auth/acl/set', ({ client }) =>
    client.setStreamMetadata('x', { acl: { readRoles: ['$admins'], writeRoles: ['$admins'] } }));
  it('auth/acl/append-denied', (world) => alice(world).appendToStream('x', event()));
  it('auth/acl/read-denied', async (world) => all(alice(world).readStream('x')));
  it('auth/acl/subscribeToAll-denied', (world) => errorOfSubscription(alice(world)));
}
