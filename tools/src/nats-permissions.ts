/** What is made of the table of NATS permissions: the users of the server's configuration, and a page's list. */
import {
  COMMAND_SUBJECTS,
  NATS_ACCOUNTS,
  natsRights,
  type NatsAccount,
  type NatsUser,
} from '@mcpstack/contracts';

const HEADER = `# Made by "npm run nats:permissions" from libs/contracts/src/nats-permissions.ts: edit that, not this.
# docs/nats.md says what it is for. The hashes of the passwords, in the file beside it, are made by make-passwords.mjs.
`;

const BEGIN = '<!-- made by npm run nats:permissions -->';
const END = '<!-- /made -->';

/** The file of an account in deploy/nats, for `include`. */
export function usersFile(account: NatsAccount): string {
  return `${account.toLowerCase()}-users.conf`;
}

/** The name that the file of passwords gives the hash of a user's password. */
export function passwordName(user: NatsUser): string {
  return `NATS_PASSWORD_${user.toUpperCase().replaceAll('-', '_')}`;
}

/** The `users` of an account, with their rights. */
export function usersConfig(account: NatsAccount): string {
  const users = NATS_ACCOUNTS[account].map((user) => userConfig(user));
  return `${HEADER}include '${account.toLowerCase()}-passwords.conf'\nusers: [\n${users.join('')}]\n`;
}

function userConfig(user: NatsUser): string {
  const { publish, subscribe } = natsRights(user);
  return [
    `  {`,
    `    user: ${user}`,
    `    password: $${passwordName(user)}`,
    `    permissions: {`,
    `      publish: { allow: [`,
    ...publish.map((subject) => `        ${JSON.stringify(subject)}`),
    `      ] }`,
    `      subscribe: { allow: [`,
    ...subscribe.map((subject) => `        ${JSON.stringify(subject)}`),
    `      ] }`,
    `    }`,
    `  }`,
    ``,
  ].join('\n');
}

/** The page with its list of users renewed. @throws RangeError for a page that has no place for it. */
export function withUsers(page: string): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin < 0 || end < begin) throw new RangeError(`the page has no ${BEGIN} … ${END}`);
  const users = Object.entries(NATS_ACCOUNTS).flatMap(([account, names]) =>
    names.map((user) => userText(user, account)),
  );
  return `${page.slice(0, begin + BEGIN.length)}\n\n${users.join('\n')}\n${page.slice(end)}`;
}

function userText(user: NatsUser, account: string): string {
  const { publish, subscribe } = natsRights(user);
  const own = `_INBOX_${user}.>`;
  const heard = subscribe.filter((subject) => subject !== own);
  const lines = [`- publishes ${words(publish)}`, ...(heard.length > 0 ? [`- hears ${words(heard)}`] : [])];
  return `**${user}** (${account})\n\n${lines.join('\n')}\n`;
}

/** What belongs together in a few words: with every subject in full nobody would find one. */
function words(subjects: readonly string[]): string {
  const command = /^mcpstack\.issuance\.v1\.([a-z-]+)( issuance)?$/;
  const bucket = /^(?:\$JS\.API\.STREAM\.(?:INFO|CREATE|MSG\.GET)\.KV_|\$KV\.)(\w+)(?:\.>)?$/;
  const commands = subjects.flatMap((subject) => command.exec(subject)?.[1] ?? []);
  const buckets = new Set(subjects.flatMap((subject) => bucket.exec(subject)?.[1] ?? []));
  const others = subjects.filter((subject) => !command.test(subject) && !bucket.test(subject));
  const all = Object.keys(COMMAND_SUBJECTS).length;
  return [
    ...(commands.length === all ? ['every command'] : []),
    ...(commands.length > 0 && commands.length < all ? [`the commands ${commands.join(', ')}`] : []),
    ...[...buckets].map((name) => `the bucket \`${name}\``),
    ...others.map((subject) => `\`${subject.replace(/ .*/, '')}\`${group(subject)}`),
  ].join(', ');
}

function group(subject: string): string {
  return subject.includes(' ') ? ` (queue group ${subject.split(' ')[1]})` : '';
}
