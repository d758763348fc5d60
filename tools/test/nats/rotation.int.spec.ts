/** A password is changed as docs/nats.md says: who reads the new one comes back, who has the old one is out. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { natsInboxPrefix, VERIFY_SUBJECT } from '@mcpstack/contracts';
import { waitFor } from '@mcpstack/testing';
import { createVerifier } from '@mcpstack/verify';
import { connect, usernamePasswordAuthenticator } from '@nats-io/transport-node';
import { DEPLOYED, startGuardedNats } from './server.ts';

it('the file is read at each new connection, the server reloads, and checks go on', async () => {
  const nats = await startGuardedNats();
  const login = (user: string) => ({ servers: nats.address, inboxPrefix: natsInboxPrefix(user)! });
  const authorizer = await connect({
    ...login('authorizer'),
    user: 'authorizer',
    pass: nats.password('authorizer'),
  });
  const known = { keyId: 'key_1', orgId: 'org_1', kind: 'service' };
  const reply = JSON.stringify({ valid: true, code: 'VALID', freshForMs: 0, ...known });
  authorizer.subscribe(VERIFY_SUBJECT, { queue: 'authorizer', callback: (_, it) => void it.respond(reply) });
  await authorizer.flush();
  const authenticator = usernamePasswordAuthenticator('verifier', () => nats.password('verifier'));
  const verifier = await createVerifier({ nats: { ...login('verifier'), authenticator } });
  const check = async () => (await verifier.verify({ digest: 'a'.repeat(64) })).code;
  const [old, oldHashes] = [
    nats.password('verifier'),
    readFileSync(join(nats.folder, 'keys-passwords.conf'), 'utf8'),
  ];
  const isIn = (pass: string) =>
    connect({ ...login('verifier'), user: 'verifier', pass, reconnect: false }).then(
      (connection) => connection.close().then(() => true),
      () => false,
    );
  try {
    expect([await check(), await isIn(old)]).toEqual(['VALID', true]);
    execFileSync(process.execPath, [join(DEPLOYED, 'make-passwords.mjs'), nats.folder, 'verifier']);
    expect(readFileSync(join(nats.folder, 'keys-passwords.conf'), 'utf8')).not.toBe(oldHashes);
    // Control: until the server reloads, the new one opens nothing.
    expect([await check(), await isIn(nats.password('verifier'))]).toEqual(['VALID', false]);

    copyFileSync(join(nats.folder, 'keys-passwords.conf'), join(nats.server.dataDir, 'keys-passwords.conf'));
    process.kill(nats.server.pid, 'SIGHUP');
    await waitFor(async () => !(await isIn(old)), { what: 'the old password to be refused' });
    expect(await isIn(nats.password('verifier'))).toBe(true);
    await waitFor(async () => (await check()) === 'VALID', { what: 'a check with the new password' });
  } finally {
    await verifier.close();
    await authorizer.close();
    await nats.stop();
  }
});
