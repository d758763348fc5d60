// Users and what they may do. Without users the server is open, as a node started with --insecure is.
const ADMINS = '$admins';
const RIGHTS = { read: '$r', write: '$w', delete: '$d' };
/** Of a metadata stream: what the metadata of the stream itself says about its metadata. */
const METADATA_RIGHTS = { read: '$mr', write: '$mw' };

export class Access {
  #log;
  #users;

  /** @param {import('./log.mjs').Log} log @param {Record<string, { password: string, groups: string[] }>} [users] */
  constructor(log, users) {
    this.#log = log;
    this.#users = users;
  }

  /** The user that the call names: `anonymous` when it names none, `wrong` when it may not be believed. */
  user(metadata) {
    const [header] = metadata.get('authorization');
    if (this.#users === undefined || header === undefined) return 'anonymous';
    const [, encoded = ''] = String(header).split(' ');
    const [name, ...password] = Buffer.from(encoded, 'base64').toString('utf8').split(':');
    return this.#users[name]?.password === password.join(':') ? name : 'wrong';
  }

  /** @param {string} user @param {'read'|'write'|'delete'} right @param {string} stream */
  may(user, right, stream) {
    if (this.#users === undefined) return true;
    if (user === 'anonymous') return false;
    const { groups } = this.#users[user];
    if (groups.includes(ADMINS)) return true;
    const ofMetadata = stream.startsWith('$$');
    const name = ofMetadata ? stream.slice(2) : stream;
    if (name.startsWith('$')) return false;
    const allowed = this.#log.metadataOf(name).$acl?.[(ofMetadata ? METADATA_RIGHTS : RIGHTS)[right]];
    if (allowed === undefined) return true;
    return [allowed].flat().some((role) => role === user || groups.includes(role) || role === '$all');
  }
}
