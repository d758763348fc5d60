/** The cookies of one browser, as far as services on this machine set any (RFC 6265 without domains). */
interface Cookie {
  name: string;
  value: string;
  host: string;
  path: string;
  endsAtMs: number;
}

export class CookieJar {
  private cookies: Cookie[] = [];

  /** Takes what an answer from `url` sets. */
  take(url: URL, setCookies: readonly string[]): void {
    for (const text of setCookies) {
      const cookie = readCookie(url, text);
      this.cookies = this.cookies.filter(
        ({ name, host, path }) => name !== cookie.name || host !== cookie.host || path !== cookie.path,
      );
      if (cookie.endsAtMs > Date.now()) this.cookies.push(cookie);
    }
  }

  /** What is sent to `url`; as in browsers, the port does not count. */
  header(url: URL): string {
    return this.cookies
      .filter(({ host, endsAtMs }) => host === url.hostname && endsAtMs > Date.now())
      .filter(({ path }) => url.pathname === path || url.pathname.startsWith(path.replace(/\/?$/, '/')))
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ');
  }

  /** The value of a cookie, wherever it counts. */
  get(name: string): string | undefined {
    return this.cookies.find((cookie) => cookie.name === name)?.value;
  }
}

function readCookie(url: URL, text: string): Cookie {
  const [pair = '', ...attributes] = text.split(';').map((part) => part.trim());
  const at = pair.indexOf('=');
  const named = new Map(
    attributes.map((attribute) => {
      const [name = '', value = ''] = attribute.split(/=(.*)/);
      return [name.toLowerCase(), value];
    }),
  );
  const maxAge = named.get('max-age');
  const expires = named.get('expires');
  const endsAtMs =
    maxAge !== undefined
      ? Date.now() + Number(maxAge) * 1_000
      : expires !== undefined
        ? Date.parse(expires)
        : Infinity;
  return {
    name: pair.slice(0, at),
    value: pair.slice(at + 1),
    host: url.hostname,
    path: named.get('path') || '/',
    endsAtMs,
  };
}
