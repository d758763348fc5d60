/**
 * Every route, for every role and kind of credential, in one's own organization, in somebody else's, and in one that
 * does not exist. What must come out stands here by itself and shares nothing with the gateway.
 */
import { isRole, makeToken, ROLE_PERMISSIONS, ROLES, type Permission, type Role } from '@mcpstack/contracts';
import { cookieOf, newMember, newPerson } from './people.ts';
import { Product, WHOLE, type Answer } from './product.ts';

const O = '/api/v1/organizations/{orgId}';

/** Who may call it: anybody at all, any person or key, people, keys; or who holds this permission there. */
type Rule = 'public' | 'anyone' | 'people' | 'keys' | 'publishable' | Permission;

const ROUTES: readonly (readonly [method: string, path: string, rule: Rule])[] = [
  ['POST', '/api/v1/auth/logout', 'people'],
  ['POST', '/api/v1/auth/device', 'public'],
  ['POST', '/api/v1/auth/token', 'public'],
  ['GET', '/api/v1/permissions', 'anyone'],
  ['GET', '/api/v1/me', 'anyone'],
  ['GET', '/api/v1/me/profile', 'people'],
  ['PATCH', '/api/v1/me/profile', 'people'],
  ['DELETE', '/api/v1/me/profile', 'people'],
  ['GET', '/api/v1/me/sessions', 'people'],
  ['DELETE', '/api/v1/me/sessions/{sessionId}', 'people'],
  ['POST', '/api/v1/me/revoke', 'keys'],
  ['POST', '/api/v1/invitations/accept', 'people'],
  ['POST', '/api/v1/credentials/revoke', 'public'],
  ['POST', '/api/v1/integrations/github/secret-scanning', 'public'],
  ['GET', '/api/v1/embed/agent', 'publishable'],
  ['GET', '/api/v1/organizations', 'anyone'],
  ['POST', '/api/v1/organizations', 'people'],
  ['GET', O, 'organization:read'],
  ['PATCH', O, 'organization:write'],
  ['GET', `${O}/policy`, 'organization:read'],
  ['PUT', `${O}/policy`, 'organization:write'],
  ['POST', `${O}/suspend`, 'organization:write'],
  ['POST', `${O}/resume`, 'organization:write'],
  ['GET', `${O}/members`, 'members:read'],
  ['GET', `${O}/members/{userId}`, 'members:read'],
  ['PATCH', `${O}/members/{userId}`, 'members:write'],
  ['DELETE', `${O}/members/{userId}`, 'members:write'],
  ['POST', `${O}/members/{userId}/suspend`, 'members:write'],
  ['POST', `${O}/members/{userId}/resume`, 'members:write'],
  ['GET', `${O}/invitations`, 'members:read'],
  ['POST', `${O}/invitations`, 'members:write'],
  ['GET', `${O}/invitations/{invitationId}`, 'members:read'],
  ['DELETE', `${O}/invitations/{invitationId}`, 'members:write'],
  ['GET', `${O}/agents`, 'agents:read'],
  ['POST', `${O}/agents`, 'agents:write'],
  ['GET', `${O}/agents/{agentId}`, 'agents:read'],
  ['PATCH', `${O}/agents/{agentId}`, 'agents:write'],
  ['DELETE', `${O}/agents/{agentId}`, 'agents:write'],
  ['GET', `${O}/agents/{agentId}/domains`, 'domains:read'],
  ['POST', `${O}/agents/{agentId}/domains`, 'domains:write'],
  ['GET', `${O}/agents/{agentId}/domains/{domainId}`, 'domains:read'],
  ['DELETE', `${O}/agents/{agentId}/domains/{domainId}`, 'domains:write'],
  ['POST', `${O}/agents/{agentId}/domains/{domainId}/check`, 'domains:write'],
  ['GET', `${O}/servers`, 'servers:read'],
  ['POST', `${O}/servers`, 'servers:write'],
  ['GET', `${O}/servers/{serverId}`, 'servers:read'],
  ['PATCH', `${O}/servers/{serverId}`, 'servers:write'],
  ['DELETE', `${O}/servers/{serverId}`, 'servers:write'],
  ['GET', `${O}/api-keys`, 'api-keys:read'],
  ['POST', `${O}/api-keys`, 'api-keys:write'],
  ['POST', `${O}/api-keys/bulk-revoke`, 'api-keys:write'],
  ['POST', `${O}/api-keys/import`, 'api-keys:write'],
  ['GET', `${O}/api-keys/{keyId}`, 'api-keys:read'],
  ['PATCH', `${O}/api-keys/{keyId}`, 'api-keys:write'],
  ['DELETE', `${O}/api-keys/{keyId}`, 'api-keys:write'],
  ['POST', `${O}/api-keys/{keyId}/rotate`, 'api-keys:write'],
  ['POST', `${O}/api-keys/{keyId}/suspend`, 'api-keys:write'],
  ['POST', `${O}/api-keys/{keyId}/resume`, 'api-keys:write'],
  ['POST', `${O}/api-keys/{keyId}/explain`, 'api-keys:explain'],
  ['GET', `${O}/api-keys/{keyId}/usage`, 'api-keys:read'],
  ['GET', `${O}/api-keys/{keyId}/events`, 'audit:read'],
  ['GET', `${O}/events`, 'audit:read'],
  ['GET', `${O}/public-keys`, 'api-keys:read'],
  ['POST', `${O}/public-keys`, 'api-keys:write'],
  ['GET', `${O}/public-keys/{keyId}`, 'api-keys:read'],
  ['PATCH', `${O}/public-keys/{keyId}`, 'api-keys:write'],
  ['DELETE', `${O}/public-keys/{keyId}`, 'api-keys:write'],
  ['POST', `${O}/public-keys/{keyId}/suspend`, 'api-keys:write'],
  ['POST', `${O}/public-keys/{keyId}/resume`, 'api-keys:write'],
  ['POST', `${O}/public-keys/{keyId}/temporary-origins`, 'api-keys:write'],
  ['POST', `${O}/public-keys/{keyId}/explain`, 'api-keys:explain'],
  ['GET', `${O}/public-keys/{keyId}/usage`, 'api-keys:read'],
  ['GET', `${O}/webhooks`, 'webhooks:read'],
  ['POST', `${O}/webhooks`, 'webhooks:write'],
  ['GET', `${O}/webhooks/{webhookId}`, 'webhooks:read'],
  ['PATCH', `${O}/webhooks/{webhookId}`, 'webhooks:write'],
  ['DELETE', `${O}/webhooks/{webhookId}`, 'webhooks:write'],
  ['POST', `${O}/webhooks/{webhookId}/rotate-secret`, 'webhooks:write'],
  ['POST', `${O}/webhooks/{webhookId}/disable`, 'webhooks:write'],
  ['POST', `${O}/webhooks/{webhookId}/enable`, 'webhooks:write'],
  ['POST', `${O}/webhooks/{webhookId}/test`, 'webhooks:write'],
  ['POST', `${O}/webhooks/{webhookId}/replay`, 'webhooks:write'],
  ['GET', `${O}/webhooks/{webhookId}/deliveries`, 'webhooks:read'],
];

/** Carrying these out would take away what the other cells stand on: only their refusals are asserted. */
const DISRUPTIVE = new Set(['POST /api/v1/auth/logout', 'POST /api/v1/me/revoke', `POST ${O}/suspend`]);

interface Credential {
  name: string;
  /** Empty: what `headers` hold counts. */
  token: string;
  headers?: Record<string, string>;
  type: 'person' | 'key' | 'invalid';
  /** In the first organization; absent for who is no member there. */
  permissions?: readonly Permission[];
}

let product: Product;
let foreignOrganization: string;
const credentials: Credential[] = [];

beforeAll(async () => {
  product = await Product.start({ instances: WHOLE });
  const stranger = await newPerson(product, 'stranger');
  foreignOrganization = (await newPerson(product, 'neighbour')).organizationId;
  const person = (name: string, token: string, role?: Role) =>
    credentials.push({ name, token, type: 'person', ...(role && { permissions: ROLE_PERMISSIONS[role] }) });
  person('person: owner', product.token, 'owner');
  for (const role of ['admin', 'developer', 'viewer'] as const)
    person(`person: ${role}`, (await newMember(product, role, role)).token, role);
  const browser = await newMember(product, 'browser', 'developer');
  credentials.push({
    ...{ name: 'person: developer, by the cookie of a browser', token: '', type: 'person' },
    headers: { cookie: await cookieOf(product, browser), 'sec-fetch-site': 'same-origin' },
    permissions: ROLE_PERMISSIONS.developer,
  });
  person('person: no member', stranger.token);
  const suspended = await newMember(product, 'suspended', 'admin');
  const members = `/api/v1/organizations/${product.organizationId}/members`;
  expect((await product.http('POST', `${members}/${suspended.userId}/suspend`)).status).toBe(200);
  person('person: suspended member', suspended.token);

  for (const role of ROLES) {
    const { secret } = await product.create(`key of ${role}`, role);
    credentials.push({
      name: `key: ${role}`,
      token: secret,
      type: 'key',
      permissions: ROLE_PERMISSIONS[role],
    });
  }
  const narrowed = await product.http('POST', product.keysPath, {
    body: { name: 'narrowed', role: 'admin', permissions: ['servers:read', 'api-keys:read'] },
  });
  credentials.push({
    name: 'key: admin narrowed to two permissions',
    token: narrowed.body['secret'] as string,
    type: 'key',
    permissions: ['servers:read', 'api-keys:read'],
  });
  const theirs = await product.http('POST', `/api/v1/organizations/${stranger.organizationId}/api-keys`, {
    token: stranger.token,
    body: { name: 'of another organization', role: 'owner' },
  });
  credentials.push({
    name: 'key: of another organization',
    token: theirs.body['secret'] as string,
    type: 'key',
  });

  const invalid = (name: string, token: string) => credentials.push({ name, token, type: 'invalid' });
  invalid('none', '');
  invalid('nonsense', 'nonsense-that-is-long-enough');
  credentials.push({
    ...{ name: 'person: by a device’s token in the cookie', token: '', type: 'invalid' },
    headers: { cookie: `mcpstack_session=${browser.token}`, 'sec-fetch-site': 'same-origin' },
  });
  invalid('key: unknown', makeToken('service'));
  invalid('key: publishable', makeToken('publishable'));
  const revoked = await product.create('revoked', 'owner');
  expect((await product.http('DELETE', `${product.keysPath}/${revoked.id}`)).status).toBe(204);
  invalid('key: revoked', revoked.secret);
  const paused = await product.create('paused', 'owner');
  expect((await product.http('POST', `${product.keysPath}/${paused.id}/suspend`)).status).toBe(200);
  invalid('key: suspended', paused.secret);
}, 600_000);
afterAll(() => product?.stop());

describe('route × role × credential × organization', () => {
  it('the table names every route of the OpenAPI document, and nothing else', async () => {
    const { body } = await product.http('GET', '/api/openapi.json');
    const documented = Object.entries(body['paths'] as Record<string, object>).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const ours = ROUTES.map(([method, path]) => `${method} ${path}`);
    const beside = /^(GET \/health|GET \/api\/(openapi\.json|docs)|OPTIONS )/;
    expect(documented.filter((name) => !beside.test(name)).sort()).toEqual([...ours].sort());
  });

  it('every cell', async () => {
    const wrong: string[] = [];
    let cells = 0;
    for (const [method, path, rule] of ROUTES) {
      const places = path.includes('{orgId}') ? (['own', 'foreign', 'unknown'] as const) : (['own'] as const);
      const checks = credentials.flatMap((credential) =>
        places.map(async (place) => {
          const expected = expectedOf(rule, credential, place);
          if (expected === 'allowed' && DISRUPTIVE.has(`${method} ${path}`)) return;
          const answer = await call(method, path, place, credential);
          cells += 1;
          const got = outcomeOf(answer, rule);
          if (got !== expected)
            wrong.push(
              `${method} ${path} as ${credential.name} in ${place}: ${expected}, got ${got} (${answer.status} ${JSON.stringify(answer.body['detail'])})`,
            );
        }),
      );
      await Promise.all(checks);
    }
    expect(wrong).toEqual([]);
    expect(cells).toBeGreaterThan(2_500);
  }, 300_000);

  it('a foreign organization and an unknown one are told apart by nothing', async () => {
    for (const [method, path] of ROUTES.filter(([, one]) => one.includes('{orgId}'))) {
      for (const credential of credentials.filter(({ type }) => type !== 'invalid')) {
        const [foreign, unknown] = await Promise.all(
          (['foreign', 'unknown'] as const).map((place) => call(method, path, place, credential)),
        );
        expect(withoutRequest(foreign!)).toEqual(withoutRequest(unknown!));
      }
    }
  }, 300_000);

  it('control: a cell that is allowed one role too many, or one too few, is found', async () => {
    const [method, path, rule] = ROUTES.find(([one, at]) => one === 'POST' && at === `${O}/servers`)!;
    const named = (name: string) => credentials.find((one) => one.name === name)!;
    for (const [who, other] of [
      ['key: viewer', 'key: developer'],
      ['person: developer', 'person: viewer'],
    ] as const) {
      const got = outcomeOf(await call(method, path, 'own', named(who)), rule);
      expect(got).toBe(expectedOf(rule, named(who), 'own'));
      expect(got).not.toBe(expectedOf(rule, named(other), 'own'));
    }
  });

  it('control: an organization of which one is a member does look otherwise', async () => {
    const [own, unknown] = await Promise.all(
      (['own', 'unknown'] as const).map((place) => call('GET', O, place, { token: product.token })),
    );
    expect(withoutRequest(own!)).not.toEqual(withoutRequest(unknown!));
    expect(isRole(own!.body['role'])).toBe(true);
  });
});

type Outcome = 'unauthenticated' | 'forbidden' | 'no organization' | 'allowed';

function expectedOf(
  rule: Rule,
  { name, type, permissions }: Credential,
  place: 'own' | 'foreign' | 'unknown',
): Outcome {
  if (rule === 'public') return 'allowed';
  // The right kind of key, and no Origin with it.
  if (rule === 'publishable') return name === 'key: publishable' ? 'forbidden' : 'unauthenticated';
  if (type === 'invalid') return 'unauthenticated';
  if (rule === 'anyone') return 'allowed';
  if (rule === 'people') return type === 'person' ? 'allowed' : 'forbidden';
  if (rule === 'keys') return type === 'key' ? 'allowed' : 'forbidden';
  // A key is asked for its permission before the organization is looked at; that tells nothing of others.
  if (type === 'key' && permissions && !permissions.includes(rule)) return 'forbidden';
  if (place !== 'own' || !permissions) return 'no organization';
  return permissions.includes(rule) ? 'allowed' : 'forbidden';
}

function outcomeOf({ status, body }: Answer, rule: Rule): Outcome {
  if (status === 401) return 'unauthenticated';
  if (status === 403) return 'forbidden';
  if (status === 404 && rule.includes(':') && body['detail'] === 'There is no such organization.')
    return 'no organization';
  return 'allowed';
}

/** Ids that nothing has: who is let in gets 400 or 404 of the resource, and changes nothing. */
function call(
  method: string,
  path: string,
  place: 'own' | 'foreign' | 'unknown',
  { token, headers = {} }: Pick<Credential, 'token' | 'headers'>,
): Promise<Answer> {
  const nowhere = '0'.repeat(22);
  const organization = {
    own: product.organizationId,
    foreign: foreignOrganization,
    unknown: `org_${nowhere}`,
  };
  const filled = path
    .replace('{orgId}', organization[place])
    .replace('{keyId}', `key_${nowhere}`)
    .replace('{agentId}', `agent_${nowhere}`)
    .replace('{serverId}', `srv_${nowhere}`)
    .replace('{domainId}', `dom_${nowhere}`)
    .replace('{invitationId}', `inv_${nowhere}`)
    .replace('{sessionId}', `ses_${nowhere}`)
    .replace('{webhookId}', `whk_${nowhere}`)
    .replace('{userId}', `user_${nowhere}`);
  const takesBody =
    method === 'PUT' ||
    method === 'PATCH' ||
    (method === 'POST' && !/suspend|resume|check|logout|disable|enable|test$/.test(path));
  return product.http(method, filled, { token, headers, ...(takesBody && { body: {} }) });
}

function withoutRequest({ status, body, headers }: Answer): object {
  const kept = [...headers].filter(([name]) => !['x-request-id', 'date'].includes(name));
  return { status, body: { ...body, requestId: '' }, headers: kept };
}
