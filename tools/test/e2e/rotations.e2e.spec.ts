/**
 * Rotations under load, as docs/operations.md has them: passwords of NATS users, of the log and of Redis, and
 * certificates. No check fails, and no command is lost; in the wrong order checks do fail.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  freePort,
  makeTestCertificate,
  startRedis,
  waitFor,
  type LocalServer,
  type TestCertificate,
} from '@mcpstack/testing';
import { createClient } from '@redis/client';
import { judge } from '../drill/judge.ts';
import { Load } from '../drill/load.ts';
import { loginAs, loginSettings } from '../nats/logins.ts';
import { DEPLOYED, startGuardedNats, type GuardedNats } from '../nats/server.ts';
import { Product, STEADY } from './product.ts';

const AUTHORIZERS = ['authorizer', 'authorizer-2'];
const ON_REDIS = [...AUTHORIZERS, 'projection', 'projection-2'];

let folder: string;
/** In turn: the certificate of both servers, with its authority. */
let certificates: TestCertificate[];
let nats: GuardedNats;
let redis: LocalServer;
let product: Product;
const at = (name: string) => join(folder, name);
const verifier = () => ({ ...loginAs(nats, 'verifier'), tls: { caFile: at('ca.pem') } });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mcpstack-rotations-'));
  certificates = [await makeTestCertificate(), await makeTestCertificate(), await makeTestCertificate()];
  serve(certificates[0]!);
  trust(certificates[0]!);
  writeFileSync(at('redis.password'), 'first', { mode: 0o600 });
  const tlsPort = await freePort();
  nats = await startGuardedNats(
    undefined,
    `tls { cert_file: "${at('server.pem')}", key_file: "${at('server.key')}" }`,
  );
  redis = await startRedis({
    password: 'first',
    config: `tls-port ${tlsPort}\ntls-cert-file ${at('server.pem')}\ntls-key-file ${at('server.key')}\ntls-auth-clients no`,
  });
  product = await Product.start({
    natsUrl: `tls://${nats.address}`,
    redisUrl: `rediss://localhost:${tlsPort}`,
    instances: { authorizer: 2, projection: 2 },
    envOf: (service) => loginSettings(nats, service),
    nats: verifier(),
    env: {
      ...STEADY,
      NATS_CA_FILE: at('ca.pem'),
      REDIS_CA_FILE: at('ca.pem'),
      EVENT_STORE_CA_FILE: at('ca.pem'),
      REDIS_PASSWORD_FILE: at('redis.password'),
    },
  });
}, 600_000);
afterAll(async () => {
  await product?.stop();
  await nats?.stop();
  await redis?.stop();
  for (const one of [folder, ...certificates.map(({ folder: made }) => made)])
    rmSync(one, { recursive: true, force: true });
});

/** What both servers show, once they have read it. */
function serve(certificate: TestCertificate): void {
  copyFileSync(certificate.certFile, at('server.pem'));
  copyFileSync(certificate.keyFile, at('server.key'));
}

/** Which authorities all services trust. */
function trust(...some: TestCertificate[]): void {
  writeFileSync(at('ca.pem'), some.map(({ caFile }) => readFileSync(caFile, 'utf8')).join(''));
}

/** New passwords of these users, in their files; the server learns of them by `reload`. */
function renew(...users: string[]): void {
  execFileSync(process.execPath, [join(DEPLOYED, 'make-passwords.mjs'), nats.folder, ...users]);
  for (const file of ['keys-passwords.conf', 'log-passwords.conf'])
    copyFileSync(join(nats.folder, file), join(nats.server.dataDir, file));
}

const reload = () => process.kill(nats.server.pid, 'SIGHUP');

/** Redis' operator, who has the first password as long as there is one and may do everything. */
async function asOperator(...commands: string[][]): Promise<void> {
  const operator = createClient({
    url: redis.url,
    password: readFileSync(at('redis.password'), 'utf8'),
  });
  await operator.connect();
  for (const command of commands) await operator.sendCommand(command);
  operator.destroy();
}
const KILL = ['CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes'];
const showCertificate = ['CONFIG', 'SET', 'tls-cert-file'];

async function oneAfterTheOther(names: readonly string[], env?: Record<string, string>): Promise<void> {
  for (const name of names) await product.stack.service(name).restart({ ...(env && { env }) });
}

/** Does the work under load. */
async function underLoad(work: (load: Load) => Promise<void>, commanders = 1): Promise<Load> {
  const load = await Load.start(product, { nats: verifier(), commanders });
  try {
    await load.goOn();
    await work(load);
  } finally {
    await load.stop();
  }
  return load;
}

/** No check failed, no revoked key was let in, and each command stands in the log once. */
async function expectUnfelt(load: Load): Promise<void> {
  expect(load.failures).toEqual({});
  expect(load.counts).toMatchObject({ failed: 0, revived: 0 });
  const login = () => ({ user: 'auditor', password: nats.password('auditor') });
  const events = await product.log({ login, caFile: at('ca.pem') });
  expect(judge(events, load.made)).toEqual({ lost: [], twice: [] });
}

/** The load feels it, until it is mended. */
async function expectFelt(breakIt: () => unknown, mend: () => unknown): Promise<void> {
  await underLoad(async ({ counts }) => {
    await breakIt();
    try {
      // What was read before is good for Δ.
      await waitFor(() => counts.failed > 0, { what: 'a check to fail' });
    } finally {
      await mend();
    }
  }, 0);
  // The next case finds them all in health again.
  for (const service of product.stack.services.values()) await service.ready();
}

describe('users of NATS', () => {
  it('those that commands and the log go through: a new password in the file, then a reload', async () => {
    const load = await underLoad(async (going) => {
      for (const user of ['gateway', 'issuance', 'projection', 'issuance-log', 'projection-log']) {
        renew(user);
        reload();
        await going.goOn({ checks: 50, commands: 2 });
      }
    });
    await expectUnfelt(load);
  }, 600_000);

  it('the authorizers: a twin meanwhile, so that no connection of theirs is closed', async () => {
    const users = readFileSync(join(nats.server.dataDir, 'keys-users.conf'), 'utf8');
    const as = (user: string) => ({
      NATS_USER: user,
      NATS_PASSWORD_FILE: join(nats.folder, `${user}.password`),
    });
    const load = await underLoad(async (going) => {
      const twin = [join(DEPLOYED, 'second-user.mjs'), nats.server.dataDir, 'authorizer', nats.folder];
      execFileSync(process.execPath, twin);
      reload();
      await oneAfterTheOther(AUTHORIZERS, as('authorizer_2'));
      const second = /^NATS_PASSWORD_AUTHORIZER_2.*\n/m;
      const hashes = join(nats.server.dataDir, 'keys-passwords.conf');
      const [line] = second.exec(readFileSync(hashes, 'utf8'))!;
      renew('authorizer');
      writeFileSync(hashes, readFileSync(hashes, 'utf8') + line);
      reload();
      await oneAfterTheOther(AUTHORIZERS, as('authorizer'));
      renew();
      writeFileSync(join(nats.server.dataDir, 'keys-users.conf'), users);
      reload();
      await going.goOn();
    });
    await expectUnfelt(load);
  }, 600_000);

  it('control: the old password is gone before the authorizers have the new one', async () => {
    const file = join(nats.folder, 'authorizer.password');
    const old = readFileSync(file, 'utf8');
    await expectFelt(
      () => {
        renew('authorizer');
        copyFileSync(file, `${file}.new`);
        writeFileSync(file, old);
        reload();
      },
      () => copyFileSync(`${file}.new`, file),
    );
  }, 600_000);
});

describe('Redis', () => {
  it('the password: two for a while', async () => {
    const load = await underLoad(async (going) => {
      await asOperator(['ACL', 'SETUSER', 'default', '>second']);
      writeFileSync(at('redis.password'), 'second');
      await asOperator(['ACL', 'SETUSER', 'default', '<first']);
      await oneAfterTheOther(ON_REDIS);
      await going.goOn();
    });
    await expectUnfelt(load);
  }, 600_000);

  it('control: the old one is gone first', async () => {
    await expectFelt(
      () => asOperator(['ACL', 'SETUSER', 'default', 'resetpass', '>third'], KILL),
      () => writeFileSync(at('redis.password'), 'third'),
    );
  }, 600_000);
});

describe('certificates of NATS, the log and Redis', () => {
  it('of another authority: it is trusted first, and shown then', async () => {
    const [first, second] = certificates as [TestCertificate, TestCertificate];
    const load = await underLoad(async (going) => {
      trust(first, second);
      serve(second);
      reload();
      await asOperator([...showCertificate, at('server.pem'), 'tls-key-file', at('server.key')]);
      trust(second);
      await oneAfterTheOther(ON_REDIS);
      await going.goOn();
    });
    await expectUnfelt(load);
  }, 600_000);

  it('control: it is shown before it is trusted', async () => {
    const third = certificates[2]!;
    await expectFelt(
      async () => {
        serve(third);
        await asOperator([...showCertificate, at('server.pem'), 'tls-key-file', at('server.key')], KILL);
      },
      () => trust(third),
    );
  }, 600_000);
});
