/**
 * G3: whatever takes something away answers when that is final, and not before. One table of all commands that the
 * contracts mark with R; a command that is marked there and missing here fails the spec.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { tokenDigest, type Actor, type CommandContracts, type CommandName } from '@mcpstack/contracts';
import { Log } from '@mcpstack/service-kit';
import { Confirmation } from '../src/confirmation.ts';
import { Decisions } from '../src/decisions.ts';
import { RevokeKeyHandler } from '../src/key/handlers.ts';
import type { RevokeKeyCommand } from '../src/key/commands.ts';
import { expectFinal } from './checks.ts';
import { Harness } from './harness.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start();
});
afterAll(() => harness.stop());
beforeEach(() => {
  harness.confirm = () => ({ confirmed: true });
});

const system: Actor = { type: 'system', id: 'gateway' };
interface Sent {
  input: Record<string, unknown>;
  changes?: object;
}
const here = (input: object): Sent => ({ input: { organizationId: harness.organizationId, ...input } });
const ofNewKey = async (input: object = {}) => {
  const { key } = await harness.createKey();
  return here({ keyId: key.id, ...input });
};
const ofMember = async (input: object = {}) =>
  here({ userId: (await harness.addMember('admin')).id, ...input });

async function ofDomain(input: (domain: Record<string, string>) => object, changes = {}): Promise<Sent> {
  const agentId = await harness.addAgent(['example.com']);
  const { state } = await new Decisions(harness.store).load('agent', agentId);
  if (state.status === 'none') throw new Error('no agent');
  const domain = Object.values(state.domains)[0]!;
  return {
    ...here({ agentId, domainId: domain.id, ...input({ ...domain }), agent: undefined }),
    changes,
  };
}

async function ofPublicKey(input: object): Promise<Sent> {
  const { publicKey } = await harness.send('createPublicKey', {
    organizationId: harness.organizationId,
    name: 'widget',
    agentId: await harness.addAgent(['example.com']),
    origins: [{ origin: 'https://a.example.com' }, { origin: 'https://b.example.com' }],
  });
  return here({ keyId: publicKey.id, ...input });
}

/** What each needs to be in force, and what is sent then. */
const RESTRICTING: Partial<Record<CommandName, () => Promise<Sent>>> = {
  suspendOrganization: async () => ({
    input: { organizationId: await harness.createOrganization('Suspended', harness.owner.id) },
  }),
  changeMemberRole: () => ofMember({ role: 'viewer' }),
  suspendMember: () => ofMember(),
  removeMember: () => ofMember(),
  removeAgent: async () => here({ agentId: await harness.addAgent() }),
  removeDomain: () => ofDomain(() => ({})),
  recordDomainCheck: async () => {
    const sent = await ofDomain(({ challenge }) => ({ challenge, result: 'missing' }), { actor: system });
    const { agentId, domainId } = sent.input as Record<string, string>;
    // Its grace is over.
    await harness.write('agent', agentId!, {
      type: 'AgentDomainStale',
      data: { domainId, graceEndsAt: new Date(Date.now() - 1_000).toISOString() },
    });
    return sent;
  },
  contestDomain: () =>
    ofDomain(() => ({ provenAt: new Date(Date.now() + 60_000).toISOString() }), { actor: system }),
  updateKey: () => ofNewKey({ permissions: ['servers:read'] }),
  rotateKey: () => ofNewKey({ previous: { validForMs: 0 } }),
  suspendKey: () => ofNewKey({ kind: 'service' }),
  revokeKey: () => ofNewKey({ kind: 'service' }),
  revokeKeys: async () => here({ keyIds: [(await harness.createKey()).key.id] }),
  reportCredentials: async () => {
    const { key, secret } = await harness.createKey();
    const { organizationId } = harness;
    const credentials = [{ organizationId, keyId: key.id, digest: tokenDigest(secret!) }];
    return { input: { credentials, source: 'github' }, changes: { actor: system } };
  },
  updatePublicKey: () => ofPublicKey({ origins: ['https://a.example.com'] }),
};

describe('a restricting command (G3)', () => {
  it.each(Object.entries(RESTRICTING))(
    '%s: recorded, not yet final, while nothing confirms it; the retry writes nothing more and is final',
    async (name, make) => {
      const { input, changes } = await make();
      const before = await harness.head();
      await expectFinal(
        harness,
        name as CommandName,
        input as unknown as CommandContracts[CommandName]['input'],
        changes,
      );
      expect(await harness.head()).toBeGreaterThan(before);
    },
  );

  it('stands in this table, if the contracts mark it', () => {
    const file = new URL('../../../libs/contracts/src/commands.ts', import.meta.url);
    const text = readFileSync(fileURLToPath(file), 'utf8');
    const marked = [...text.matchAll(/\/\*\* (?:S[,;] )?R\b[^*]*\*\/\s+(\w+):/g)].map(([, name]) => name);
    expect(marked.length).toBeGreaterThan(10);
    expect(Object.keys(RESTRICTING).sort()).toEqual(marked.sort());
  });

  it('control: without the wait it would be answered at once', async () => {
    class Hasty extends Confirmation {
      override final(): Promise<void> {
        return Promise.resolve();
      }
    }
    harness.confirm = () => ({ confirmed: false });
    const hasty = new Hasty(harness.nats, { deltaMs: 1, finalTimeoutMs: 500 }, new Log('spec', 'silent'));
    const { input } = await ofNewKey({ kind: 'service' });
    const asked = harness.envelope(input) as unknown as RevokeKeyCommand;
    const handler = new RevokeKeyHandler(new Decisions(harness.store), hasty);
    expect(await handler.execute(asked)).toHaveProperty('position');
  });
});
