import {
  newId,
  ProblemError,
  ROLE_PERMISSIONS,
  type Agent,
  type Permission,
  type Server,
} from '@mcpstack/contracts';
import { Get, Controller, RequestMethod, type Type } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { Reflector } from '@nestjs/core';
import { CONTROLLERS } from '../gateway.module.ts';
import { RouteTable } from '../http/route-table.ts';
import { expectProblem, Harness, type Answer } from '../../test/harness.ts';
import { accessRuleOf } from './access.ts';

let harness: Harness;
let session: string;
beforeAll(async () => {
  harness = await Harness.start();
  session = await harness.login();
});
afterAll(() => harness.stop());
afterEach(() => harness.models.changeOrganization(harness.organizationId, { state: 'active' }));

const CREATED_AT = '2026-01-01T00:00:00.000Z';
const owned = (): Omit<Agent & Server, 'id'> => ({
  organizationId: harness.organizationId,
  name: 'one',
  state: 'active',
  createdAt: CREATED_AT,
  createdBy: { type: 'user', id: harness.userId },
  revision: '3',
});

interface Route {
  name: string;
  ruled: boolean;
}

/** Every route of these controllers, and whether its handler or class says who may call it. */
function routesOf(controllers: readonly Type[]): Route[] {
  return controllers.flatMap((controller) => {
    const prototype = controller.prototype as Record<string, never>;
    const base = Reflect.getMetadata(PATH_METADATA, controller) as string;
    return methodsOf(prototype).flatMap((handler) => {
      const paths = Reflect.getMetadata(PATH_METADATA, handler) as string | string[] | undefined;
      if (paths === undefined) return [];
      const method = RequestMethod[Reflect.getMetadata(METHOD_METADATA, handler) as number]!;
      const ruled = accessRuleOf(new Reflector(), controller, handler) !== undefined;
      return [paths].flat().map((path) => {
        const whole = `/${base}/${path}`.replace(/\/+/g, '/').replace(/(?<=.)\/$/, '');
        return { name: `${method} ${whole}`, ruled };
      });
    });
  });
}

/** Inherited ones as well: Nest serves them. */
function methodsOf(prototype: Record<string, never>): (() => void)[] {
  const found: (() => void)[] = [];
  for (let at: object = prototype; at !== Object.prototype; at = Object.getPrototypeOf(at) as object)
    for (const name of Object.getOwnPropertyNames(at))
      if (name !== 'constructor' && typeof prototype[name] === 'function') found.push(prototype[name]);
  return found;
}

describe('every route names who may call it', () => {
  it('as the controllers have it', () => {
    const routes = routesOf(CONTROLLERS);
    expect(routes.length).toBeGreaterThan(60);
    expect(routes.filter(({ ruled }) => !ruled)).toEqual([]);
  });

  it('and nothing is served beside them but the OpenAPI document', () => {
    const served = [...harness.app.get(RouteTable).all()].filter((name) => !name.startsWith('HEAD '));
    const known = new Set(routesOf(CONTROLLERS).map(({ name }) => name));
    expect(served.length).toBeGreaterThan(60);
    expect(served.filter((name) => !known.has(name))).toEqual(['GET /api/openapi.json']);
  });

  it('control: a route that names nobody is found, and answers nobody', async () => {
    @Controller('open')
    class Open {
      @Get()
      anything(): string {
        return 'for all';
      }
    }
    expect(routesOf([...CONTROLLERS, Open]).filter(({ ruled }) => !ruled)).toEqual([
      { name: 'GET /open', ruled: false },
    ]);
    CONTROLLERS.push(Open);
    const other = await Harness.start();
    CONTROLLERS.pop();
    const answer = await other.call('GET', '/open', { token: await other.login() });
    await other.stop();
    expectProblem(answer, 500, 'internal');
    expect(answer.text).not.toContain('for all');
  });
});

describe('members and organizations that are suspended', () => {
  it('404: a suspended member is no member', async () => {
    const { token, userId } = await harness.loginAs('admin');
    const get = () => harness.call('GET', harness.organizationPath, { token });
    expect((await get()).status).toBe(200);
    harness.models.changeMember(harness.organizationId, userId, { state: 'suspended' });
    const [suspended, unknown] = [
      await get(),
      await harness.call('GET', `/api/v1/organizations/${newId('organization')}`, { token }),
    ];
    expectProblem(suspended, 404, 'not-found');
    expect({ ...suspended.problem, requestId: '' }).toEqual({ ...unknown.problem, requestId: '' });
    expect((await harness.call('GET', '/api/v1/organizations', { token })).body).toEqual({ data: [] });
    // The session itself is good: it says who they are, and nothing of the organization.
    expect((await harness.call('GET', '/api/v1/me', { token })).body).toEqual({ type: 'user', id: userId });
  });

  it('in a suspended organization members read and its owners resume it, and nothing else', async () => {
    harness.models.changeOrganization(harness.organizationId, { state: 'suspended' });
    const call = (method: string, path: string, json?: unknown): Promise<Answer> =>
      harness.call(method, `${harness.organizationPath}${path}`, { token: session, json });
    expect((await call('GET', '')).body).toMatchObject({ state: 'suspended' });
    expect((await call('GET', '/members')).status).toBe(200);
    expect((await call('POST', '/resume')).status).toBe(200);
    const answer = await call('POST', '/agents', { name: 'x' });
    expectProblem(answer, 403, 'forbidden');
    expect(answer.problem.permission).toBe('agents:write');
    expect(answer.problem.detail).toContain('suspended');
    // Control: it is the suspension that forbids it.
    harness.models.changeOrganization(harness.organizationId, { state: 'active' });
    expect((await call('POST', '/agents', { name: 'x' })).status).toBe(201);
  });

  it('503, G4: a role rests on two readings, both trusted', async () => {
    for (const condition of ['away', 'untrusted'] as const) {
      harness.models.condition = condition;
      const answer = await harness.call('GET', harness.organizationPath, { token: session });
      harness.models.condition = 'well';
      expectProblem(answer, 503, 'unavailable');
    }
  });
});

describe('G8: foreign and unknown', () => {
  it('an organization that is foreign takes the same reads as one that is not there', async () => {
    const foreign = newId('organization');
    harness.models.addOrganization(foreign, 'Theirs', { [newId('user')]: 'owner' });
    const seen = [];
    for (const id of [foreign, newId('organization')]) {
      const before = harness.models.reads.length;
      const answer = await harness.call('GET', `/api/v1/organizations/${id}`, {
        token: session,
        headers: ['X-Request-Id', 'r'],
      });
      seen.push({ text: answer.text, reads: harness.models.reads.slice(before) });
    }
    expect(seen[0]).toEqual(seen[1]);
    expect(seen[0]!.reads).toEqual(['getMember', 'getOrganization']);
  });

  it.each([
    ['members', 'user'],
    ['invitations', 'invitation'],
    ['agents', 'agent'],
    ['servers', 'server'],
    ['api-keys', 'key'],
    ['public-keys', 'key'],
  ] as const)('%s: a foreign id, an unknown and a misspelled one answer alike', async (path, kind) => {
    const foreignOrganization = newId('organization');
    const foreign = newId(kind);
    harness.models.addOrganization(foreignOrganization, 'Theirs', {});
    const theirs = { ...owned(), id: foreign, organizationId: foreignOrganization };
    harness.models.addAgent(theirs);
    harness.models.addServer(theirs);
    harness.models.addKey(theirs as never);
    harness.models.addPublicKey(theirs as never);
    harness.models.addInvitation(theirs as never);
    harness.models.addMember(foreignOrganization, foreign);
    const texts: string[] = [];
    const reads: string[] = [];
    for (const id of [foreign, newId(kind), 'nonsense']) {
      const before = harness.models.reads.length;
      const answer = await harness.call('GET', `${harness.organizationPath}/${path}/${id}`, {
        token: session,
        headers: ['X-Request-Id', 'r'],
      });
      expectProblem(answer, 404, 'not-found');
      texts.push(answer.text);
      if (id !== 'nonsense') reads.push(harness.models.reads.slice(before).join());
    }
    expect(new Set(texts).size).toBe(1);
    expect(new Set(reads).size).toBe(1);
  });
});

describe('a key that is limited to some agents or servers', () => {
  const agents = [newId('agent'), newId('agent')];
  const servers = [newId('server'), newId('server')];
  let scoped: string;
  let free: string;
  beforeAll(() => {
    for (const id of agents) harness.models.addAgent({ ...owned(), id });
    for (const id of servers) harness.models.addServer({ ...owned(), id });
    const scope = { agents: [agents[0]!], servers: [servers[0]!] };
    scoped = harness.key('owner', harness.organizationId, { scope });
    free = harness.key('owner');
  });
  const call = (token: string, method: string, path: string, json?: unknown): Promise<Answer> =>
    harness.call(method, `${harness.organizationPath}${path}`, {
      token,
      json,
      headers: ['X-Request-Id', 'r'],
    });

  it('200: lists show what is in its scope', async () => {
    for (const [path, ids] of [
      ['/agents', agents],
      ['/servers', servers],
    ] as const) {
      const listed = async (token: string) =>
        ((await call(token, 'GET', path)).body['data'] as { id: string }[]).map(({ id }) => id);
      expect(await listed(scoped)).toEqual([ids[0]]);
      expect(await listed(free)).toEqual(expect.arrayContaining([...ids]));
    }
  });

  it('200 in its scope; 404 outside, like what does not exist, and nothing is sent', async () => {
    const paths: [string, string, unknown][] = [
      ['GET', '/agents/%', undefined],
      ['PATCH', '/agents/%', { name: 'x' }],
      ['DELETE', '/agents/%', undefined],
      ['GET', '/agents/%/domains', undefined],
      ['POST', '/agents/%/domains', { domain: 'example.com' }],
      ['POST', `/agents/%/domains/${newId('domain')}/check`, undefined],
    ];
    for (const [method, path, json] of paths) {
      expect((await call(scoped, method, path.replace('%', agents[0]!), json)).status).toBeLessThan(300);
      const before = harness.issuance.commands.length;
      const outside = await call(scoped, method, path.replace('%', agents[1]!), json);
      const unknown = await call(scoped, method, path.replace('%', newId('agent')), json);
      expectProblem(outside, 404, 'not-found');
      expect(outside.text).toBe(unknown.text);
      expect(harness.issuance.commands).toHaveLength(before);
      // Control: without a scope it is there.
      expect((await call(free, method, path.replace('%', agents[1]!), json)).status).toBeLessThan(300);
    }
    expect((await call(scoped, 'GET', `/servers/${servers[0]!}`)).status).toBe(200);
    expectProblem(await call(scoped, 'GET', `/servers/${servers[1]!}`), 404, 'not-found');
  });

  it('403: what writes for the whole organization', async () => {
    const writes: [string, string, unknown][] = [
      ['POST', '/agents', { name: 'x' }],
      ['POST', '/servers', { name: 'x' }],
      ['PATCH', '', { name: 'x' }],
      ['PUT', '/policy', { onMakerLoss: 'list' }],
      ['POST', '/suspend', undefined],
      ['POST', '/invitations', { email: 'ada@example.com', role: 'viewer' }],
      ['DELETE', `/members/${newId('user')}`, undefined],
    ];
    for (const [method, path, json] of writes) {
      const before = harness.issuance.commands.length;
      expectProblem(await call(scoped, method, path, json), 403, 'forbidden');
      expect(harness.issuance.commands).toHaveLength(before);
      expect((await call(free, method, path, json)).status).toBeLessThan(300);
    }
  });

  it('200 and 201: what reads, and what is about keys', async () => {
    for (const path of ['', '/policy', '/members', '/api-keys'])
      expect((await call(scoped, 'GET', path)).status).toBe(200);
    const json = { name: 'x', role: 'viewer', scope: { agents: [agents[0]] } };
    expect((await call(scoped, 'POST', '/api-keys', json)).status).toBe(201);
  });
});

describe('a rule for one kind of caller', () => {
  it('403: a person where only keys may, a key where only people may', async () => {
    expectProblem(await harness.call('POST', '/api/v1/me/revoke', { token: session }), 403, 'forbidden');
    const token = harness.key('owner');
    expectProblem(await harness.call('GET', '/api/v1/me/profile', { token }), 403, 'forbidden');
  });

  it('204: members leave without a permission, and nobody else is removed that way', async () => {
    const { token, userId } = await harness.loginAs('viewer');
    const remove = (id: string) =>
      harness.call('DELETE', `${harness.organizationPath}/members/${id}`, { token });
    const answer = await remove(harness.userId);
    expectProblem(answer, 403, 'forbidden');
    expect(answer.problem.permission).toBe('members:write');
    expect((await remove(userId)).status).toBe(204);
    // Who has left may ask again until it is final (G3); that a stranger has nothing to leave, issuance says.
    const path = `/api/v1/organizations/${newId('organization')}/members`;
    expect((await harness.call('DELETE', `${path}/${userId}`, { token })).status).toBe(204);
    harness.issuance.override = () => {
      throw new ProblemError('not-found', 'There is nothing here with this id.');
    };
    expectProblem(await harness.call('DELETE', `${path}/${userId}`, { token }), 404, 'not-found');
    harness.issuance.override = undefined;
    // Control: whatever is about anybody else stays closed to who is no member.
    expectProblem(await harness.call('DELETE', `${path}/${harness.userId}`, { token }), 404, 'not-found');
    const nonsense = `/api/v1/organizations/nonsense/members/${userId}`;
    expectProblem(await harness.call('DELETE', nonsense, { token }), 404, 'not-found');
  });

  it('every permission that a route needs is one that some role has', () => {
    const all = new Set<Permission>(Object.values(ROLE_PERMISSIONS).flat());
    for (const controller of CONTROLLERS)
      for (const handler of methodsOf(controller.prototype as Record<string, never>)) {
        const rule = accessRuleOf(new Reflector(), controller, handler);
        if (rule?.to === 'organization') expect(all).toContain(rule.permission);
      }
  });
});
