/** What only one framework has: Hono away from Node, Nest's metadata and what is not HTTP. */
import { makeToken } from '@mcpstack/contracts';
import type { ExecutionContext } from '@nestjs/common';
import { Hono } from 'hono';
import { cors } from 'hono/cors';
import { requireKey } from '../../src/hono.ts';
import { keyGuard, RequirePermission } from '../../src/nestjs.ts';
import type { Question } from '../../src/question.ts';
import { valid } from '../responder.ts';

const KEY = makeToken('service');
let asked: Question[] = [];
const verifier = {
  verify: (question: Question) => {
    asked.push(question);
    return Promise.resolve(valid(0));
  },
  stats: () => ({}) as never,
  close: () => Promise.resolve(),
};
beforeEach(() => {
  asked = [];
});

describe('Hono on another platform than Node', () => {
  const remoteAddress = () => '203.0.113.7';
  const app = new Hono()
    .get('/told', requireKey(verifier, { remoteAddress }), (c) => c.text(c.get('key').keyId))
    .get('/untold', requireKey(verifier), (c) => c.text(c.get('key').keyId));
  const headers = (...pairs: [string, string][]) => ({ headers: new Headers(pairs) });

  it('is told who connected, or knows nobody', async () => {
    const sent = headers(['Authorization', `Bearer ${KEY}`], ['X-Forwarded-For', '198.51.100.1']);
    expect((await app.request('/told', sent)).status).toBe(200);
    expect((await app.request('/untold', sent)).status).toBe(200);
    expect(asked).toEqual([{ key: KEY, ip: '203.0.113.7' }, { key: KEY }]);
  });

  it.each(['Authorization', 'X-API-Key'])('sees that %s was sent twice', async (name) => {
    const value = name === 'Authorization' ? `Bearer ${KEY}` : KEY;
    expect((await app.request('/told', headers([name, value], [name, value]))).status).toBe(400);
    expect(asked).toEqual([]);
  });

  it('answers refusals with what a middleware before it has set, such as that of CORS', async () => {
    const open = new Hono().use(cors()).get('/', requireKey(verifier), (c) => c.text('ok'));
    const refusal = await open.request('/');
    expect([refusal.status, refusal.headers.get('access-control-allow-origin')]).toEqual([401, '*']);
    expect(refusal.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect((await open.request('/', { method: 'OPTIONS' })).status).toBe(204);
  });

  it('refuses an address that is not asked for', () => {
    expect(() => requireKey(verifier, { remoteAddress: '203.0.113.7' as never })).toThrow(
      'remoteAddress must be a function',
    );
  });
});

describe("Nest's guard", () => {
  @RequirePermission('servers:read')
  class Servers {
    list(this: void): void {}
    @RequirePermission('servers:write')
    create(this: void): void {}
  }
  class Inherited extends Servers {}
  class Others {
    list(this: void): void {}
  }
  const asking = async (type: string, controller: object, handler: object): Promise<unknown> => {
    const request = {
      rawHeaders: ['X-API-Key', KEY],
      url: '/',
      socket: { remoteAddress: undefined },
    };
    const context = {
      getType: () => type,
      getClass: () => controller,
      getHandler: () => handler,
      switchToHttp: () => ({ getRequest: () => request }),
    } as unknown as ExecutionContext;
    return keyGuard(verifier, { permission: 'agents:read' }).canActivate(context);
  };

  it("demands the route's permission, else the controller's, else its own", async () => {
    await asking('http', Servers, Servers.prototype.create);
    await asking('http', Servers, Servers.prototype.list);
    await asking('http', Inherited, Inherited.prototype.list);
    await asking('http', Others, Others.prototype.list);
    const permissions = asked.map(({ permission }) => permission);
    expect(permissions).toEqual(['servers:write', 'servers:read', 'servers:read', 'agents:read']);
  });

  it.each(['rpc', 'ws', 'graphql'])('lets nothing through over %s', async (type) => {
    expect(await asking(type, Servers, Servers.prototype.list)).toBe(false);
    expect(asked).toEqual([]);
  });

  it('refuses a permission that does not exist where it is written', () => {
    expect(() => RequirePermission('servers:wirte' as never)).toThrow('permission must be one of');
  });
});
