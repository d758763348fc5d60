import type { CheckedKey } from '@mcpstack/verify';
import { forgedNames, IDENTITY_HEADERS, identityHeaders } from './identity.ts';

const LEAST: CheckedKey = {
  valid: true,
  code: 'VALID',
  freshForMs: 0,
  keyId: 'key_1',
  orgId: 'org_1',
  kind: 'publishable',
};

describe('the identity headers', () => {
  it('are all there for every key, empty where there is nothing to tell', () => {
    expect(identityHeaders(LEAST)).toEqual({
      'Mcpstack-Key-Id': 'key_1',
      'Mcpstack-Org-Id': 'org_1',
      'Mcpstack-Kind': 'publishable',
      'Mcpstack-Role': '',
      'Mcpstack-Permissions': '',
      'Mcpstack-Agent-Id': '',
      'Mcpstack-Scope': '*',
      'Mcpstack-Environment': '',
      'Mcpstack-Expires-At': '',
    });
    expect(Object.keys(identityHeaders(LEAST)!)).toEqual([...IDENTITY_HEADERS]);
  });

  it('a scope is told as it is; none is `*`, and one that includes nothing is not', () => {
    const scoped = (scope: CheckedKey['scope'] & object) =>
      identityHeaders({ ...LEAST, scope })!['Mcpstack-Scope'];
    expect(scoped({ agents: ['agent_1'] })).toBe('{"agents":["agent_1"]}');
    expect(scoped({ servers: [] })).toBe('{"servers":[]}');
    expect(scoped({})).toBe('{}');
  });

  it.each(['a\r\nMcpstack-Role: owner', 'a\u0000', 'ä'])(
    'a reply with a value that no header carries lets nobody through: %j',
    (text) => {
      expect(identityHeaders({ ...LEAST, environment: text })).toBeUndefined();
    },
  );

  it('names that look like ours and are not set are told, in every spelling', () => {
    const sent = [
      'mcpstack-tenant',
      'Mcpstack_Role',
      'mcpstack_key_id',
      'MCPSTACK-ROLE',
      'mcpstacks',
      'x-mcpstack-a',
    ];
    expect(forgedNames(sent)).toEqual(['mcpstack-tenant', 'Mcpstack_Role', 'mcpstack_key_id']);
  });
});
