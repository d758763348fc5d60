/** TLS and credentials: what the NATS library takes is handed on, and a refusal says what to do. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VERIFY_BATCH_SUBJECT, VERIFY_SUBJECT } from '@mcpstack/contracts';
import { startNats, type LocalServer } from '@mcpstack/testing';
import { nkeyAuthenticator, nkeys, type NodeConnectionOptions } from '@nats-io/transport-node';
import { createVerifier } from '../src/index.ts';
import { Responder, valid } from './responder.ts';
import { digest } from './world.ts';

let folder: string;
let nats: LocalServer;
let responder: Responder;
let ca: string;
const pair = nkeys.createUser();
const port = () => `127.0.0.1:${nats.port}`;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mcpstack-tls-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  execFileSync('openssl', ['req', ...kind, ...subject, '-keyout', key, '-out', cert], { stdio: 'ignore' });
  ca = readFileSync(cert, 'utf8');
  const ask = `publish: ["${VERIFY_SUBJECT}", "${VERIFY_BATCH_SUBJECT}"], subscribe: "_INBOX_checker.>"`;
  nats = await startNats({
    jetstream: false,
    config: `
      tls { cert_file: ${JSON.stringify(cert)}, key_file: ${JSON.stringify(key)} }
      authorization { users = [
        { user: "authorizer", password: "a" }
        { user: "checker", password: "right", permissions: { ${ask} } }
        { user: "deaf", password: "d", permissions: { publish: ">", subscribe: "nothing" } }
        { user: "mute", password: "m", permissions: { publish: "nothing", subscribe: ">" } }
        { nkey: ${pair.getPublicKey()} }
      ] }`,
  });
  responder = await Responder.start({ servers: port(), user: 'authorizer', pass: 'a', tls: { ca } });
  responder.answer(() => valid(0));
});
afterAll(async () => {
  await responder?.stop();
  await nats?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function check(options: NodeConnectionOptions) {
  const verifier = await createVerifier({ nats: { servers: port(), tls: { ca }, ...options } });
  try {
    return await verifier.verify({ digest: digest(1) });
  } finally {
    await verifier.close();
  }
}

it('with user, password, an inbox of its own, and no more rights than it needs', async () => {
  const reply = await check({ user: 'checker', pass: 'right', inboxPrefix: '_INBOX_checker' });
  expect(reply.code).toBe('VALID');
});

it('with an nkey', async () => {
  expect((await check({ authenticator: nkeyAuthenticator(pair.getSeed()) })).code).toBe('VALID');
});

it('a server that is not trusted, and wrong credentials, are refused without repeating them', async () => {
  await expect(check({ tls: {}, user: 'checker', pass: 'right' })).rejects.toThrow(/self-signed|certificate/);
  const refusal = await check({ user: 'checker', pass: 'hunter2' }).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(Error);
  expect(String(refusal) + (refusal as Error).stack).not.toContain('hunter2');
});

it('a client that may not ask, or not hear, is told so at once', async () => {
  expect(await check({ user: 'mute', pass: 'm' })).toMatchObject({
    code: 'UNAVAILABLE',
    message: expect.stringContaining(`publish to ${VERIFY_SUBJECT}`) as string,
  });
  expect(await check({ user: 'deaf', pass: 'd' })).toMatchObject({
    code: 'UNAVAILABLE',
    message: expect.stringContaining('allow this client to subscribe to _INBOX') as string,
  });
});
