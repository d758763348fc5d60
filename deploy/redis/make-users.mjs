// Makes the users of Redis: one file with the password of each user, to be mounted as REDIS_PASSWORD_FILE where it is
// used, and users.acl for the server (`aclfile`), which holds hashes of them and the rights of rights.acl.
//
//     node deploy/redis/make-users.mjs FOLDER            those that are missing
//     node deploy/redis/make-users.mjs FOLDER USER …     new ones for these users, too
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { newPassword, passwordIn, replace } from '../passwords.mjs';

const [folder, ...renewed] = process.argv.slice(2);
const lines = readFileSync(join(import.meta.dirname, 'rights.acl'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('user '));
const users = lines.map((line) => line.split(' ')[1]).filter((user) => user !== 'default');

const unknown = renewed.filter((one) => !users.includes(one));
if (folder === undefined || unknown.length > 0) {
  if (unknown.length > 0) console.error(`There is no user ${unknown.join(', ')}.`);
  console.error(`Usage: make-users.mjs FOLDER [USER …], with users of ${users.join(', ')}`);
  process.exit(2);
}

mkdirSync(folder, { recursive: true, mode: 0o700 });
for (const user of renewed) replace(join(folder, `${user}.password`), newPassword());
replace(join(folder, 'users.acl'), `${lines.map(withPassword).join('\n')}\n`);
console.log(
  `${folder} holds the passwords of ${users.length} users, and users.acl, which the server knows them by.`,
);

function withPassword(line) {
  const [, user] = line.split(' ');
  if (user === 'default') return line;
  const hash = createHash('sha256')
    .update(passwordIn(join(folder, `${user}.password`)))
    .digest('hex');
  return line.replace(' on ', ` on #${hash} `);
}
