/** Every command that takes something away (G3): what each needs to be in force, and what is sent then. */
import { tokenDigest, type Actor, type CommandName } from '@mcpstack/contracts';
import { Decisions } from '../src/decisions.ts';
import type { Harness } from './harness.ts';

export interface Sent {
  input: Record<string, unknown>;
  /** Of the envelope. */
  changes?: object;
}
export type Restricting = (harness: Harness) => Promise<Sent>;

const system: Actor = { type: 'system', id: 'gateway' };

export function inOrganization({ organizationId }: Harness, input: object): Sent {
  return { input: { organizationId, ...input } };
}

export async function ofNewKey(harness: Harness, input: object = {}): Promise<Sent> {
  const { key } = await harness.createKey();
  return inOrganization(harness, { keyId: key.id, ...input });
}

async function ofMember(harness: Harness, input: object = {}): Promise<Sent> {
  return inOrganization(harness, { userId: (await harness.addMember('admin')).id, ...input });
}

export async function ofDomain(
  harness: Harness,
  input: (domain: Record<string, string>) => object = () => ({}),
  changes = {},
): Promise<Sent> {
  const agentId = await harness.addAgent(['example.com']);
  const { state } = await new Decisions(harness.store).load('agent', agentId);
  if (state.status === 'none') throw new Error('no agent');
  const domain = Object.values(state.domains)[0]!;
  return { ...inOrganization(harness, { agentId, domainId: domain.id, ...input({ ...domain }) }), changes };
}

export async function ofPublicKey(harness: Harness, input: object): Promise<Sent> {
  const { publicKey } = await harness.send('createPublicKey', {
    organizationId: harness.organizationId,
    name: 'widget',
    agentId: await harness.addAgent(['example.com']),
    origins: [{ origin: 'https://a.example.com' }, { origin: 'https://b.example.com' }],
  });
  return inOrganization(harness, { keyId: publicKey.id, ...input });
}

export const RESTRICTING: Partial<Record<CommandName, Restricting>> = {
  suspendOrganization: async (harness) => ({
    input: { organizationId: await harness.createOrganization('Suspended', harness.owner.id) },
  }),
  changeMemberRole: (harness) => ofMember(harness, { role: 'viewer' }),
  suspendMember: (harness) => ofMember(harness),
  removeMember: (harness) => ofMember(harness),
  removeAgent: async (harness) => inOrganization(harness, { agentId: await harness.addAgent() }),
  removeDomain: (harness) => ofDomain(harness),
  recordDomainCheck: async (harness) => {
    const input = ({ challenge }: Record<string, string>) => ({ challenge, result: 'missing' });
    const sent = await ofDomain(harness, input, { actor: system });
    const { agentId, domainId } = sent.input as Record<string, string>;
    // Its grace is over.
    await harness.write('agent', agentId!, {
      type: 'AgentDomainStale',
      data: { domainId, graceEndsAt: new Date(Date.now() - 1_000).toISOString() },
    });
    return sent;
  },
  contestDomain: (harness) => {
    const provenAt = new Date(Date.now() + 60_000).toISOString();
    return ofDomain(harness, () => ({ provenAt }), { actor: system });
  },
  updateKey: (harness) => ofNewKey(harness, { permissions: ['servers:read'] }),
  rotateKey: (harness) => ofNewKey(harness, { previous: { validForMs: 0 } }),
  suspendKey: (harness) => ofNewKey(harness, { kind: 'service' }),
  revokeKey: (harness) => ofNewKey(harness, { kind: 'service' }),
  revokeKeys: async (harness) => inOrganization(harness, { keyIds: [(await harness.createKey()).key.id] }),
  reportCredentials: async (harness) => {
    const { key, secret } = await harness.createKey();
    const { organizationId } = harness;
    const credentials = [{ organizationId, keyId: key.id, digest: tokenDigest(secret!) }];
    return { input: { credentials, source: 'github' }, changes: { actor: system } };
  },
  updatePublicKey: (harness) => ofPublicKey(harness, { origins: ['https://a.example.com'] }),
};
