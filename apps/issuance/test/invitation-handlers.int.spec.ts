/** Invitations when something happens in between, and what each of their protections keeps off. */
import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { deriveId, type Actor } from '@mcpstack/contracts';
import type { Credential } from '@mcpstack/domain';
import type { EventStore } from '@mcpstack/event-store';
import { startNats } from '@mcpstack/local-servers';
import { connectNats, Log, Peppers, readPeppers } from '@mcpstack/service-kit';
import { Confirmation } from '../src/confirmation.ts';
import { Decisions } from '../src/decisions.ts';
import { Erasure } from '../src/user/erasure.ts';
import { KeptReplies } from '../src/kept-replies.ts';
import { Mint } from '../src/mint.ts';
import type { AcceptInvitationCommand, InviteMemberCommand } from '../src/organization/commands.ts';
import {
  AcceptInvitationHandler,
  InvitedProfiles,
  InviteMemberHandler,
} from '../src/organization/invitation-handlers.ts';
import { accept, appendingAnyhow, expectHidden, invite, person, storeWith } from './checks.ts';
import { Harness, problemOf, sha256, strongKey } from './harness.ts';

let harness: Harness;
let organizationId: string;
let peppers: Peppers;
beforeAll(async () => {
  harness = await Harness.start();
  peppers = readPeppers(harness.pepperFile);
});
afterAll(() => harness.stop());
beforeEach(async () => {
  organizationId = await harness.createOrganization('Umbrella', harness.owner.id);
});

/** What handlers beside the service's are made of, on parts that a spec may change. */
function parts({ store = harness.store, mint = new Mint(peppers, 'mcpstack') } = {}) {
  const decisions = new Decisions(store);
  const times = { deltaMs: 1, finalTimeoutMs: 500 };
  const confirmation = new Confirmation(harness.nats, times, new Log('spec', 'silent'));
  return { decisions, confirmation, profiles: new InvitedProfiles(decisions, new Erasure(decisions)), mint };
}
function inviteHandler(
  store: EventStore,
  replies = new KeptReplies(harness.nats),
  usedMint = new Mint(peppers, 'mcpstack'),
): InviteMemberHandler {
  const { decisions, confirmation, profiles, mint } = parts({ store, mint: usedMint });
  return new InviteMemberHandler(decisions, confirmation, profiles, replies, mint);
}
function acceptHandler(changes: Parameters<typeof parts>[0]): AcceptInvitationHandler {
  const { decisions, confirmation, profiles, mint } = parts(changes);
  return new AcceptInvitationHandler(decisions, confirmation, profiles, mint);
}

function invitation(changes: object = {}): InviteMemberCommand {
  const input = { organizationId, role: 'viewer', email: 'ada@example.com' };
  const envelope = harness.envelope(input, { idempotencyKey: strongKey(), ...changes });
  return envelope as unknown as InviteMemberCommand;
}
const again = (command: InviteMemberCommand) => harness.client.send('inviteMember', command);
const profileOf = async ({ commandId }: { commandId: string }) =>
  (await harness.events(`user-${deriveId('user', commandId)}`)).map(({ type }) => type);
const invitations = async () =>
  (await harness.events(`organization-${organizationId}`)).filter(({ type }) => type === 'MemberInvited');

/** The log, where `before` happens once, right before an append to the organization. */
function interrupted(before: () => Promise<unknown>): EventStore {
  let isFirst = true;
  return storeWith(harness.store, async (stream, ...rest) => {
    if (isFirst && stream === `organization-${organizationId}`) {
      isFirst = false;
      await before();
    }
    return harness.store.append(stream, ...rest);
  });
}

describe('an invitation that something comes in between of', () => {
  it('a newer pepper: the retry is the same command, and shows the token that was kept (G2)', async () => {
    const command = invitation();
    const { token } = await inviteHandler(harness.store).execute(command);
    const { peppers: stored } = JSON.parse(readFileSync(harness.pepperFile, 'utf8')) as {
      peppers: Record<1, string>;
    };
    const versions = { 1: Buffer.from(stored[1], 'base64'), 2: randomBytes(32) };
    const rotated = new Mint(new Peppers(2, versions), 'mcpstack');
    const retry = () => inviteHandler(harness.store, undefined, rotated).execute(command);
    expect((await retry()).token).toBe(token);
    // Control: under the newest pepper it would be another request.
    rotated.blind = (digest) => rotated.credential(digest).digest;
    expect((await problemOf(retry())).code).toBe('idempotency-key-reused');
  });

  it('its maker is removed while it is made: refused, and the address is erased again', async () => {
    const admin = await harness.addMember('admin', organizationId);
    const command = invitation({ actor: admin });
    const store = interrupted(() => harness.send('removeMember', { organizationId, userId: admin.id }));
    expect((await problemOf(inviteHandler(store).execute(command))).code).toBe('not-found');
    expect(await profileOf(command)).toEqual(['UserProfileErased']);
    expect(await invitations()).toEqual([]);
    await expectHidden(again(command));
  });

  it('killed between profile and invitation: the retry makes it, with one profile and a token', async () => {
    const command = invitation();
    const store = interrupted(() => Promise.reject(new Error('the process was killed here')));
    await expect(inviteHandler(store).execute(command)).rejects.toThrow('killed');
    // Control: until then there is the address alone.
    expect([await profileOf(command), await invitations()]).toEqual([['UserProfileChanged'], []]);
    const { token, invitation: made } = await again(command);
    expect(await profileOf(command)).toEqual(['UserProfileChanged']);
    expect(await invitations()).toHaveLength(1);
    await accept(harness, { invitation: made, token: token! }, { actor: person() });
  });

  it('killed after the append: the retry has the token of the invitation that stands', async () => {
    const command = invitation();
    const store = storeWith(harness.store, async (stream, ...rest) => {
      const result = await harness.store.append(stream, ...rest);
      if (stream.startsWith('organization-')) throw new Error('the process was killed here');
      return result;
    });
    await expect(inviteHandler(store).execute(command)).rejects.toThrow('killed');
    const { token, invitation: made } = await again(command);
    expect(await invitations()).toHaveLength(1);
    await accept(harness, { invitation: made, token: token! }, { actor: person() });
  });

  it('somebody else writes meanwhile: made all the same, with one profile', async () => {
    const command = invitation();
    const store = interrupted(() => harness.send('renameOrganization', { organizationId, name: 'Renamed' }));
    const { token } = await inviteHandler(store).execute(command);
    expect(token).toBeDefined();
    expect(await profileOf(command)).toEqual(['UserProfileChanged']);
  });

  it('a reply that cannot be kept: unavailable, and neither address nor invitation is written', async () => {
    const plain = await startNats({ jetstream: false });
    const nats = await connectNats(plain.url, 'spec');
    const command = invitation();
    const sent = inviteHandler(harness.store, new KeptReplies(nats)).execute(command);
    expect((await problemOf(sent)).code).toBe('unavailable');
    expect([await profileOf(command), await invitations()]).toEqual([[], []]);
    await nats.close();
    await plain.stop();
  });
});

describe('controls: with a protection off', () => {
  const acceptance = (made: { id: string }, digest: string, actor: Actor) =>
    harness.envelope({ organizationId, invitationId: made.id, digest }, { actor }) as AcceptInvitationCommand;

  it('a mint that recognizes everything lets anybody in', async () => {
    class Credulous extends Mint {
      override recognizes(_digest: string, _credential: Credential): boolean {
        return true;
      }
    }
    const { invitation: made } = await invite(harness, 'admin', {}, organizationId);
    const guess = acceptance(made, sha256('a guess'), person());
    await expectHidden(acceptHandler({}).execute(guess));
    const { member } = await acceptHandler({ mint: new Credulous(peppers, 'mcpstack') }).execute(guess);
    expect(member.role).toBe('admin');
  });

  it('a log without the check of the revision lets several in by one invitation', async () => {
    const { invitation: made, token } = await invite(harness, 'viewer', {}, organizationId);
    const profileStream = `user-${made.profileId}`;
    const racing = appendingAnyhow(harness.store, 5);
    const store = storeWith(harness.store, (stream, ...rest) =>
      (stream === profileStream ? harness.store : racing).append(stream, ...rest),
    );
    await Promise.allSettled(
      Array.from({ length: 5 }, () =>
        acceptHandler({ store }).execute(acceptance(made, sha256(token), person())),
      ),
    );
    const accepted = (await harness.events(`organization-${organizationId}`)).filter(
      ({ type }) => type === 'InvitationAccepted',
    );
    expect(new Set(accepted.map(({ data }) => data.userId)).size).toBe(5);
  });

  it('without the pepper the request’s digest confirms a guess of the address', async () => {
    const command = invitation({ commandId: randomUUID() });
    await inviteHandler(harness.store).execute(command);
    const [invited] = await invitations();
    const guess = sha256(JSON.stringify({ organizationId, role: 'viewer', email: 'ada@example.com' }));
    expect(command.requestDigest).toBe(guess);
    expect(invited!.metadata.requestDigest).not.toBe(guess);
    // Whoever has the pepper can tell a retry from another request, and nobody else.
    expect(peppers.candidates(guess)).toContain(invited!.metadata.requestDigest);
  });
});
