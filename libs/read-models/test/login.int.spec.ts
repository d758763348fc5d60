import { readFileSync, rmSync } from 'node:fs';
import { freePort, makeTestCertificate, startRedis, waitFor } from '@mcpstack/testing';
import { createClient } from '@redis/client';
import type { RedisPlace } from '@mcpstack/contracts';
import { openReadModels, ReadModelWriter } from '../src/index.ts';

const freshness = { deltaMs: 250, stampLifeMs: 1_000, leaseLifeMs: 600 };
const begun = (place: RedisPlace): Promise<string> =>
  new ReadModelWriter(place).begin().then(
    (session) => {
      session.end();
      return 'begun';
    },
    (error: Error) => error.message,
  );

it('a rotated password counts from the next connection on', async () => {
  const redis = await startRedis({ password: 'first' });
  let password = 'first';
  const place = { url: redis.url, login: () => ({ password }) };
  const reader = openReadModels({ ...place, freshness });
  await waitFor(() => reader.state().connected);
  expect(await begun(place)).toBe('begun');

  const operator = createClient({ url: redis.url, password: 'first' });
  await operator.connect();
  await operator.sendCommand(['CONFIG', 'SET', 'requirepass', 'second']);
  await operator.sendCommand(['CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes']);
  await waitFor(() => /WRONGPASS|invalid/.test(reader.state().reason ?? ''));
  expect(await begun(place)).toMatch(/WRONGPASS/);
  password = 'second';
  await waitFor(() => reader.state().connected, { timeoutMs: 10_000 });
  expect(await begun(place)).toBe('begun');
  expect(await begun({ url: redis.url })).toMatch(/NOAUTH/);
  await reader.close();
  operator.destroy();
  await redis.stop();
});

it('TLS takes the authority given, and no server without a certificate of it', async () => {
  const tls = await makeTestCertificate();
  const port = await freePort();
  const redis = await startRedis({
    config: `tls-port ${port}\ntls-cert-file ${tls.certFile}\ntls-key-file ${tls.keyFile}\ntls-auth-clients no`,
  });
  const url = `rediss://localhost:${port}`;
  const ca = () => readFileSync(tls.caFile, 'utf8');
  expect(await begun({ url, ca })).toBe('begun');
  expect(await begun({ url })).toMatch(/Redis (went away|is not connected)/);
  const other = await makeTestCertificate();
  expect(await begun({ url, ca: () => readFileSync(other.caFile, 'utf8') })).not.toBe('begun');
  await redis.stop();
  for (const { folder } of [tls, other]) rmSync(folder, { recursive: true });
});
