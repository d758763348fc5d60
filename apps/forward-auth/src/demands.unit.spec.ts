import { newId } from '@mcpstack/contracts';
import { demandsOfQuery, DemandsError, readDemands } from './demands.ts';

const agentId = newId('agent');
const serverId = newId('server');

describe('what a route demands', () => {
  it.each([
    ['permission=servers:read', { permission: 'servers:read' }],
    ['permission=servers%3Aread', { permission: 'servers:read' }],
    ['any-key=true', {}],
    ['any-key=true&kind=publishable', { expect: { kind: 'publishable' } }],
    [
      `permission=telemetry:write&kind=service&agent=${agentId}&server=${serverId}&cost=25`,
      { permission: 'telemetry:write', expect: { kind: 'service', agentId, serverId }, cost: 25 },
    ],
    ['any-key=true&cost=0', { cost: 0 }],
  ])('%s', (query, demands) => {
    expect(demandsOfQuery(query, '/things?a=b')).toEqual(demands);
  });

  it.each([
    ['', 'permission=<what the route needs>'],
    ['kind=service', 'permission=<what the route needs>'],
    ['permission=servers:read&any-key=true', 'permission=<what the route needs>'],
    ['permission=servers:read&permission=servers:write', 'permission is given twice'],
    ['any-key=true&any-key=true', 'any-key is given twice'],
    ['permission=servers:reed', 'permission cannot be used: write one of organization:read'],
    ['permission=', 'permission cannot be used'],
    ['any-key=yes', 'any-key cannot be used'],
    ['any-key=true&kind=secret', 'kind cannot be used'],
    ['any-key=true&agent=nobody', 'agent cannot be used'],
    [`any-key=true&server=${agentId}`, 'server cannot be used'],
    ['any-key=true&cost=-1', 'cost cannot be used'],
    ['any-key=true&cost=1000001', 'cost cannot be used'],
    ['any-key=true&cost=1e3', 'cost cannot be used'],
    ['permisson=servers:read', '"permisson" is none of permission, any-key'],
    ['any-key=true&constructor=1', '"constructor" is none of'],
    ['any-key=true&__proto__=1', '"__proto__" is none of'],
    ['any-key=true&Permission=servers:read', '"Permission" is none of'],
  ])('"%s" lets nobody through, and says why', (query, why) => {
    expect(() => demandsOfQuery(query, undefined)).toThrow(DemandsError);
    expect(() => demandsOfQuery(query, undefined)).toThrow(why);
  });

  it("the client's own query is no demand; control: another query of the client does not matter", () => {
    expect(() => demandsOfQuery('any-key=true', '/a?any-key=true')).toThrow("the client's own");
    expect(() => demandsOfQuery('any-key=true', '/a?any-key=true&x=1')).not.toThrow();
    expect(() => demandsOfQuery('any-key=true', '/a')).not.toThrow();
  });

  it('shows no more of an unknown name than finds it', () => {
    const name = 'x'.repeat(5_000);
    expect(() => readDemands([[name, '1']])).toThrow(/^"x{40}" is none of/);
  });
});
