// Gives a NATS user a twin, so that a password can be changed without closing a connection (docs/operations.md): FOLDER
// is where the server reads keys-users.conf and keys-passwords.conf. The twin of authorizer is authorizer_2: it has the
// same rights, an inbox of its own, and its password in authorizer_2.password, in the folder that is named last.
//
//     node deploy/nats/second-user.mjs FOLDER USER PASSWORDS
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import bcrypt from 'bcryptjs';
import { newPassword } from '../passwords.mjs';

const [folder, user, passwords] = process.argv.slice(2);
const ROUNDS = 4;
const at = (name) => join(folder ?? '', name);
const text = passwords === undefined ? '' : readFileSync(at('keys-users.conf'), 'utf8');
const block = text.match(new RegExp(`^  \\{\\n    user: ${user}\\n[\\s\\S]*?^  \\}\\n`, 'm'))?.[0];
const twin = `${user}_2`;
if (!block || text.includes(`user: ${twin}\n`)) {
  console.error(
    'Usage: second-user.mjs FOLDER USER PASSWORDS, with a user of keys-users.conf that has no twin yet',
  );
  process.exit(2);
}

const variable = `NATS_PASSWORD_${twin.toUpperCase().replaceAll('-', '_')}`;
const second = block
  .replace(`user: ${user}\n`, `user: ${twin}\n`)
  .replace(/password: \S+/, `password: $${variable}`);
// Whoever answers the one may answer the other; and while both are the same service, each may hear both.
const inbox = `"_INBOX_${user}.>"`;
const both = text.replace(block, block + second).replaceAll(inbox, `${inbox}\n        "_INBOX_${twin}.>"`);
const password = newPassword();
writeFileSync(join(passwords, `${twin}.password`), password, { mode: 0o600 });
const hashes = readFileSync(at('keys-passwords.conf'), 'utf8');
writeFileSync(at('keys-passwords.conf'), `${hashes}${variable}: "${bcrypt.hashSync(password, ROUNDS)}"\n`, {
  mode: 0o600,
});
writeFileSync(at('keys-users.conf'), both);
console.log(`${twin} may do what ${user} may: reload the servers.`);
