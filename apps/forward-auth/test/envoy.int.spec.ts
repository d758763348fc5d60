import { Client, credentials, status, type ServiceError } from '@grpc/grpc-js';
import { addressOf, authorizationService } from '../src/envoy.ts';
import { IDENTITY_HEADERS } from '../src/identity.ts';
import { decode, encode, type Field } from './wire.ts';
import { KEY } from './ends.ts';
import { refused, startWorld, VALID, type World } from './world.ts';

interface Response {
  status?: { code?: number };
  okResponse?: {
    headers?: { header: { key: string; value?: string }; appendAction: string }[];
    headersToRemove?: string[];
  };
  deniedResponse?: {
    status?: { code?: number };
    headers?: { header: { key: string; value?: string }; appendAction: string }[];
    body?: string;
  };
}

const BEARER = { authorization: `Bearer ${KEY}` };
/** What Envoy sends along with every request. */
const COMMON = {
  ':authority': 'api.example.com',
  ':method': 'GET',
  ':path': '/things?any-key=true',
  'x-request-id': '1',
};

let world: World;
let client: Client & { check: (...args: unknown[]) => void };
beforeAll(async () => {
  world = await startWorld({ TRUSTED_PROXIES: '127.0.0.1, 10.0.0.0/8' });
  client = new (authorizationService())(
    `127.0.0.1:${world.grpcPort}`,
    credentials.createInsecure(),
  ) as unknown as typeof client;
});
afterAll(async () => {
  client?.close();
  await world?.stop();
});
beforeEach(() => {
  world.verifier.reply = VALID;
  world.verifier.asked.length = 0;
});

function check(
  headers: Record<string, string>,
  {
    contextExtensions = { permission: 'servers:read' },
    address = '203.0.113.7',
  }: { contextExtensions?: Record<string, string>; address?: string } = {},
): Promise<Response> {
  const attributes = {
    source: { address: { socketAddress: { address } } },
    request: { http: { headers: { ...COMMON, ...headers } } },
    contextExtensions,
  };
  return new Promise((resolve, reject) => {
    client.check(
      { attributes },
      { deadline: Date.now() + 5_000 },
      (error: ServiceError | null, response: Response) => (error ? reject(error) : resolve(response)),
    );
  });
}

describe("Envoy's external authorization", () => {
  it('VALID: what is told overwrites, what is empty, forged or the key is removed', async () => {
    const forged = Object.fromEntries(
      [...IDENTITY_HEADERS, 'mcpstack_role', 'mcpstack-tenant'].map((name) => [name.toLowerCase(), 'forged']),
    );
    const { status: answered, okResponse, deniedResponse } = await check({ ...BEARER, ...forged });
    expect(answered?.code ?? 0).toBe(status.OK);
    expect(deniedResponse).toBeUndefined();
    const set = okResponse!.headers!;
    expect(new Set(set.map(({ appendAction }) => appendAction))).toEqual(
      new Set(['OVERWRITE_IF_EXISTS_OR_ADD']),
    );
    const told = Object.fromEntries(set.map(({ header }) => [header.key, header.value]));
    expect(told).toEqual({
      'mcpstack-key-id': VALID.keyId,
      'mcpstack-org-id': VALID.orgId,
      'mcpstack-kind': 'service',
      'mcpstack-role': 'developer',
      'mcpstack-permissions': 'servers:read,telemetry:write',
      'mcpstack-scope': JSON.stringify(VALID.scope),
      'mcpstack-environment': 'production',
      'mcpstack-expires-at': VALID.expiresAt,
    });
    const removed = okResponse!.headersToRemove!;
    expect(removed.toSorted()).toEqual([
      'authorization',
      'mcpstack-agent-id',
      'mcpstack-tenant',
      'mcpstack_role',
      'x-api-key',
    ]);
    // Envoy removes after it sets: nothing that is told may be among them.
    expect(removed.filter((name) => name in told)).toEqual([]);
    // Every identity header of ours is one or the other, so that none of the client's stays.
    const settled = new Set([...Object.keys(told), ...removed]);
    expect(IDENTITY_HEADERS.filter((name) => !settled.has(name.toLowerCase()))).toEqual([]);
  });

  it('demands come from the context extensions alone', async () => {
    await check(
      { ...BEARER, 'x-forwarded-uri': '/?any-key=true' },
      { contextExtensions: { permission: 'telemetry:write', kind: 'service', cost: '3' } },
    );
    expect(world.verifier.asked).toEqual([
      expect.objectContaining({ permission: 'telemetry:write', expect: { kind: 'service' }, cost: 3 }),
    ]);
  });

  it.each([{}, { permission: 'servers:reed' }, { permissions: 'servers:read' }])(
    'a route whose configuration is wrong (%j) lets nobody through',
    async (contextExtensions) => {
      const { status: answered, okResponse, deniedResponse } = await check(BEARER, { contextExtensions });
      expect([answered?.code, okResponse, deniedResponse?.status?.code]).toEqual([
        status.PERMISSION_DENIED,
        undefined,
        500,
      ]);
      expect(world.verifier.asked).toEqual([]);
    },
  );

  it.each([
    ['REVOKED', 401],
    ['FORBIDDEN', 403],
    ['RATE_LIMITED', 429],
    ['UNAVAILABLE', 503],
  ] as const)('%s denies with %i and the headers of HTTP', async (code, http) => {
    world.verifier.reply = refused(code);
    const { status: answered, okResponse, deniedResponse } = await check(BEARER);
    expect([answered?.code, okResponse]).toEqual([status.PERMISSION_DENIED, undefined]);
    expect(deniedResponse!.status!.code).toBe(http);
    expect(JSON.parse(deniedResponse!.body!)).toMatchObject({ status: http });
    const names = deniedResponse!.headers!.map(({ header }) => header.key);
    expect(names).toContain('content-type');
    expect(names.includes('www-authenticate')).toBe(http === 401 || http === 403);
  });

  it("the client's address is who connected to Envoy, or who one of our own proxies says connected", async () => {
    const forwarded = { 'x-forwarded-for': '198.51.100.9, 203.0.113.50' };
    await check({ ...BEARER, ...forwarded }, { address: '203.0.113.7' });
    await check({ ...BEARER, ...forwarded }, { address: '10.1.2.3' });
    // One of ours that reports nobody is not the client.
    await check(BEARER, { address: '10.1.2.3' });
    expect(world.verifier.asked.map(({ ip }) => ip)).toEqual(['203.0.113.7', '203.0.113.50', undefined]);
  });

  it.each([
    ['an Origin that is none', { origin: 'https://app.example.com/path' }, 403],
    ['an Origin that was sent twice', { origin: 'https://app.example.com,https://app.example.com' }, 403],
    ['a key in the URL', { ':path': `/things?k=${KEY}` }, 400],
    ['two credentials', { 'x-api-key': KEY }, 400],
  ])('%s is no fault of the key, and nobody is asked', async (_name, headers, http) => {
    const { okResponse, deniedResponse } = await check({ ...BEARER, ...headers });
    expect([okResponse, deniedResponse?.status?.code]).toEqual([undefined, http]);
    expect(deniedResponse!.body).not.toContain(KEY);
    expect(world.verifier.asked).toEqual([]);
  });

  it('a User-Agent is told without its control characters, and an Origin as it was sent', async () => {
    await check({ ...BEARER, origin: 'https://app.example.com', 'user-agent': 'a\tb' });
    expect(world.verifier.asked).toEqual([
      expect.objectContaining({ origin: 'https://app.example.com', userAgent: 'a b' }),
    ]);
  });

  it('a proxy that is not named as one is refused; control: the same call from one that is', async () => {
    const strict = await startWorld({ TRUSTED_PROXIES: '10.0.0.0/8' });
    const stranger = new (authorizationService())(
      `127.0.0.1:${strict.grpcPort}`,
      credentials.createInsecure(),
    ) as unknown as typeof client;
    const named = client;
    try {
      client = stranger;
      const { deniedResponse, okResponse } = await check(BEARER);
      expect([deniedResponse?.status?.code, okResponse]).toEqual([500, undefined]);
      expect(strict.log()).toContain('TRUSTED_PROXIES');
      expect(strict.verifier.asked).toEqual([]);
      client = named;
      expect((await check(BEARER)).okResponse).toBeDefined();
    } finally {
      client = named;
      stranger.close();
      await strict.stop();
    }
  });

  it("speaks Envoy's bytes: numbers of fields from its API, with fields that we do not name", async () => {
    const header = (key: string, value: string): Field => [
      3,
      [
        [1, key],
        [2, value],
      ],
    ];
    const asked = encode([
      [
        1,
        [
          // source: Peer.address (1), Address.socket_address (1), protocol (1), address (2), port_value (3)
          [
            1,
            [
              [
                1,
                [
                  [
                    1,
                    [
                      [1, 0],
                      [2, '203.0.113.7'],
                      [3, 4711],
                    ],
                  ],
                ],
              ],
              [4, 'spiffe://client'],
            ],
          ],
          [
            2,
            [
              [
                1,
                [
                  [
                    1,
                    [
                      [2, '10.0.0.1'],
                      [3, 443],
                    ],
                  ],
                ],
              ],
            ],
          ],
          // request (4): time (1), http (2): id (1), method (2), headers (3), path (4), host (5), protocol (10)
          [
            4,
            [
              [1, [[1, 1_700_000_000]]],
              [
                2,
                [
                  [1, 'request-1'],
                  [2, 'POST'],
                  header('authorization', `Bearer ${KEY}`),
                  header('mcpstack_role', 'owner'),
                  [4, '/things'],
                  [5, 'api.example.com'],
                  [10, 'HTTP/2'],
                ],
              ],
            ],
          ],
          // context_extensions (10)
          [
            10,
            [
              [1, 'permission'],
              [2, 'servers:read'],
            ],
          ],
        ],
      ],
    ]);
    const raw = new Client(`127.0.0.1:${world.grpcPort}`, credentials.createInsecure());
    const call = () =>
      new Promise<Buffer>((resolve, reject) => {
        raw.makeUnaryRequest(
          '/envoy.service.auth.v3.Authorization/Check',
          (bytes: Buffer) => bytes,
          (bytes) => bytes,
          asked,
          { deadline: Date.now() + 5_000 },
          (error, bytes) => (error ? reject(error) : resolve(bytes!)),
        );
      });
    try {
      const texts = (message: Buffer, ...path: number[]) => decode(message, path).map(String);
      const allowed = await call();
      expect(world.verifier.asked).toEqual([
        expect.objectContaining({ key: KEY, permission: 'servers:read', ip: '203.0.113.7' }),
      ]);
      // CheckResponse: status (1).code (1) is 0; ok_response (3): headers (2), headers_to_remove (5)
      expect(decode(allowed, [1, 1]).filter(Boolean)).toEqual([]);
      expect(decode(allowed, [2])).toEqual([]);
      expect(texts(allowed, 3, 2, 1, 1)).toContain('mcpstack-key-id');
      expect(texts(allowed, 3, 2, 1, 2)).toContain(VALID.keyId);
      expect(new Set(decode(allowed, [3, 2, 3]))).toEqual(new Set([2]));
      expect(texts(allowed, 3, 5)).toContain('mcpstack_role');

      world.verifier.reply = refused('REVOKED');
      const denied = await call();
      // denied_response (2): status (1).code (1), headers (2), body (3)
      expect(decode(denied, [1, 1])).toEqual([status.PERMISSION_DENIED]);
      expect(decode(denied, [2, 1, 1])).toEqual([401]);
      expect(texts(denied, 2, 2, 1, 1)).toContain('www-authenticate');
      expect(JSON.parse(texts(denied, 2, 3)[0]!)).toMatchObject({ status: 401 });
      expect(decode(denied, [3])).toEqual([]);
    } finally {
      raw.close();
    }
  });

  it.each([
    ['127.0.0.1:4711', '127.0.0.1'],
    ['ipv4:10.0.0.1:4711', '10.0.0.1'],
    ['[::1]:4711', '::1'],
    ['ipv6:[2001:db8::1]:80', '2001:db8::1'],
    ['unix:/run/x', undefined],
    ['unknown', undefined],
  ])('reads the peer %s', (peer, address) => expect(addressOf(peer)).toBe(address));
});
