/** The check over HTTP as Traefik asks it, and what holds for whoever asks. */
import { IDENTITY_HEADERS } from '../src/identity.ts';
import { ask, KEY } from './ends.ts';
import { refused, startWorld, VALID, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ TRUSTED_PROXIES: '127.0.0.1,10.0.0.0/8' });
});
afterAll(() => world?.stop());
beforeEach(() => {
  world.verifier.reply = VALID;
  world.verifier.asked.length = 0;
});

type Headers = readonly (readonly [string, string])[];
const FORWARDED: Headers = [
  ['X-Forwarded-Method', 'DELETE'],
  ['X-Forwarded-Proto', 'https'],
  ['X-Forwarded-Host', 'api.example.com'],
  ['X-Forwarded-Uri', '/things/1?any-key=true'],
  ['X-Forwarded-For', '203.0.113.7'],
];

/** What Traefik sends: the client's headers, and its own about the request. */
const check = (query: string, headers: Headers = [], options: { method?: string; key?: null } = {}) =>
  ask(`http://127.0.0.1:${world.port}/check${query}`, { headers: [...headers, ...FORWARDED], ...options });

describe('GET /check', () => {
  it('VALID is 200 with every identity header, also the empty ones, and no body', async () => {
    const { status, headers, text } = await check('?permission=servers:read');
    expect([status, text]).toEqual([200, '']);
    expect(IDENTITY_HEADERS.filter((name) => !(name.toLowerCase() in headers))).toEqual([]);
    expect(headers).toMatchObject({
      'mcpstack-key-id': VALID.keyId,
      'mcpstack-agent-id': '',
      'mcpstack-scope': JSON.stringify(VALID.scope),
      'cache-control': 'no-store',
    });
    expect(world.verifier.asked).toEqual([
      expect.objectContaining({ key: KEY, permission: 'servers:read', ip: '203.0.113.7' }),
    ]);
  });

  it("the client's Origin and User-Agent are part of the question", async () => {
    await check('?permission=servers:read', [
      ['Origin', 'https://app.example.com'],
      ['User-Agent', 'curl/8.5.0'],
    ]);
    expect(world.verifier.asked).toEqual([
      expect.objectContaining({ origin: 'https://app.example.com', userAgent: 'curl/8.5.0' }),
    ]);
  });

  it.each([
    ['malformed', ['https://app.example.com/path']],
    ['sent twice', ['https://app.example.com', 'https://app.example.com']],
  ])('an Origin that is %s is 403, and no fault of the key: nobody is asked', async (_name, origins) => {
    const headers = origins.map((origin) => ['Origin', origin] as const);
    expect((await check('?permission=servers:read', headers)).status).toBe(403);
    expect(world.verifier.asked).toEqual([]);
  });

  it('a User-Agent is told without its control characters, which no check takes', async () => {
    await check('?permission=servers:read', [['User-Agent', `a\tb\x9fc${'d'.repeat(1_000)}`]]);
    expect(world.verifier.asked[0]!.userAgent).toBe(`a b c${'d'.repeat(507)}`);
  });

  it("a key in the client's URL is 400, also beside a good header", async () => {
    for (const uri of [`/things?k=${KEY}`, '/things?access_token=x']) {
      const { status, text } = await ask(`http://127.0.0.1:${world.port}/check?permission=servers:read`, {
        headers: [['X-Forwarded-Uri', uri]],
      });
      expect([status, text]).toEqual([400, expect.stringContaining('never in the URL')]);
      expect(text).not.toContain(KEY);
    }
    expect(world.verifier.asked).toEqual([]);
  });

  it.each(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD'])('%s asks the same', async (method) => {
    const json = [['Content-Type', 'application/json'] as const];
    expect((await check('?permission=servers:read', json, { method })).status).toBe(200);
    world.verifier.reply = refused('REVOKED');
    expect((await check('?permission=servers:read', json, { method })).status).toBe(401);
  });

  it.each([
    ['', 'permission=<what the route needs>'],
    ['?permission=servers:read&permission=servers:read', 'permission is given twice'],
    ['?permission=servers:read&cots=5', '"cots" is none of'],
    ['?any-key=true', "the client's own"],
  ])(
    '"%s" is a fault of the configuration: 500, said in the log, and nobody is asked',
    async (query, why) => {
      const answer = await check(query);
      expect(answer.status).toBe(500);
      expect(answer.headers).not.toHaveProperty('mcpstack-key-id');
      expect(JSON.parse(answer.text)).toMatchObject({ status: 500 });
      expect(world.log()).toContain(JSON.stringify(why).slice(1, -1));
      expect(world.verifier.asked).toEqual([]);
    },
  );

  it.each([
    ['Authorization twice', [['Authorization', `Bearer ${KEY}`]]],
    ['X-API-Key beside it', [['X-API-Key', KEY]]],
  ] as [string, Headers][])('%s is 400: which one would count is not guessed', async (_name, more) => {
    expect((await check('?permission=servers:read', more)).status).toBe(400);
    expect(world.verifier.asked).toEqual([]);
  });

  it('what a VALID reply says of nobody, or no header can carry, is 503', async () => {
    const { keyId: _gone, ...nobody } = VALID;
    for (const reply of [nobody, { ...VALID, environment: 'a\r\nb' }]) {
      world.verifier.reply = reply;
      expect((await check('?permission=servers:read')).status).toBe(503);
    }
  });

  it("the client's address: the last in the chain that is no proxy of ours; without a chain, none", async () => {
    const chain = async (forwardedFor: string | undefined) => {
      const headers: Headers = forwardedFor === undefined ? [] : [['X-Forwarded-For', forwardedFor]];
      await ask(`http://127.0.0.1:${world.port}/check?permission=servers:read`, { headers: [...headers] });
      return world.verifier.asked.at(-1)!.ip;
    };
    expect(await chain('198.51.100.9, 203.0.113.7, 10.1.2.3')).toBe('203.0.113.7');
    expect(await chain('2001:db8::7')).toBe('2001:db8::7');
    // A key with an allow list is refused then, and none passes for the proxy's own address.
    expect(await chain(undefined)).toBeUndefined();
    expect(await chain(' ')).toBeUndefined();
    expect(await chain('nonsense')).toBeUndefined();
  });

  it('many cookies are no reason to refuse', async () => {
    expect((await check('?permission=servers:read', [['Cookie', 'a'.repeat(40_000)]])).status).toBe(200);
  });

  it('whoever is not named as a proxy gets no answer about a key; control: who is, does', async () => {
    const strict = await startWorld({ TRUSTED_PROXIES: '10.0.0.0/8' });
    try {
      const asking = (port: number) => ask(`http://127.0.0.1:${port}/check?permission=servers:read`);
      expect((await asking(strict.port)).status).toBe(500);
      expect(strict.verifier.asked).toEqual([]);
      expect(strict.log()).toContain('TRUSTED_PROXIES');
      expect((await asking(world.port)).status).toBe(200);
    } finally {
      await strict.stop();
    }
  });

  it('the log names no key, whatever was sent', async () => {
    await check('?permission=servers:read', [['X-API-Key', KEY]]);
    await check(`?${KEY}=1`);
    expect(world.log()).not.toContain(KEY.slice(0, 30));
    expect(world.log()).toContain('is none of');
  });

  it('is ready, and says so beside it', async () => {
    expect((await fetch(`http://127.0.0.1:${world.port}/health/ready`)).status).toBe(200);
  });
});
