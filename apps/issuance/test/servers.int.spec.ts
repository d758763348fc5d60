/** Commands on servers: accepted, refused, repeated. */
import { newId, type Actor } from '@mcpstack/contracts';
import {
  expectForbidden,
  expectHidden,
  expectRepeatable,
  keyActor,
  person,
  systemActor,
  wrongFields,
} from './checks.ts';
import { Harness, problemOf } from './harness.ts';

let harness: Harness;
let organizationId: string;
let developer: Actor;
let viewer: Actor;
beforeAll(async () => {
  harness = await Harness.start();
  organizationId = harness.organizationId;
  [developer, viewer] = [await harness.addMember('developer'), await harness.addMember('viewer')];
});
afterAll(() => harness.stop());
beforeEach(() => harness.asked.splice(0));

const codeOf = async (sent: Promise<unknown>) => (await problemOf(sent)).code;
const typesOf = async (id: string) => (await harness.events(`server-${id}`)).map(({ type }) => type);
const newServer = async () =>
  (await harness.send('createServer', { organizationId, name: 'server', url: 'https://one.example.com/mcp' }))
    .server.id;

describe('createServer', () => {
  it('accepted and repeated: the server, one event; its URL may be left out', async () => {
    const input = { organizationId, name: 'Search', url: 'http://search.internal:8080/mcp?x=1' };
    const actor = developer;
    const { server, position } = await expectRepeatable(harness, 'createServer', input, { actor });
    expect(server).toEqual({
      id: expect.stringMatching(/^srv_[0-9A-Za-z]{22}$/) as string,
      ...input,
      state: 'active',
      createdAt: expect.any(String) as string,
      createdBy: developer,
      revision: '0',
    });
    expect(harness.asked[0]).toMatchObject({ need: 'visible', position });
    expect(await typesOf(server.id)).toEqual(['ServerCreated']);
    const without = await harness.send('createServer', { organizationId, name: 'No URL' });
    expect(without.server).not.toHaveProperty('url');
  });

  it('refused: without the permission, by a key with a scope, foreign, unknown', async () => {
    const input = { organizationId, name: 'No' };
    await expectForbidden(harness.send('createServer', input, { actor: viewer }), 'servers:write');
    const scope = { servers: [await newServer()] };
    const { key } = await harness.createKey({}, { role: 'developer', scope });
    await expectForbidden(harness.send('createServer', input, { actor: keyActor(key.id) }));
    await expectHidden(
      harness.send('createServer', input, { actor: person() }),
      harness.send('createServer', input, { actor: systemActor }),
      harness.send('createServer', { ...input, organizationId: newId('organization') }),
    );
  });

  it.each<[string, string, object]>([
    ['another scheme', 'url', { url: 'ftp://example.com' }],
    ['a script', 'url', { url: 'javascript:alert(1)' }],
    ['a relative one', 'url', { url: '/mcp' }],
    ['a password in it', 'url', { url: 'https://user:secret@example.com' }],
    ['a long one', 'url', { url: `https://example.com/${'x'.repeat(3_000)}` }],
    ['a control character', 'url', { url: 'https://example.com/\u0000' }],
    ['null', 'url', { url: null }],
    ['no name', 'name', { name: '' }],
    ['another field', 'extra', { extra: 1 }],
  ])('refused: %s', async (_what, field, change) => {
    const head = await harness.head();
    const input = { organizationId, name: 'server', ...change };
    expect(await wrongFields(harness.send('createServer', input))).toEqual([field]);
    expect(await harness.head()).toBe(head);
  });
});

describe('updateServer', () => {
  it('accepted and repeated: an event for each thing that changes', async () => {
    const serverId = await newServer();
    const input = { organizationId, serverId, name: 'New', url: 'https://two.example.com', ifRevision: '0' };
    const { server } = await expectRepeatable(harness, 'updateServer', input);
    expect(server).toMatchObject({ name: 'New', url: 'https://two.example.com', revision: '2' });
    const named = await harness.send('updateServer', { organizationId, serverId, name: 'Newer' });
    expect(named.server).toMatchObject({ name: 'Newer', url: 'https://two.example.com', revision: '3' });
    expect((await harness.send('updateServer', { organizationId, serverId })).server).toEqual(named.server);
    expect(await typesOf(serverId)).toEqual([
      'ServerCreated',
      'ServerRenamed',
      'ServerUrlChanged',
      'ServerRenamed',
    ]);
  });

  it('refused: with a stale revision, without the permission, foreign, unknown, beyond a scope, removed', async () => {
    const serverId = await newServer();
    const input = { organizationId, serverId, name: 'No' };
    const stale = harness.send('updateServer', { ...input, ifRevision: '4' });
    expect(await codeOf(stale)).toBe('precondition-failed');
    await expectForbidden(harness.send('updateServer', input, { actor: viewer }), 'servers:write');
    const scope = { servers: [await newServer()] };
    const { key } = await harness.createKey({}, { role: 'developer', scope });
    await expectHidden(
      harness.send('updateServer', input, { actor: person() }),
      harness.send('updateServer', input, { actor: keyActor(key.id) }),
      harness.send('updateServer', { ...input, serverId: newId('server') }),
      harness.send('updateServer', { ...input, organizationId: newId('organization') }),
    );
    await harness.send('removeServer', { organizationId, serverId });
    expect(await codeOf(harness.send('updateServer', input))).toBe('conflict');
    expect(await typesOf(serverId)).toEqual(['ServerCreated', 'ServerRemoved']);
  });
});

describe('removeServer', () => {
  it('accepted and repeated, also under another command id: one event', async () => {
    const serverId = await newServer();
    await expectRepeatable(harness, 'removeServer', { organizationId, serverId });
    await harness.send('removeServer', { organizationId, serverId });
    expect(await typesOf(serverId)).toEqual(['ServerCreated', 'ServerRemoved']);
  });

  it('refused: without the permission, foreign, unknown', async () => {
    const serverId = await newServer();
    const input = { organizationId, serverId };
    await expectForbidden(harness.send('removeServer', input, { actor: viewer }), 'servers:write');
    await expectHidden(
      harness.send('removeServer', input, { actor: person() }),
      harness.send('removeServer', { ...input, serverId: newId('server') }),
    );
    expect(await typesOf(serverId)).toEqual(['ServerCreated']);
  });
});
