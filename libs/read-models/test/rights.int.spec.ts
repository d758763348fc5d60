/** With the rights of deploy/redis, and with one too few. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_FRESHNESS, type RedisPlace } from '@mcpstack/contracts';
import { repositoryRoot } from '@mcpstack/local-servers';
import { startRedis, waitFor } from '@mcpstack/testing';
import { openReadModels, ReadModelWriter } from '../src/index.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mcpstack-redis-rights-'));
  execFileSync(process.execPath, [join(repositoryRoot(), 'deploy', 'redis', 'make-users.mjs'), folder]);
});
afterAll(() => rmSync(folder, { recursive: true }));

const login = (user: string) => ({
  user,
  password: readFileSync(join(folder, `${user}.password`), 'utf8').trim(),
});

/** A server with these users, and the place of one of them. */
async function start(change: (acl: string) => string = (acl) => acl) {
  const users = join(folder, 'changed.acl');
  writeFileSync(users, change(readFileSync(join(folder, 'users.acl'), 'utf8')));
  const server = await startRedis({ config: `aclfile ${users}`, login: login('operator') });
  const as = (username: string): RedisPlace => ({
    url: server.url,
    login: () => ({ username, password: login(username).password }),
  });
  return { server, as };
}

it('a session is begun by the projection, and by nobody who reads; a reader reads', async () => {
  const { server, as } = await start();
  const session = await new ReadModelWriter(as('projection')).begin();
  session.end();
  await expect(new ReadModelWriter(as('authorizer')).begin()).rejects.toThrow("can't access");
  await expect(new ReadModelWriter(as('gateway')).begin()).rejects.toThrow("can't run this command");
  const models = openReadModels({ ...as('authorizer'), freshness: DEFAULT_FRESHNESS });
  await waitFor(() => models.state().connected, { what: 'the authorizer to be connected' });
  await expect(models.position()).rejects.toThrow('no read models are in force');
  await models.close();
  await server.stop();
});

it('control: without INFO, which the usual "-@dangerous" takes, nothing is read', async () => {
  const { server, as } = await start((acl) => acl.replaceAll(' +info', ''));
  const models = openReadModels({ ...as('authorizer'), freshness: DEFAULT_FRESHNESS });
  await waitFor(() => /can't run this command/.test(models.state().reason ?? ''), { what: 'the refusal' });
  await models.close();
  await server.stop();
});
