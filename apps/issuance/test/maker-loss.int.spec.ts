/** G8: what a member loses, the keys lose that the member made, as far as the policy of the organization says so. */
import { randomUUID } from 'node:crypto';
import { permissionsOf, type Actor, type Role } from '@mcpstack/contracts';
import type { KeyState } from '@mcpstack/domain';
import { Decisions } from '../src/decisions.ts';
import { KeysOfMaker } from '../src/keys-of-maker.ts';
import { MakerLoss, type Loss } from '../src/maker-loss.ts';
import { keyActor } from './checks.ts';
import { Harness, problemOf, sha256 } from './harness.ts';
import { storeWith } from './parts.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start();
});
afterAll(() => harness.stop());

/** A fresh organization with this policy and an admin; the admin's keys, and keys of these keys. */
async function organizationOf(onMakerLoss: 'list' | 'revoke') {
  const { organizationId, member: admin } = await harness.addOrganization(onMakerLoss, 'admin');
  const make = async (actor: Actor, role: Role) =>
    (await harness.createKey({ actor }, { organizationId, role })).key.id;
  const demote = (role: Role = 'viewer', changes: object = {}) =>
    harness.send('changeMemberRole', { organizationId, userId: admin.id, role }, changes);
  return { organizationId, admin, make, demote };
}
const inForce = async (ids: readonly string[]) =>
  (await Promise.all(ids.map((id) => harness.key(id)))).map(({ status }) => status === 'active');

describe('a member who is demoted, under the policy "revoke"', () => {
  it('loses the keys beyond the new role, however many keys stand between; those within it stay', async () => {
    const { admin, make, demote } = await organizationOf('revoke');
    const strong = await make(admin, 'admin');
    const weak = await make(admin, 'viewer');
    const child = await make(keyActor(strong), 'admin');
    const weakChild = await make(keyActor(strong), 'viewer');
    const grandchild = await make(keyActor(child), 'developer');
    const others = await make(harness.owner, 'admin');
    const output = await demote();
    expect([...output.revokedKeyIds].sort()).toEqual([strong, child, grandchild].sort());
    expect(await inForce([strong, child, grandchild])).toEqual([false, false, false]);
    expect(await inForce([weak, weakChild, others])).toEqual([true, true, true]);
    expect(await harness.key(child)).toMatchObject({ revocationReason: 'maker-lost-rights' });
  });

  it('also those that a key made which has ended since', async () => {
    const { organizationId, admin, make, demote } = await organizationOf('revoke');
    const strong = await make(admin, 'admin');
    const child = await make(keyActor(strong), 'admin');
    await harness.send('revokeKey', { organizationId, keyId: strong, kind: 'service' });
    expect((await demote()).revokedKeyIds).toEqual([child]);
  });

  it('is answered once all of it is final, at the highest position (G3)', async () => {
    const { admin, make, demote } = await organizationOf('revoke');
    await Promise.all(Array.from({ length: 20 }, () => make(admin, 'admin')));
    harness.asked.splice(0);
    const output = await demote();
    expect(output.revokedKeyIds).toHaveLength(20);
    expect(harness.asked).toMatchObject([{ need: 'final', position: output.position }]);
    expect(BigInt(output.position)).toBe(await harness.head());
  });

  it('repeated: writes nothing more', async () => {
    const { admin, make, demote } = await organizationOf('revoke');
    const strong = await make(admin, 'admin');
    await make(keyActor(strong), 'admin');
    const same = { commandId: randomUUID() };
    const first = await demote('viewer', same);
    const head = await harness.head();
    const again = await demote('viewer', same);
    expect(again.member).toEqual(first.member);
    expect(await harness.head()).toBe(head);
  });

  it('control: under "list" the keys stay', async () => {
    const { admin, make, demote } = await organizationOf('list');
    const strong = await make(admin, 'admin');
    expect((await demote()).revokedKeyIds).toEqual([]);
    expect(await inForce([strong])).toEqual([true]);
  });

  it('removed or suspended: nothing that the member made stays', async () => {
    for (const name of ['removeMember', 'suspendMember'] as const) {
      const { organizationId, admin, make } = await organizationOf('revoke');
      const weak = await make(admin, 'viewer');
      const output = await harness.send(name, { organizationId, userId: admin.id });
      expect(output.revokedKeyIds).toEqual([weak]);
    }
  });
});

describe('a key that goes on making keys while it is being withdrawn', () => {
  /** A key of the admin's makes another right after it was asked for the keys that it made. */
  async function madeMeanwhile(rounds: number, run: (loss: Loss) => Promise<unknown>): Promise<KeyState[]> {
    const { organizationId, admin, make } = await organizationOf('revoke');
    let youngest = await make(admin, 'admin');
    const loss: Loss = {
      organizationId,
      member: admin.id,
      heldPermissions: permissionsOf('viewer'),
      position: await harness.head(),
    };
    const ids: string[] = [];
    const usual = harness.keysOf;
    harness.keysOf = async (request) => {
      const reply = await usual(request);
      if (ids.length < rounds && request.maker.id === youngest)
        ids.push((youngest = await make(keyActor(youngest), 'admin')));
      return reply;
    };
    await run(loss).finally(() => (harness.keysOf = usual));
    return Promise.all(ids.map((id) => harness.key(id)));
  }
  const cause = () => ({ commandId: randomUUID(), requestId: 'r', requestDigest: sha256('x') });
  const statusOf = ({ status }: KeyState) => status;

  it('keeps none of them in force (G8)', async () => {
    const makerLoss = new MakerLoss(new KeysOfMaker(harness.nats), new Decisions(harness.store));
    const made = await madeMeanwhile(2, (loss) => makerLoss.withdrawKeysBeyond(cause(), loss));
    expect(made.map(statusOf)).toEqual(['revoked', 'revoked']);
  });

  it('control: with one look the last of them stays', async () => {
    const nothingNew = new KeysOfMaker(harness.nats);
    let asked = 0;
    const list = nothingNew.list.bind(nothingNew);
    nothingNew.list = (...args) => ((asked += 1) > 2 ? Promise.resolve([]) : list(...args));
    const makerLoss = new MakerLoss(nothingNew, new Decisions(harness.store));
    const made = await madeMeanwhile(1, (loss) => makerLoss.withdrawKeysBeyond(cause(), loss));
    expect(made.map(statusOf)).toEqual(['active']);
  });
});

describe('a try that stops half-way', () => {
  /** Keys in a chain: each makes the next one. */
  async function chain(length: number) {
    const { organizationId, admin, make } = await organizationOf('revoke');
    const ids: string[] = [];
    for (let maker = admin; ids.length < length; maker = keyActor(ids.at(-1)!))
      ids.push(await make(maker, 'admin'));
    const loss: Loss = {
      organizationId,
      member: admin.id,
      heldPermissions: permissionsOf('viewer'),
      position: await harness.head(),
    };
    const cause = { commandId: randomUUID(), requestId: 'r', requestDigest: sha256('x') };
    return { ids, loss, cause };
  }
  const makerLoss = (decisions = new Decisions(harness.store)) =>
    new MakerLoss(new KeysOfMaker(harness.nats, 1_000), decisions);

  it('leaves the keys by which the retry finds the others', async () => {
    const { ids, loss, cause } = await chain(5);
    for (let allowed = 1; allowed <= 2; allowed += 1) {
      let appends = 0;
      const store = storeWith(harness.store, (log, ...args) => {
        if ((appends += 1) > allowed) return Promise.reject(new Error('the process was killed here'));
        return log.append(...args);
      });
      await expect(makerLoss(new Decisions(store)).withdrawKeysBeyond(cause, loss)).rejects.toThrow('killed');
    }
    expect((await inForce(ids)).filter(Boolean)).toHaveLength(2);
    await makerLoss().withdrawKeysBeyond(cause, loss);
    expect(await inForce(ids)).toEqual([false, false, false, false, false]);
    for (const id of ids) expect(await harness.keyEvents(id)).toEqual(['KeyCreated', 'KeyRevoked']);
  });

  it.each<[string, () => Promise<unknown>]>([
    ['nobody answers', () => Promise.resolve(undefined)],
    ['no answer can be given now', () => Promise.resolve({ reason: 'catching up' })],
    ['half an answer', () => Promise.resolve({ keyIds: ['key_1', 7] })],
  ])('%s to "which keys?": not-final, within the deadline, and nothing is revoked', async (_what, reply) => {
    const { ids, loss, cause } = await chain(1);
    const usual = harness.keysOf;
    harness.keysOf = reply as Harness['keysOf'];
    const began = performance.now();
    expect((await problemOf(makerLoss().withdrawKeysBeyond(cause, loss))).code).toBe('not-final');
    expect(performance.now() - began).toBeLessThan(8_000);
    harness.keysOf = usual;
    expect(await inForce(ids)).toEqual([true]);
    expect((await makerLoss().withdrawKeysBeyond(cause, loss)).revokedKeyIds).toEqual(ids);
  });

  it('keys without end: given up at 10,000', async () => {
    const { loss, cause } = await chain(1);
    const usual = harness.keysOf;
    let next = 0;
    harness.keysOf = () =>
      Promise.resolve({ keyIds: Array.from({ length: 6_000 }, () => `key_${(next += 1)}`) });
    const problem = await problemOf(makerLoss().withdrawKeysBeyond(cause, loss));
    harness.keysOf = usual;
    expect(problem).toMatchObject({ code: 'not-final' });
    expect(problem.message).toContain('10000');
  });
});
