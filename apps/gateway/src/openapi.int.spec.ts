import { Harness } from '../test/harness.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start();
});
afterAll(() => harness.stop());

type Operation = { security?: unknown; responses: Record<string, unknown>; requestBody?: unknown };

describe('GET /api/openapi.json', () => {
  it('200: OpenAPI 3.1 with every route, its success and its problems', async () => {
    const { status, body } = await harness.call('GET', '/api/openapi.json');
    expect(status).toBe(200);
    expect(body['openapi']).toBe('3.1.0');
    const paths = body['paths'] as Record<string, Record<string, Operation>>;
    const routes = Object.entries(paths).flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, { responses }]) => {
        expect(responses['default']).toBeDefined();
        return `${method} ${path} ${Object.keys(responses)[0]}`;
      }),
    );
    expect(routes.sort()).toEqual([
      'delete /api/v1/organizations/{orgId}/api-keys/{keyId} 204',
      'get /api/v1/me 200',
      'get /api/v1/organizations 200',
      'get /api/v1/organizations/{orgId} 200',
      'get /api/v1/organizations/{orgId}/api-keys 200',
      'get /api/v1/organizations/{orgId}/api-keys/{keyId} 200',
      'patch /api/v1/organizations/{orgId}/api-keys/{keyId} 200',
      'post /api/v1/auth/login 200',
      'post /api/v1/auth/logout 204',
      'post /api/v1/organizations 201',
      'post /api/v1/organizations/{orgId}/api-keys 201',
    ]);
    expect(paths['/api/v1/auth/login']!['post']!.security).toEqual([]);
    expect(body['security']).toEqual([{ bearer: [] }, { apiKey: [] }]);
  });

  it('points only to schemas that are there', async () => {
    const { text, body } = await harness.call('GET', '/api/openapi.json');
    const { schemas } = body['components'] as { schemas: Record<string, unknown> };
    const named = [...text.matchAll(/#\/components\/schemas\/(\w+)/g)].map((found) => found[1]!);
    expect(named.length).toBeGreaterThan(10);
    for (const name of named) expect(schemas).toHaveProperty(name);
  });
});
