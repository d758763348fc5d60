/** The leaf node of deploy/kubernetes/examples/nats, with an authorizer beside it: what passes it, and what does not. */
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { COMMAND_SUBJECTS, VERIFY_SUBJECT, type VerifyReply } from '@mcpstack/contracts';
import {
  freePort,
  makeTestCertificate,
  startNats,
  waitFor,
  type LocalServer,
  type TestCertificate,
} from '@mcpstack/testing';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { parseAllDocuments } from 'yaml';
import { FAST, Product } from '../e2e/product.ts';
import { loginAs, loginSettings } from './logins.ts';
import { DEPLOYED, startGuardedNats, type GuardedNats } from './server.ts';

const EXAMPLE = join(DEPLOYED, '..', 'kubernetes', 'examples', 'nats', 'leaf-nodes.yaml');
const ISSUANCE = COMMAND_SUBJECTS.createKey;

let certificate: TestCertificate;
const closing: (() => unknown)[] = [];
beforeAll(async () => {
  certificate = await makeTestCertificate();
  closing.push(() => rmSync(certificate.folder, { recursive: true }));
});
afterAll(async () => {
  for (const close of closing.reverse()) await close();
});

/** The configuration of the example, with the places of this machine. */
function leafConfig(): string {
  const documents = parseAllDocuments(readFileSync(EXAMPLE, 'utf8')).map((one) => one.toJS() as unknown);
  const text = (documents[0] as { data: Record<string, string> }).data['nats.conf']!;
  const config = text
    .replace(/^(listen|http|pid_file|max_payload):.*\n/gm, '')
    .replace('/etc/nats/tls/tls.crt', certificate.certFile)
    .replace('/etc/nats/tls/tls.key', certificate.keyFile)
    .replace('/etc/nats/tls/ca.crt', certificate.caFile);
  expect(config).not.toContain('/etc/');
  return config;
}

/** @param change edits the users that the hub knows. */
async function pair(change?: (text: string) => string): Promise<{ hub: GuardedNats; leaf: LocalServer }> {
  const port = await freePort();
  const { certFile, keyFile } = certificate;
  const hub = await startGuardedNats(
    change && ((text, file) => (file === 'keys-users.conf' ? change(text) : text)),
    `leafnodes { listen: "127.0.0.1:${port}", tls { cert_file: "${certFile}", key_file: "${keyFile}" } }`,
  );
  closing.push(() => hub.stop());
  const folder = mkdtempSync(join(tmpdir(), 'mcpstack-leaf-'));
  closing.push(() => rmSync(folder, { recursive: true }));
  for (const name of ['config', 'users', 'remotes']) mkdirSync(join(folder, name));
  copyFileSync(join(DEPLOYED, 'keys-users.conf'), join(folder, 'users', 'keys-users.conf'));
  copyFileSync(join(hub.folder, 'keys-passwords.conf'), join(folder, 'users', 'keys-passwords.conf'));
  const url = `tls://leaf:${hub.password('leaf')}@localhost:${port}`;
  writeFileSync(join(folder, 'remotes', 'remotes.conf'), `urls: [${JSON.stringify(url)}]\n`);
  const leaf = await startNats({ jetstream: false, dataDir: join(folder, 'config'), config: leafConfig() });
  closing.push(() => leaf.stop());
  return { hub, leaf };
}

const tls = () => ({ caFile: certificate.caFile });
const atLeaf = ({ hub, leaf }: { hub: GuardedNats; leaf: LocalServer }, user: string) => ({
  ...loginAs(hub, user),
  servers: `localhost:${leaf.port}`,
  tls: tls(),
});

async function client(options: Parameters<typeof connect>[0]): Promise<NatsConnection> {
  const nats = await connect(options);
  closing.push(() => nats.close());
  return nats;
}

describe('an authorizer and whoever asks it, behind a leaf', () => {
  let product: Product;
  let asker: NatsConnection;
  beforeAll(async () => {
    const both = await pair();
    product = await Product.start({
      natsUrl: both.hub.server.url,
      env: FAST,
      envOf: (service) => ({
        ...loginSettings(both.hub, service),
        ...(service === 'authorizer' && {
          NATS_URL: `tls://localhost:${both.leaf.port}`,
          NATS_CA_FILE: certificate.caFile,
        }),
      }),
      nats: loginAs(both.hub, 'verifier'),
    });
    closing.push(() => product.stop());
    asker = await client(atLeaf(both, 'verifier'));
  }, 600_000);

  it('checks are answered at the leaf and at the server behind it, and uses reach the log', async () => {
    const { id, secret } = await product.create('checked');
    const check = async (): Promise<string> => {
      const reply = await asker.request(VERIFY_SUBJECT, JSON.stringify({ key: secret }), { timeout: 10_000 });
      return reply.json<VerifyReply>().code;
    };
    await waitFor(async () => (await check()) === 'VALID', { what: 'a check at the leaf' });
    expect((await product.verify({ key: secret })).code).toBe('VALID');
    await waitFor(
      async () => {
        const answer = await product.http('GET', `${product.keysPath}/${id}`);
        return answer.body['lastUsedAt'] !== undefined;
      },
      { timeoutMs: 120_000, what: 'the use to be seen' },
    );
    expect((await product.insist('DELETE', `${product.keysPath}/${id}`)).status).toBe(204);
    expect(await check()).toBe('REVOKED');
  }, 600_000);
});

/** What somebody with the gateway's password does at a leaf that was taken over: a command, and an ear for secrets. */
async function reach(both: { hub: GuardedNats; leaf: LocalServer }): Promise<string[]> {
  const reached: string[] = [];
  const issuance = await client(loginAs(both.hub, 'issuance'));
  const onReached = (what: string) => (): void => void reached.push(what);
  issuance.subscribe(ISSUANCE, { queue: 'issuance', callback: onReached('a command') });
  const gateway = await client(atLeaf(both, 'gateway'));
  gateway.subscribe('_INBOX_gateway.>', { callback: onReached('an answer') });
  const verifier = await client(atLeaf(both, 'verifier'));
  const authorizer = await client(loginAs(both.hub, 'authorizer'));
  let asked = 0;
  authorizer.subscribe(VERIFY_SUBJECT, { queue: 'authorizer', callback: () => void (asked += 1) });
  await Promise.all([issuance, gateway, authorizer].map((nats) => nats.flush()));
  // Sent along until what may pass has passed, on the same way, after them.
  await waitFor(
    () => {
      gateway.publish(ISSUANCE, '{}');
      issuance.publish('_INBOX_gateway.x', '{}');
      verifier.publish(VERIFY_SUBJECT, '{}');
      return asked >= 20;
    },
    { intervalMs: 50, what: 'checks to pass the leaf' },
  );
  await Promise.all([issuance, gateway].map((nats) => nats.flush()));
  return [...new Set(reached)].sort();
}

describe('what does not pass a leaf', () => {
  it("commands of whoever has the gateway's password, and answers to it", async () => {
    expect(await reach(await pair())).toEqual([]);
  });

  it('control: both pass one that may do everything', async () => {
    const everything = (text: string) =>
      text.replace(/(user: leaf\n\s+password: \S+\n)\s+permissions: \{[\s\S]*?\n {4}\}\n/, '$1');
    expect(await reach(await pair(everything))).toEqual(['a command', 'an answer']);
  });
});
