/** The typed client on the whole product: what the page's REST examples do, and each kind of resource once. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApiProblem, createClient, items, type ApiClient } from '@mcpstack/api-client';
import { approveDevice, Browser } from '@mcpstack/testing';
import { newPerson } from './people.ts';
import { OWNER, Product } from './product.ts';

const KEYS = '/api/v1/organizations/{orgId}/api-keys';
const KEY = '/api/v1/organizations/{orgId}/api-keys/{keyId}';

let product: Product;
let api: ApiClient;
let orgId: string;
beforeAll(async () => {
  product = await Product.start();
  orgId = product.organizationId;
  const baseUrl = product.stack.gatewayUrl;
  const anonymous = createClient({ baseUrl });
  const { data: device } = await anonymous.POST('/api/v1/auth/device', { body: { clientName: 'a client' } });
  await approveDevice(new Browser(), device.verificationUriComplete, OWNER);
  const { data: login } = await anonymous.POST('/api/v1/auth/token', {
    body: { grantType: 'device-code', deviceCode: device.deviceCode },
  });
  api = createClient({ baseUrl, token: login.accessToken });
}, 600_000);
afterAll(() => product?.stop());

describe('the typed client', () => {
  it('walks the page: create, list, verify, revoke; as a person and as a key', async () => {
    const params = { path: { orgId } };
    const admin = await api.POST(KEYS, { params, body: { name: 'admin', role: 'admin' } });
    const asKey = createClient({ baseUrl: product.stack.gatewayUrl, token: admin.data.secret! });
    for (const client of [api, asKey]) {
      const body = { name: 'automation-bot', role: 'developer' } as const;
      const { data: key } = await client.POST(KEYS, { params, body });
      expect(key.secret).toMatch(/^mcpstack_sk_/);
      const { data: list } = await client.GET(KEYS, { params });
      expect(list.data.map(({ id }) => id)).toContain(key.id);
      expect(JSON.stringify(list)).not.toContain(key.secret);
      expect(await product.verify({ key: key.secret! })).toMatchObject({ code: 'VALID', keyId: key.id });
      const path = { orgId, keyId: key.id };
      expect((await client.DELETE(KEY, { params: { path } })).data).toBeUndefined();
      expect(await product.verify({ key: key.secret! })).toMatchObject({ code: 'REVOKED' });
      expect((await client.GET(KEY, { params: { path } })).data).toMatchObject({ state: 'revoked' });
    }
    const me = await asKey.GET('/api/v1/me');
    expect(me.data).toMatchObject({ id: admin.data.id });
  });

  it('goes through a list of many pages, each item once', async () => {
    const made: string[] = [];
    for (let number = 0; number < 7; number += 1) {
      const body = { name: `listed ${number}`, role: 'viewer' as const, tags: ['listed'] };
      made.push((await api.POST(KEYS, { params: { path: { orgId } }, body })).data.id);
    }
    const listed: string[] = [];
    const path = { orgId };
    for await (const key of items((page) =>
      api.GET(KEYS, { params: { path, query: { ...page, limit: 2, tag: 'listed' } } }),
    ))
      listed.push(key.id);
    expect(listed.sort()).toEqual(made.sort());
  });

  it('members, invitations, agents and servers, with an ETag that protects', async () => {
    const path = { orgId };
    const agents = '/api/v1/organizations/{orgId}/agents';
    const agent = await api.POST(agents, { params: { path }, body: { name: 'Helper' } });
    const agentPath = { orgId, agentId: agent.data.id };
    const change = (name: string, etag: string) =>
      api.PATCH('/api/v1/organizations/{orgId}/agents/{agentId}', {
        params: { path: agentPath, header: { 'If-Match': etag } },
        body: { name },
      });
    expect((await change('Guide', agent.etag!)).data.name).toBe('Guide');
    await expect(change('Late', agent.etag!)).rejects.toMatchObject({
      code: 'precondition-failed',
      status: 412,
    });
    const serversPath = '/api/v1/organizations/{orgId}/servers';
    const server = await api.POST(serversPath, { params: { path }, body: { name: 'One' } });
    const { data: servers } = await api.GET(serversPath, { params: { path } });
    expect(servers.data.map(({ id }) => id)).toEqual([server.data.id]);

    const person = await newPerson(product, 'guest');
    const invited = await api.POST('/api/v1/organizations/{orgId}/invitations', {
      params: { path },
      body: { email: person.email, role: 'developer' },
    });
    const guest = createClient({ baseUrl: product.stack.gatewayUrl, token: () => person.token });
    await guest.POST('/api/v1/invitations/accept', { body: { token: invited.data.token! } });
    const { data: members } = await guest.GET('/api/v1/organizations/{orgId}/members', { params: { path } });
    expect(members.data.map(({ userId }) => userId)).toContain(person.userId);
    const refused = guest.POST(KEYS, { params: { path }, body: { name: 'x', role: 'viewer' } });
    await expect(refused).rejects.toMatchObject({
      code: 'forbidden',
      permission: 'api-keys:write',
      requestId: expect.any(String) as string,
    });
    const wrong = api.POST(KEYS, { params: { path }, body: { name: 'x', role: 'emperor' as never } });
    await expect(wrong).rejects.toMatchObject({ status: 400, errors: [{ field: 'role' }] });
    await expect(wrong).rejects.toBeInstanceOf(ApiProblem);
  });

  describe('when answers are lost on the way', () => {
    let proxy: Server;
    let lost = 0;
    let baseUrl: string;
    beforeAll(async () => {
      // Carries out each request, and breaks the connection instead of answering the first two times.
      proxy = createServer((request, response) => {
        void (async () => {
          const chunks: Buffer[] = [];
          for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
          const { authorization = '', 'idempotency-key': key } = request.headers;
          const answer = await fetch(product.stack.gatewayUrl + request.url!, {
            method: request.method!,
            headers: {
              authorization,
              'content-type': 'application/json',
              ...(key !== undefined && { 'idempotency-key': String(key) }),
            },
            body: Buffer.concat(chunks),
          });
          const text = await answer.text();
          if ((lost += 1) <= 2) response.destroy();
          else
            response
              .writeHead(answer.status, {
                'content-type': answer.headers.get('content-type')!,
              })
              .end(text);
        })();
      });
      await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
      baseUrl = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    });
    afterAll(() => proxy.close());

    const params = () => ({ path: { orgId } });
    const createdAs = async (name: string) =>
      (await product.log()).filter(({ type, data }) => type === 'KeyCreated' && data['name'] === name);

    it('one key is made, and its secret is shown all the same (G2)', async () => {
      lost = 0;
      const client = createClient({ baseUrl, token: product.token });
      const body = { name: 'lost and found', role: 'viewer' } as const;
      const { data: key } = await client.POST(KEYS, { params: params(), body });
      expect(lost).toBe(3);
      expect((await product.verify({ key: key.secret! })).code).toBe('VALID');
      expect((await createdAs(body.name)).map(({ stream }) => stream)).toEqual([`key-${key.id}`]);
    });

    it('control: without the Idempotency-Key there are three', async () => {
      lost = 0;
      const send = (request: Request): Promise<Response> => {
        request.headers.delete('idempotency-key');
        return fetch(request);
      };
      const client = createClient({ baseUrl, token: product.token, fetch: send });
      const body = { name: 'lost thrice', role: 'viewer' } as const;
      await client.POST(KEYS, { params: params(), body });
      expect(await createdAs(body.name)).toHaveLength(3);
    });
  });
});
