import { specification } from '@mcpstack/testing';
import {
  AT,
  BOT,
  FOREIGN_ORGANIZATION_ID,
  holds,
  LATER,
  ORGANIZATION_ID,
  OWNER,
  SERVER_ID,
} from '../../test/samples.ts';
import { notFound } from '../refusals.ts';
import type { CreateServer, RemoveServer, ServerCommand, UpdateServer } from './commands.ts';
import { server } from './decide.ts';
import type { ServerEvent } from './events.ts';

const { given } = specification(server);
const ids = { organizationId: ORGANIZATION_ID, serverId: SERVER_ID };
const authorized = { at: LATER, actor: OWNER, authority: holds('developer'), ...ids };
const by = { at: LATER, actor: OWNER };
const hidden = { message: notFound().message };
const URL_ = 'https://tools.example.com/mcp?v=1';

const created: ServerEvent = { type: 'ServerCreated', data: { ...ids, name: 'tools' }, at: AT, actor: OWNER };
const removed: ServerEvent = { type: 'ServerRemoved', data: {}, ...by };
const create: CreateServer = { type: 'CreateServer', ...authorized, at: AT, name: 'tools' };
const update: UpdateServer = { type: 'UpdateServer', ...authorized };
const remove: RemoveServer = { type: 'RemoveServer', ...authorized };

describe('servers', () => {
  it('are created, changed, removed; each once', () => {
    given().when(create).then(created);
    given()
      .when({ ...create, url: URL_ })
      .then({ ...created, data: { ...ids, name: 'tools', url: URL_ } });
    given(created).when(create).thenNothing();
    given(created)
      .when({ ...create, name: 'other' })
      .thenRefused('conflict');
    given(created)
      .when({ ...update, name: 'kit', url: URL_ })
      .then(
        { type: 'ServerRenamed', data: { name: 'kit' }, ...by },
        { type: 'ServerUrlChanged', data: { url: URL_ }, ...by },
      );
    given(created).when(update).thenNothing();
    given(created).when(remove).then(removed);
    given(created, removed).when(remove).thenNothing();
    given(created, removed)
      .when({ ...update, name: 'kit' })
      .thenRefused('conflict');
  });

  it.each<ServerCommand>([create, { ...update, name: 'kit' }, remove])(
    '$type needs servers:write; foreign and unknown ones look the same (G8)',
    (command) => {
      given(created)
        .when({ ...command, authority: holds('viewer') })
        .thenRefused('forbidden', { permission: 'servers:write' });
      given(created)
        .when({ ...command, authority: undefined })
        .thenRefused('not-found', hidden);
      if (command.type === 'CreateServer') return;
      given().when(command).thenRefused('not-found', hidden);
      for (const other of [
        { organizationId: FOREIGN_ORGANIZATION_ID },
        { serverId: 'srv_2' },
        { actor: BOT, authority: holds('owner', { servers: ['srv_2'] }) },
      ])
        given(created)
          .when({ ...command, ...other })
          .thenRefused('not-found', hidden);
      const authority = holds('owner', { servers: [SERVER_ID], agents: [] });
      expect(server.decide({ ...command, authority }, server.evolve(server.initial, created))).toHaveLength(
        1,
      );
    },
  );

  it('are not created by a key that is limited to some', () =>
    given()
      .when({ ...create, actor: BOT, authority: holds('owner', { agents: ['agent_1'] }) })
      .thenRefused('forbidden'));

  it.each([
    '',
    'tools.example.com',
    'ftp://tools.example.com',
    'javascript:alert(1)',
    'https:tools.example.com',
    'https://user:word@tools.example.com',
    'https://tools.example.com/#top',
    'https://tools.example.com/\n',
    ' https://tools.example.com',
    'https://',
    `https://tools.example.com/${'x'.repeat(2_048)}`,
  ])('refuse the URL %j', (url) => {
    given()
      .when({ ...create, url })
      .thenRefused('validation-failed', { fields: ['url'] });
    given(created)
      .when({ ...update, url })
      .thenRefused('validation-failed', { fields: ['url'] });
  });
});
