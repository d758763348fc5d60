/** The stream of changes: told within a second, to members alone, and said plainly when it cannot go on. */
import { connect } from 'node:net';
import { newId, type AuditSubjectKind } from '@mcpstack/contracts';
import { waitFor } from '@mcpstack/local-servers';
import { expectProblem, Harness } from '../../test/harness.ts';
import { LiveChanges } from './live-changes.ts';

let harness: Harness;
let owner: string;
beforeEach(async () => {
  harness = await Harness.start();
  harness.app.get(LiveChanges).times.ping = 40;
  owner = await harness.login();
});
afterEach(() => harness.stop());

interface Message {
  event: string;
  id?: string;
  data: Record<string, unknown>;
}

/** A page that follows: what it was told, and whether the stream has ended. */
async function follow(token = owner, since?: string, organizationId = harness.organizationId) {
  const leaving = new AbortController();
  const response = await fetch(`${harness.url}/api/v1/organizations/${organizationId}/changes`, {
    headers: { authorization: `Bearer ${token}`, ...(since !== undefined && { 'last-event-id': since }) },
    signal: leaving.signal,
  });
  const page = { response, told: [] as Message[], isOver: false, leave: () => leaving.abort() };
  void (async () => {
    let text = '';
    try {
      for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
        text += chunk;
        for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
          const fields = Object.fromEntries(
            text
              .slice(0, end)
              .split('\n')
              .map((line) => /^(\w+): ?(.*)$/.exec(line)?.slice(1) ?? []),
          ) as Record<string, string>;
          text = text.slice(end + 2);
          if (fields['event'])
            page.told.push({ ...fields, data: JSON.parse(fields['data']!) as object } as Message);
        }
      }
    } catch {
      // It left, or the gateway did.
    }
    page.isOver = true;
  })();
  return page;
}
type Page = Awaited<ReturnType<typeof follow>>;

const toldOf = ({ told }: Page, event: string): Message[] => told.filter((one) => one.event === event);
const isTold = (page: Page, event: string, count = 1) =>
  waitFor(() => toldOf(page, event).length >= count, { what: `${count} ${event}` });

function happens(
  position: number,
  kind: AuditSubjectKind = 'key',
  organizationId = harness.organizationId,
  id: string = newId(kind === 'member' ? 'user' : 'key'),
) {
  harness.models.reached = BigInt(position);
  harness.models.addEvent({
    ...{ id: `event-${position}`, type: 'KeyRevoked', at: '2026-01-01T00:00:00.000Z', organizationId },
    ...{ actor: { type: 'system', id: 'gateway' }, subject: { kind, id }, requestId: 'request-1' },
    ...{ position: String(position), data: { reason: 'requested' } },
  });
  return { kind, id, position: String(position) };
}

it('200: ready, then each change by kind and id, and nothing of its content', async () => {
  happens(101);
  const page = await follow();
  expect(page.response.status).toBe(200);
  expect(page.response.headers.get('content-type')).toMatch(/^text\/event-stream/);
  await isTold(page, 'ready');
  const changes = [happens(102), happens(103, 'member')];
  happens(104, 'key', newId('organization'));
  await isTold(page, 'change', 2);
  expect(toldOf(page, 'change')).toEqual(
    changes.map((data) => ({ event: 'change', id: data.position, retry: '1000', data })),
  );
  // One look at a time for all pages of the organization, and none once they have left.
  const other = await follow();
  await isTold(other, 'ready');
  for (const one of [page, other]) one.leave();
  const looks = () => harness.models.reads.filter((what) => what === 'listAuditEvents').length;
  await waitFor(() => harness.app.get(LiveChanges).followed === 0, { what: 'nobody to be followed' });
  const before = looks();
  happens(105);
  const third = await follow();
  await isTold(third, 'ready');
  // Its own look for where to begin, and no change of before.
  expect(looks() - before).toBeLessThanOrEqual(2);
  expect(toldOf(third, 'change')).toEqual([]);
});

it('many changes at once are told in one look, so that they hold up none that come after', async () => {
  const page = await follow();
  await isTold(page, 'ready');
  // No look follows the one that is due.
  harness.app.get(LiveChanges).times.poll = 3_600_000;
  const changes = Array.from({ length: 1_000 }, (_, index) => happens(101 + index));
  await isTold(page, 'change', changes.length);
  expect(toldOf(page, 'change').map(({ data }) => data)).toEqual(changes);
});

it('a page that comes back is told whether it has missed something', async () => {
  happens(101);
  const resumed = async (since: string | undefined) => {
    const page = await follow(owner, since);
    await isTold(page, 'ready');
    page.leave();
    return toldOf(page, 'ready')[0]!.data;
  };
  expect(await resumed(undefined)).toEqual({ resumed: false });
  expect(await resumed('101')).toEqual({ resumed: true });
  expect(await resumed('100')).toEqual({ resumed: false });
  expect(await resumed('no position')).toEqual({ resumed: false });
});

it('ends within a moment for who is no member any more, or has logged out; control: others go on', async () => {
  const [member, leaver] = [await harness.loginAs('viewer'), await harness.loginAs('viewer')];
  const [stays, goes, out] = [await follow(), await follow(member.token), await follow(leaver.token)];
  for (const page of [stays, goes, out]) await isTold(page, 'ping');
  harness.models.changeMember(harness.organizationId, member.userId, { state: 'suspended' });
  await harness.call('POST', '/api/v1/auth/logout', { token: leaver.token });
  await waitFor(() => goes.isOver && out.isOver, { what: 'both streams to end' });
  expect(toldOf(goes, 'end')).toMatchObject([{ data: { code: 'not-found' } }]);
  expect(toldOf(out, 'end')).toMatchObject([{ data: { code: 'unauthenticated' } }]);
  await isTold(stays, 'ping', toldOf(stays, 'ping').length + 2);
  expect(stays.isOver).toBe(false);
});

it('what cannot be read is not followed: the stream ends, and the next one says why', async () => {
  const page = await follow();
  await isTold(page, 'ready');
  harness.models.condition = 'away';
  await waitFor(() => page.isOver, { what: 'the stream to end' });
  expectProblem(
    await harness.call('GET', `${harness.organizationPath}/changes`, { token: owner }),
    503,
    'unavailable',
  );
  harness.models.condition = 'well';
  const again = await follow();
  await isTold(again, 'ready');
  happens(102);
  await isTold(again, 'change');
});

it('401, 403, 404, 405: without a login, for keys, for strangers, and with HEAD', async () => {
  const path = `${harness.organizationPath}/changes`;
  expect((await harness.call('HEAD', path, { token: owner })).status).toBe(405);
  expect(harness.app.get(LiveChanges).followed).toBe(0);
  expectProblem(await harness.call('GET', path), 401, 'unauthenticated');
  expectProblem(await harness.call('GET', path, { token: harness.key('admin') }), 403, 'forbidden');
  const foreign = `/api/v1/organizations/${newId('organization')}/changes`;
  expectProblem(await harness.call('GET', foreign, { token: owner }), 404, 'not-found');
});

it('429: more pages of one person than anybody has open', async () => {
  for (let count = 0; count < 50; count += 1) await follow();
  expectProblem(
    await harness.call('GET', `${harness.organizationPath}/changes`, { token: owner }),
    429,
    'too-many-requests',
  );
  // Control: somebody else has room.
  const { token } = await harness.loginAs('viewer');
  expect((await follow(token)).response.status).toBe(200);
});

it('a page that does not read is cut off; what it was to be told takes no more room. Control: one that reads stays', async () => {
  const live = harness.app.get(LiveChanges);
  live.times.poll = 1;
  const reader = await follow();
  await isTold(reader, 'ready');
  const { hostname, port } = new URL(harness.url);
  const deaf = connect(Number(port), hostname).pause();
  deaf.on('error', () => undefined);
  deaf.write(
    `GET ${harness.organizationPath}/changes HTTP/1.1\r\nHost: ${hostname}\r\nAuthorization: Bearer ${owner}\r\n\r\n`,
  );
  await waitFor(() => live.followed === 2, { what: 'both to be followed' });
  let position = 200;
  // More than the buffers of both ends hold.
  await waitFor(
    () => {
      for (let count = 0; count < 100 && position < 20_000; count += 1)
        happens((position += 1), 'key', harness.organizationId, 'key_'.padEnd(2_000, 'x'));
      return live.followed === 1;
    },
    { what: 'the deaf one to be cut off', timeoutMs: 40_000, intervalMs: 3 },
  );
  expect(reader.isOver).toBe(false);
  deaf.destroy();
});

it('a gateway that stops lets its pages go at once', async () => {
  const page = await follow();
  await isTold(page, 'ready');
  const beganMs = performance.now();
  await harness.app.close();
  await waitFor(() => page.isOver, { what: 'the stream to end' });
  expect(performance.now() - beganMs).toBeLessThan(8_000);
});
