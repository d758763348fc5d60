import { inspect } from 'node:util';
import { parseNatsUrl } from './url.ts';

describe('the address of a JetStream log', () => {
  it.each([
    ['nats://localhost', { servers: ['localhost:4222'], tls: false }],
    ['nats://10.0.0.1:4333/', { servers: ['10.0.0.1:4333'], tls: false }],
    ['tls://log.example', { servers: ['log.example:4222'], tls: true }],
    ['nats://u:p%40ss@h:1', { servers: ['h:1'], tls: false, user: 'u', pass: 'p@ss' }],
    ['nats://t0ken@h:1', { servers: ['h:1'], tls: false, token: 't0ken' }],
    ['nats://u:p@a:1,b:2,nats://c', { servers: ['a:1', 'b:2', 'c:4222'], tls: false, user: 'u', pass: 'p' }],
    ['nats://[::1]:4222', { servers: ['[::1]:4222'], tls: false }],
  ])('reads %s', (url, wanted) => expect(parseNatsUrl(url)).toEqual(wanted));

  it.each(['', 'nats://', 'http://u:topsecret@h', 'nats://u:topsecret@h:port', 'nats://u:topsecret@h/path'])(
    'refuses %s with a sentence that does not repeat it',
    (url) => {
      let error: unknown;
      try {
        parseNatsUrl(url);
      } catch (thrown) {
        error = thrown;
      }
      expect(error).toMatchObject({ code: 'bad-url' });
      expect((error as Error).message).toContain('nats://host:4222');
      expect(inspect(error)).not.toContain('topsecret');
    },
  );
});
