import fc from 'fast-check';
import { makeInvitationToken, makeToken, newId, tokenDigest } from '@mcpstack/contracts';
import { parseRequest } from './request.ts';

const DIGEST = 'a'.repeat(64);
const TOKEN = makeToken('service');
const PUBLIC = makeToken('publishable');
const OTHER = makeToken('service', 'acme');
const IMPORTED = 'acme_live_4eC39HqLyjWDarjtT1zdp7dc';
const INVITATION = makeInvitationToken({
  invitationId: newId('invitation'),
  organizationId: newId('organization'),
});
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
        expect: { kind: 'service', agentId: 'agent_1', serverId: 'srv_1' },
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
        expectServerId: 'srv_1',
        origin: 'https://shop.example',
        ip: '2001:db8::1',
        cost: 3,
        position: '42',
      },
    ],
    [
      { digest: DIGEST, expect: {}, origin: 'null', ip: '10.0.0.1', cost: 0 },
      { digest: DIGEST, origin: 'null', ip: '10.0.0.1', cost: 0 },
    ],
    // Imported keys have a spelling of their own.
    [{ key: IMPORTED }, { digest: tokenDigest(IMPORTED) }],
    [{ key: OTHER }, { digest: tokenDigest(OTHER) }],
    [{ key: '!'.repeat(16) }, { digest: tokenDigest('!'.repeat(16)) }],
    [{ key: '~'.repeat(512) }, { digest: tokenDigest('~'.repeat(512)) }],
    [
      { digest: DIGEST, origin: `https://${'a.'.repeat(100)}example:8443` },
      { digest: DIGEST, origin: `https://${'a.'.repeat(100)}example:8443` },
    ],
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
    ['key with a wrong checksum', { key: `${TOKEN.slice(0, -1)}${TOKEN.endsWith('0') ? '1' : '0'}` }],
    ['key cut short', { key: TOKEN.slice(0, 40) }],
    ['key with more behind it', { key: `${TOKEN}x` }],
    [
      'publishable key with a wrong checksum',
      { key: `${PUBLIC.slice(0, -1)}${PUBLIC.endsWith('0') ? '1' : '0'}` },
    ],
    ['session token', { key: `mcpstack_st_${'a'.repeat(43)}` }],
    ['invitation token', { key: INVITATION }],
    ['key too short', { key: 'a'.repeat(15) }],
    ['key too long', { key: 'a'.repeat(513) }],
    ['key with a space', { key: `${IMPORTED} x` }],
    ['key with a line end', { key: `${IMPORTED}\n` }],
    ['key beyond ASCII', { key: `${IMPORTED}é` }],
    ['key with a control character', { key: `${IMPORTED}\u0000` }],
    ['key null', { key: null, digest: DIGEST }],
    ['digest upper case', { digest: DIGEST.toUpperCase() }],
    ['digest too short', { digest: 'ab' }],
    ['permission number', { digest: DIGEST, permission: 1 }],
    ['permission without a verb', { digest: DIGEST, permission: 'servers' }],
    ['permission null', { digest: DIGEST, permission: null }],
    ['expect a text', { digest: DIGEST, expect: 'service' }],
    ['expect an unknown kind', { digest: DIGEST, expect: { kind: 'secret' } }],
    ['expect with an unknown field', { digest: DIGEST, expect: { role: 'admin' } }],
    ['serverId null', { digest: DIGEST, expect: { serverId: null } }],
    ['serverId with a slash', { digest: DIGEST, expect: { serverId: 'srv/1' } }],
    ['expect with __proto__', `{"digest":"${DIGEST}","expect":{"__proto__":{}}}`],
    ['agentId empty', { digest: DIGEST, expect: { agentId: '' } }],
    ['origin with a path', { digest: DIGEST, origin: 'https://shop.example/' }],
    ['origin without a scheme', { digest: DIGEST, origin: 'shop.example' }],
    ['origin with a default port', { digest: DIGEST, origin: 'https://shop.example:443' }],
    ['origin in upper case', { digest: DIGEST, origin: 'https://Shop.example' }],
    ['origin with a user', { digest: DIGEST, origin: 'https://me@shop.example' }],
    ['origin in U-labels', { digest: DIGEST, origin: 'https://bücher.example' }],
    ['origin of a file', { digest: DIGEST, origin: 'file://' }],
    ['origin empty', { digest: DIGEST, origin: '' }],
    ['origin null itself', { digest: DIGEST, origin: null }],
    ['origin too long', { digest: DIGEST, origin: `https://${'a.'.repeat(1_030)}example` }],
    ['ip with a zone', { digest: DIGEST, ip: 'fe80::1%eth0' }],
    ['ip with leading zeros', { digest: DIGEST, ip: '010.0.0.1' }],
    ['ip with a prefix', { digest: DIGEST, ip: '10.0.0.0/8' }],
    ['ip with a port', { digest: DIGEST, ip: '10.0.0.1:80' }],
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

  it.each<[object, string]>([
    [{ digest: DIGEST, permision: 'a:b' }, 'that is not known here: there are key, digest, permission,'],
    [{ digest: DIGEST, cost: -1 }, 'cost is malformed: write a whole number from 0 to 1000000'],
    [{ digest: DIGEST, origin: 'shop.example' }, 'origin is malformed: write scheme://host[:port]'],
    [{ key: TOKEN.slice(0, -1) }, 'key is no API key: it is cut off or misspelled'],
  ])('says what to write: %j', (value, message) => {
    expect(parse(value)).toMatchObject({ ok: false, message: expect.stringContaining(message) as string });
  });

  it('takes an origin exactly when the platform writes it so', () => {
    const text = fc.oneof(
      fc.webUrl({ withFragments: true, withQueryParameters: true }),
      fc.webUrl().map((url) => new URL(url).origin),
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.string({ maxLength: 20 }).map((rest) => `https://${rest}`),
    );
    fc.assert(
      fc.property(text, (origin) => {
        const serialised = URL.canParse(origin) ? new URL(origin).origin : undefined;
        expect(parse({ digest: DIGEST, origin }).ok).toBe(origin === serialised);
      }),
    );
  });

  it('never throws, whatever the bytes', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 200 }),
          fc.json().map((text) => Buffer.from(text)),
        ),
        (bytes) => {
          expect(parseRequest(bytes, 'mcpstack').ok).toBe(false);
        },
      ),
    );
  });
});
