/** SSRF: no spelling of an address of this machine or network may be delivered to. */
import { webhookUrlProblem } from './webhook-url.ts';

const REFUSED = [
  ['plain http', 'http://example.com/'],
  ['another scheme', 'ftp://example.com/'],
  ['a file', 'file:///etc/passwd'],
  ['nothing', ''],
  ['no scheme', 'example.com/hook'],
  ['one slash', 'https:/example.com'],
  ['no slash', 'https:example.com'],
  ['a backslash', 'https://example.com\\@127.0.0.1/'],
  ['white space', ' https://example.com'],
  ['a tab in the host', 'https://exa\tmple.com'],
  ['a line feed', 'https://example.com/\n'],
  ['a user', 'https://user@example.com/'],
  ['a password', 'https://user:word@example.com/'],
  ['an empty user', 'https://@example.com/'],
  ['a fragment', 'https://example.com/#x'],
  ['loopback', 'https://127.0.0.1/'],
  ['loopback, short', 'https://127.1/'],
  ['loopback, decimal', 'https://2130706433/'],
  ['loopback, octal', 'https://0177.0.0.1/'],
  ['loopback, hexadecimal', 'https://0x7f000001/'],
  ['loopback, mixed', 'https://0x7f.0.1/'],
  ['loopback, with a dot at the end', 'https://127.0.0.1./'],
  ['loopback, full-width digits', 'https://１２７.0.0.1/'],
  ['loopback, encoded', 'https://%31%32%37.0.0.1/'],
  ['private', 'https://10.0.0.1/'],
  ['cloud metadata', 'https://169.254.169.254/latest/meta-data'],
  ['a public address', 'https://8.8.8.8/'],
  ['IPv6 loopback', 'https://[::1]/'],
  ['IPv6-mapped', 'https://[::ffff:127.0.0.1]/'],
  ['IPv6-mapped, hexadecimal', 'https://[::ffff:7f00:1]/'],
  ['NAT64', 'https://[64:ff9b::7f00:1]/'],
  ['unique local', 'https://[fd00::1]/'],
  ['localhost', 'https://localhost/'],
  ['localhost in capitals', 'https://LOCALHOST/'],
  ['localhost with a dot', 'https://localhost./'],
  ['under localhost', 'https://a.localhost/'],
  ['one label', 'https://redis/'],
  ['a name of a cluster', 'https://redis.default.svc.cluster.local/'],
  ['metadata by name', 'https://metadata.google.internal/'],
  ['a home network', 'https://nas.home.arpa/'],
  ['a dot at the end', 'https://example.com./'],
  ['an odd character', 'https://exa!mple.com/'],
  ['SSH', 'https://example.com:22/'],
  ['mail', 'https://example.com:25/'],
  ['plain http by its port', 'https://example.com:80/'],
  ['port 0', 'https://example.com:0/'],
  ['a port beyond all', 'https://example.com:65536/'],
  ['a long one', `https://example.com/${'x'.repeat(2_048)}`],
] as const;

const TAKEN = [
  'https://example.com',
  'https://hooks.example.com/a/b?c=d@e',
  'https://example.com:443/',
  'https://example.com:8443/',
  'https://xn--bcher-kva.example/',
  'https://bücher.example/',
  'HTTPS://EXAMPLE.COM/',
] as const;

describe('a URL for messages', () => {
  it.each(REFUSED)('is refused with %s: %s', (_what, url) => {
    expect(webhookUrlProblem(url)).toMatch(/^must /);
  });

  it.each(TAKEN)('is taken: %s', (url) => {
    expect(webhookUrlProblem(url)).toBeUndefined();
  });

  it.each([undefined, null, 1, {}, ['https://example.com']])('is a text, not %j', (value) => {
    expect(webhookUrlProblem(value)).toBe('must be a string');
  });

  it('control: where this machine is allowed, its addresses pass, and what is no URL does not', () => {
    for (const url of [
      'http://127.0.0.1:9000/',
      'https://[::1]/',
      'http://localhost/',
      'https://2130706433/',
    ])
      expect(webhookUrlProblem(url, { local: true })).toBeUndefined();
    for (const url of ['file:///etc/passwd', 'http://u@localhost/', 'http://localhost/#a', 'http:///a'])
      expect(webhookUrlProblem(url, { local: true })).toMatch(/^must /);
  });
});
