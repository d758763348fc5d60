import { createClient } from '@redis/client';
import { startRedis } from '@mcpstack/testing';
import { redisFacts } from '../src/index.ts';

it('tells what a server is set up to do, also where CONFIG is forbidden', async () => {
  const good = await startRedis();
  const bad = await startRedis({ config: 'appendonly no\nmaxmemory 50mb\nmaxmemory-policy allkeys-lru' });
  const replica = await startRedis({ config: `replicaof 127.0.0.1 ${good.port}` });
  const operator = createClient({ url: bad.url });
  await operator.connect();
  await operator.sendCommand(['ACL', 'SETUSER', 'managed', 'on', '>p', '~*', '+@all', '-config']);
  await operator.sendCommand(['ACL', 'SETUSER', 'strict', 'on', '>p', '~*', '+@all', '-info']);
  const as = (username: string) => ({ url: bad.url, login: () => ({ username, password: 'p' }) });

  expect(await redisFacts(good)).toMatchObject({
    role: 'master',
    maxmemoryPolicy: 'noeviction',
    appendOnly: true,
  });
  expect(await redisFacts(as('managed'))).toEqual({
    role: 'master',
    maxmemoryPolicy: 'allkeys-lru',
    appendOnly: false,
    replicas: 0,
  });
  expect(await redisFacts(replica)).toMatchObject({ role: 'slave' });
  const nothing = { role: undefined, maxmemoryPolicy: undefined, appendOnly: undefined, replicas: undefined };
  expect(await redisFacts(as('strict'))).toEqual(nothing);
  await expect(redisFacts({ url: 'redis://127.0.0.1:1' })).rejects.toMatchObject({ code: 'unavailable' });
  operator.destroy();
  await Promise.all([good.stop(), bad.stop(), replica.stop()]);
});
