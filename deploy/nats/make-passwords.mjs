// Makes the passwords of the NATS users: one file for each user, to be mounted as NATS_PASSWORD_FILE where it is used
// (EVENT_STORE_PASSWORD_FILE for those of the account LOG), and keys-passwords.conf and log-passwords.conf with their
// hashes, for the server, which refuses a file that names a user too many.
//
//     node deploy/nats/make-passwords.mjs FOLDER            those that are missing
//     node deploy/nats/make-passwords.mjs FOLDER USER …     new ones for these users, too
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import bcrypt from 'bcryptjs';
import { newPassword, passwordIn, replace } from '../passwords.mjs';

// The passwords are 256 random bits, which no number of rounds makes harder to guess; each connection costs the
// server this much, and all come back at once after a restart.
const ROUNDS = 4;

const [folder, ...renewed] = process.argv.slice(2);
const here = import.meta.dirname;
const accounts = ['keys', 'log'].map((account) => ({
  file: `${account}-passwords.conf`,
  users: [
    ...readFileSync(join(here, `${account}-users.conf`), 'utf8').matchAll(
      /^ {4}user: (\S+)\n {4}password: \$(\S+)$/gm,
    ),
  ].map(([, user, name]) => ({ user, name })),
}));
const users = accounts.flatMap((account) => account.users);

const unknown = renewed.filter((one) => !users.some(({ user }) => user === one));
if (folder === undefined || unknown.length > 0) {
  if (unknown.length > 0) console.error(`There is no user ${unknown.join(', ')}.`);
  console.error(
    `Usage: make-passwords.mjs FOLDER [USER …], with users of ${users.map(({ user }) => user).join(', ')}`,
  );
  process.exit(2);
}

mkdirSync(folder, { recursive: true, mode: 0o700 });
for (const user of renewed) replace(join(folder, `${user}.password`), newPassword());
for (const account of accounts) {
  const lines = account.users.map(({ user, name }) => {
    const password = passwordIn(join(folder, `${user}.password`));
    return `${name}: "${bcrypt.hashSync(password, ROUNDS)}"\n`;
  });
  replace(join(folder, account.file), lines.join(''));
}
console.log(`${folder} holds the passwords of ${users.length} users, and what the server knows them by.`);
