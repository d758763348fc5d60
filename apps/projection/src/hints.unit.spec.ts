import { CHANGED_SUBJECT } from '@mcpstack/contracts';
import { publishHint } from './hints.ts';

const published: [string, unknown][] = [];
const nats = {
  publish: (subject: string, payload: unknown) => {
    published.push([subject, JSON.parse(payload as string)]);
  },
};
beforeEach(() => (published.length = 0));

describe('a hint', () => {
  it('names keys, organizations and agents, and nothing that no answer depends on', () => {
    publishHint(
      nats,
      new Set(['key-key_1', 'usage-key_1', 'user-user_1', 'organization-org_1', 'agent-agent_1']),
    );
    expect(published).toEqual([[CHANGED_SUBJECT, { ids: ['key_1', 'org_1', 'agent_1'] }]]);
  });

  it('is not published when there is nothing to tell, as after counted uses', () => {
    publishHint(nats, new Set(['usage-key_1', 'server-srv_1']));
    expect(published).toEqual([]);
  });

  it('troubles nobody when the connection is over', () => {
    const closed = {
      publish: () => {
        throw new Error('closed');
      },
    };
    expect(() => publishHint(closed, new Set(['key-key_1']))).not.toThrow();
  });
});
