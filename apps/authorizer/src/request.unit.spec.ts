import { makeToken, tokenDigest } from '@mcpstack/contracts';
import { parseRequest } from './request.ts';

const DIGEST = 'a'.repeat(64);
const TOKEN = makeToken('service');
const parse = (value: unknown) =>
  parseRequest(Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)), 'mcpstack');

describe('a verify request', () => {
  it.each([
    [{ digest: DIGEST }, { digest: DIGEST }],
    [{ key: TOKEN }, { digest: tokenDigest(TOKEN) }],
    [
      {
        digest: DIGEST,
        permission: 'servers:read',
        expect: { kind: 'service', agentId: 'agent_1' },
        origin: 'https://shop.example',
        ip: '2001:db8::1',
        cost: 3,
        position: '42',
      },
      {
        digest: DIGEST,
        permission: 'servers:read',
        expectKind: 'service',
        expectAgentId: 'agent_1',
        position: '42',
      },
    ],
    [{ digest: DIGEST, expect: {}, origin: 'null', ip: '10.0.0.1', cost: 0 }, { digest: DIGEST }],
    [
      { digest: DIGEST, permission: 'not-ours:yet' },
      { digest: DIGEST, permission: 'not-ours:yet' },
    ],
  ])('%j is read', (value, request) => expect(parse(value)).toEqual({ ok: true, request }));

  it.each([
    ['nothing', ''],
    ['no JSON', '{'],
    ['bytes that are no UTF-8', Buffer.from([0x22, 0xff, 0x22]).toString('latin1')],
    ['null', null],
    ['an array', []],
    ['a text', '"x"'],
    ['neither key nor digest', {}],
    ['both', { key: TOKEN, digest: DIGEST }],
    ['an unknown field', { digest: DIGEST, orgin: 'https://shop.example' }],
    ['__proto__', `{"digest":"${DIGEST}","__proto__":{}}`],
    ['key of another prefix', { key: makeToken('service', 'acme') }],
    ['key with a wrong checksum', { key: `${TOKEN.slice(0, -1)}${TOKEN.endsWith('0') ? '1' : '0'}` }],
    ['key cut short', { key: TOKEN.slice(0, 40) }],
    ['key null', { key: null, digest: DIGEST }],
    ['digest upper case', { digest: DIGEST.toUpperCase() }],
    ['digest too short', { digest: 'ab' }],
    ['permission number', { digest: DIGEST, permission: 1 }],
    ['permission without a verb', { digest: DIGEST, permission: 'servers' }],
    ['permission null', { digest: DIGEST, permission: null }],
    ['expect a text', { digest: DIGEST, expect: 'service' }],
    ['expect an unknown kind', { digest: DIGEST, expect: { kind: 'secret' } }],
    ['expect with an unknown field', { digest: DIGEST, expect: { role: 'admin' } }],
    ['agentId empty', { digest: DIGEST, expect: { agentId: '' } }],
    ['origin with a path', { digest: DIGEST, origin: 'https://shop.example/' }],
    ['origin without a scheme', { digest: DIGEST, origin: 'shop.example' }],
    ['ip a name', { digest: DIGEST, ip: 'localhost' }],
    ['cost negative', { digest: DIGEST, cost: -1 }],
    ['cost a fraction', { digest: DIGEST, cost: 0.5 }],
    ['cost a text', { digest: DIGEST, cost: '1' }],
    ['position a number', { digest: DIGEST, position: 42 }],
    ['position negative', { digest: DIGEST, position: '-1' }],
    ['too long', { digest: DIGEST, permission: 'a'.repeat(5_000) }],
  ])('%s is MALFORMED', (_, value) => {
    const result = parse(value);
    expect(result).toMatchObject({ ok: false });
    expect(JSON.stringify(result)).not.toContain(TOKEN.slice(12, 30));
  });
});
