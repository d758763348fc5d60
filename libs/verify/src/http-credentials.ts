/** The one key that a request shows, and where it must not stand. */

/** Every value that was sent under a name in lower case, in order. */
export type HeaderValues = (name: string) => readonly string[];

export type Credential =
  | { type: 'key'; key: string }
  | { type: 'none' }
  /** More than one: which of them would count is not guessed. */
  | { type: 'ambiguous' }
  /** In the address, where logs, histories and other sites read it. */
  | { type: 'in-url' };

const BEARER = /^Bearer +([\x21-\x7e]+) *$/i;
/** Names that other services take a key under (RFC 6750, section 2.3, for the latter). */
const KEY_PARAMETERS: ReadonlySet<string> = new Set(['api_key', 'access_token']);
/** Our spelling, with any prefix, also where its checksum is wrong or something stands around it. */
const SPELLED = /[a-z][a-z0-9]{1,15}_(sk|pk|st|rt|dc|it)_[0-9A-Za-z_]{43}/;

/** `Authorization: Bearer` or `X-API-Key`, one of them, once. */
export function credentialOf(url: string, headers: HeaderValues): Credential {
  if (hasKey(url)) return { type: 'in-url' };
  const authorization = headers('authorization');
  const apiKey = headers('x-api-key');
  if (authorization.length + apiKey.length > 1) return { type: 'ambiguous' };
  if (apiKey.length === 1) return { type: 'key', key: apiKey[0]!.trim() };
  const key = BEARER.exec(authorization[0] ?? '')?.[1];
  return key === undefined ? { type: 'none' } : { type: 'key', key };
}

function hasKey(url: string): boolean {
  const start = url.indexOf('?');
  if (start === -1) return false;
  for (const [name, value] of new URLSearchParams(url.slice(start + 1))) {
    if (KEY_PARAMETERS.has(name.toLowerCase()) || SPELLED.test(name) || SPELLED.test(value)) return true;
  }
  return false;
}
