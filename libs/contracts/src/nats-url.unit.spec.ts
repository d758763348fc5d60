import { parseNatsUrl } from './nats-url.ts';

describe('NATS_URL', () => {
  it.each([
    ['nats://h', { servers: ['h:4222'], tls: false }],
    ['tls://h:1', { servers: ['h:1'], tls: true }],
    [
      'nats://u:p%40w@a:1,b,nats://c:3',
      { servers: ['a:1', 'b:4222', 'c:3'], tls: false, user: 'u', pass: 'p@w' },
    ],
    ['tls://a,b,tls://c:1', { servers: ['a:4222', 'b:4222', 'c:1'], tls: true }],
    ['nats://t0ken@a', { servers: ['a:4222'], tls: false, token: 't0ken' }],
  ])('%s', (url, expected) => expect(parseNatsUrl(url)).toEqual(expected));

  it.each(['nats://a,tls://b', 'tls://a,nats://b', 'tls://u:geheim@a,b,nats://c'])(
    'refuses %p, of which some would go without TLS, and repeats no credentials',
    (url) =>
      expect(() => parseNatsUrl(url)).toThrow(
        /^write tls:\/\/ for all servers or nats:\/\/ for all of them$/,
      ),
  );

  it.each(['', 'h:4222', 'http://h', 'nats://', 'nats://a,http://b'])('refuses %p with a sentence', (url) => {
    expect(() => parseNatsUrl(url)).toThrow(/^write nats:\/\/host:4222/);
  });
});
