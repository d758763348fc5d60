/** Reading an organization costs what was written since, and answers what the whole stream says (G8). */
import { newId } from '@mcpstack/contracts';
import type { EventStore } from '@mcpstack/event-store';
import { OrganizationTips } from '../src/organization-tips.ts';
import { Decisions } from '../src/decisions.ts';
import { Harness } from './harness.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start();
});
afterAll(() => harness.stop());

/** Counts the events that are read; `streamOf` may lead elsewhere. */
function counting(streamOf = (stream: string) => stream): { store: EventStore; read: () => number } {
  let read = 0;
  const { store } = harness;
  return {
    read: () => read,
    store: {
      append: (...args) => store.append(...args),
      async *readStream(stream, options) {
        for await (const event of store.readStream(streamOf(stream), options)) {
          read += 1;
          yield event;
        }
      },
      subscribe: (options) => store.subscribe(options),
      head: (options) => store.head(options),
      logId: (options) => store.logId(options),
      close: () => store.close(),
    },
  };
}

async function organizationOf(members: number): Promise<string> {
  const { organizationId } = await harness.addOrganization('list', 'admin');
  for (let done = 0; done < members; done += 200)
    await harness.write(
      'organization',
      organizationId,
      ...Array.from({ length: 200 }, () => ({
        type: 'InvitationAccepted',
        data: { invitationId: newId('invitation'), userId: newId('user'), role: 'viewer' },
      })),
    );
  return organizationId;
}

describe('an organization that is read again', () => {
  it('is read from its last known event on, and is what the whole stream says', async () => {
    const id = await organizationOf(1_000);
    const { store, read } = counting();
    const tips = new OrganizationTips(store);
    const whole = () => new Decisions(harness.store).load('organization', id);
    expect(await tips.load(id)).toEqual(await whole());
    expect(read()).toBe(1_003);
    expect(await tips.load(id)).toEqual(await whole());
    expect(read()).toBe(1_004);
    const member = await harness.addMember('owner', id);
    const after = await tips.load(id);
    expect(after).toEqual(await whole());
    expect(after.state).toMatchObject({ members: { [member.id]: { role: 'owner' } } });
    expect(read()).toBe(1_006);
  });

  it('shows a loss at once, however many read it at the same time', async () => {
    const { organizationId, member } = await harness.addOrganization('list', 'admin');
    const decisions = new Decisions(harness.store);
    expect(await decisions.authority(member, organizationId)).toBeDefined();
    await harness.write('organization', organizationId, {
      type: 'MemberRemoved',
      data: { userId: member.id },
    });
    const all = await Promise.all(
      Array.from({ length: 50 }, () => decisions.authority(member, organizationId)),
    );
    expect(all).toEqual(Array(50).fill(undefined));
  });

  it('is read from the start when another stream stands in its place, or none', async () => {
    const [one, other] = [await organizationOf(200), await organizationOf(400)];
    let leadsTo = one;
    const { store } = counting(() => `organization-${leadsTo}`);
    const tips = new OrganizationTips(store);
    const load = async () => (await tips.load(one)).state;
    const first = await load();
    leadsTo = other;
    expect(await load()).toEqual((await new Decisions(harness.store).load('organization', other)).state);
    leadsTo = newId('organization');
    expect(await load()).toEqual({ status: 'none' });
    leadsTo = one;
    expect(await load()).toEqual(first);
  });

  it('is forgotten when too many others were read since', async () => {
    const ids = await Promise.all(
      Array.from({ length: 4 }, async () => (await harness.addOrganization('list', 'admin')).organizationId),
    );
    const { store, read } = counting();
    const tips = new OrganizationTips(store, 3);
    for (const id of ids) await tips.load(id);
    expect(read()).toBe(12);
    await tips.load(ids[3]!);
    expect(read()).toBe(13);
    await tips.load(ids[0]!);
    expect(read()).toBe(16);
  });
});
