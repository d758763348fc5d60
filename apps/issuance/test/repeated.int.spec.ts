/**
 * G3: "recorded, not yet final: repeat the request" is an answer that must hold. Every restricting command is sent
 * while nothing confirms it, and then again, as a retry and as a request of its own: the repetition waits for finality
 * as the first try did, and succeeds once that is confirmed.
 */
import { randomUUID } from 'node:crypto';
import { withMargin, type Actor, type CommandContracts, type CommandName } from '@mcpstack/contracts';
import { Log } from '@mcpstack/service-kit';
import { RemoveDomainHandler } from '../src/agent/domain-handlers.ts';
import type { RemoveDomainCommand } from '../src/agent/commands.ts';
import { Confirmation } from '../src/confirmation.ts';
import { Decisions } from '../src/decisions.ts';
import { keyActor } from './checks.ts';
import { DELTA_MS, Harness, problemOf, strongKey } from './harness.ts';
import {
  inOrganization,
  ofDomain,
  ofNewKey,
  ofPublicKey,
  RESTRICTING,
  type Restricting,
  type Sent,
} from './restricting.ts';

/** The keys of these members as a projection names them that has not seen yet how they ended. */
const stillListed = new Map<string, readonly string[]>();

/** A member whose key goes with their rights, and somebody else who takes these. */
async function ofMaker(harness: Harness, input: object = {}): Promise<Sent> {
  const { organizationId, member } = await harness.addOrganization('revoke', 'admin');
  const made = await harness.send(
    'createKey',
    { organizationId, name: 'bot', role: 'admin' },
    { actor: member },
  );
  stillListed.set(member.id, [made.key.id]);
  return { input: { organizationId, userId: member.id, ...input } };
}

interface Case {
  command: CommandName;
  make: Restricting;
  /** What others do before it is repeated. */
  meanwhile?: (harness: Harness, sent: Sent) => Promise<void>;
  /** Asked for anew it does something else. */
  retryOnly?: boolean;
}

const CASES: Record<string, Case> = {
  ...Object.fromEntries(
    Object.entries(RESTRICTING).map(([command, make]) => [
      command,
      // Every rotation gives another secret.
      { command: command as CommandName, make, retryOnly: command === 'rotateKey' },
    ]),
  ),
  'removeMember: who leaves': {
    command: 'removeMember',
    make: async (harness) => {
      const actor = await harness.addMember('viewer');
      return { ...inOrganization(harness, { userId: actor.id }), changes: { actor } };
    },
  },
  'removeMember: their keys go too': { command: 'removeMember', make: (harness) => ofMaker(harness) },
  'suspendMember: their keys go too': { command: 'suspendMember', make: (harness) => ofMaker(harness) },
  'changeMemberRole: their keys go too': {
    command: 'changeMemberRole',
    make: (harness) => ofMaker(harness, { role: 'viewer' }),
  },
  'removeDomain: its agent goes too': {
    command: 'removeDomain',
    make: (harness) => ofDomain(harness),
    meanwhile: (harness, { input }) =>
      harness.write('agent', String(input['agentId']), { type: 'AgentRemoved', data: {} }),
  },
  'updateKey: with what was seen before': {
    command: 'updateKey',
    make: (harness) => ofNewKey(harness, { role: 'viewer', ifRevision: '0' }),
  },
  'updatePublicKey: with what was seen before': {
    command: 'updatePublicKey',
    make: (harness) => ofPublicKey(harness, { origins: ['https://b.example.com'], ifRevision: '0' }),
  },
  'suspendKey: a publishable key': {
    command: 'suspendKey',
    make: (harness) => ofPublicKey(harness, { kind: 'publishable' }),
  },
  'revokeKey: a publishable key': {
    command: 'revokeKey',
    make: (harness) => ofPublicKey(harness, { kind: 'publishable' }),
  },
  'revokeKey: by the key itself': {
    command: 'revokeKey',
    make: async (harness) => {
      const sent = await ofNewKey(harness, { kind: 'service' });
      return { ...sent, changes: { actor: keyActor(String(sent.input['keyId'])) satisfies Actor } };
    },
  },
};

type Send = (changes?: object) => Promise<unknown>;
interface Tried {
  /** Of the last event that the first try wrote. */
  position: bigint;
  repeat: readonly Send[];
}

let harness: Harness;
const tried = new Map<string, Tried>();

/** All of them at once: each waits its whole time for a confirmation that does not come. */
beforeAll(async () => {
  harness = await Harness.start();
  const known = harness.keysOf;
  harness.keysOf = async (request) => {
    const keyIds = stillListed.get(request.maker.id);
    return keyIds ? { keyIds } : known(request);
  };
  const sent: Sent[] = [];
  for (const { make } of Object.values(CASES)) sent.push(await make(harness));
  harness.confirm = () => ({ confirmed: false, reason: 'stopped' });
  const requestIds = await Promise.all(
    Object.entries(CASES).map(async ([name, { command, retryOnly = false }], index) => {
      const { input, changes } = sent[index]!;
      const asked = input as unknown as CommandContracts[CommandName]['input'];
      const send: Send = (more) => harness.send(command, asked, { ...changes, ...more });
      const same = { commandId: randomUUID(), idempotencyKey: strongKey() };
      const requestId = `req-${randomUUID()}`;
      await expectNotFinal(send({ ...same, requestId }));
      tried.set(name, { position: -1n, repeat: [() => send(same), ...(retryOnly ? [] : [() => send()])] });
      return [requestId, name] as const;
    }),
  );
  for (const [requestId, position] of await positionsOf(harness)) {
    const name = new Map(requestIds).get(requestId);
    if (name !== undefined) tried.get(name)!.position = position;
  }
  for (const [index, { meanwhile }] of Object.values(CASES).entries())
    await meanwhile?.(harness, sent[index]!);
}, 240_000);
afterAll(() => harness.stop());

/** Of each request: where the last event stands that it caused. */
async function positionsOf({ store }: Harness): Promise<Map<string, bigint>> {
  const positions = new Map<string, bigint>();
  const head = await store.head();
  const ending = new AbortController();
  for await (const { metadata, position } of store.subscribe({ signal: ending.signal })) {
    positions.set(String(metadata['$correlationId']), position);
    if (position >= head) break;
  }
  ending.abort();
  return positions;
}

async function expectNotFinal(sent: Promise<unknown>): Promise<void> {
  const { code, message } = await problemOf(sent);
  expect([code, message]).toEqual(['not-final', 'Recorded, not yet final: repeat the request.']);
}

describe('every restricting command repeated after not-final waits again (G3)', () => {
  it('is still not final while nothing confirms it, and writes nothing more', async () => {
    harness.confirm = () => ({ confirmed: false, reason: 'stopped' });
    expect([...tried.keys()]).toEqual(expect.arrayContaining(Object.keys(RESTRICTING)));
    const head = await harness.head();
    const outcomes = await Promise.all(
      [...tried].flatMap(([name, { repeat }]) =>
        repeat.map(async (send) => [name, (await problemOf(send())).code]),
      ),
    );
    expect(outcomes).toEqual(outcomes.map(([name]) => [name, 'not-final']));
    expect(await harness.head()).toBe(head);
  });

  it.each(Object.keys(CASES))('%s: is answered when it is final', async (name) => {
    harness.confirm = () => ({ confirmed: true });
    const { position, repeat } = tried.get(name)!;
    expect(position).toBeGreaterThanOrEqual(0n);
    for (const send of repeat) {
      harness.asked.splice(0);
      const began = performance.now();
      await send();
      expect(performance.now() - began).toBeGreaterThanOrEqual(withMargin(DELTA_MS) - 1);
      expect(harness.asked.map(({ need }) => need)).toEqual(['final']);
      // Not before all that the first try wrote.
      expect(BigInt(harness.asked[0]!.position)).toBeGreaterThanOrEqual(position);
    }
  });

  it('control: a handler that answers at once is found out', async () => {
    class Hasty extends Confirmation {
      override final(): Promise<void> {
        return Promise.resolve();
      }
    }
    harness.confirm = () => ({ confirmed: false, reason: 'stopped' });
    const { input } = await ofDomain(harness);
    const settings = { deltaMs: 1, finalTimeoutMs: 300 };
    const log = new Log('spec', 'silent');
    const repeated = async (confirmation: Confirmation) => {
      const handler = new RemoveDomainHandler(new Decisions(harness.store), confirmation);
      const asked = harness.envelope(input) as unknown as RemoveDomainCommand;
      await expectNotFinal(handler.execute(asked));
    };
    await repeated(new Confirmation(harness.nats, settings, log));
    await repeated(new Confirmation(harness.nats, settings, log));
    await expect(repeated(new Hasty(harness.nats, settings, log))).rejects.toThrow('was accepted');
  });
});
