/** What specs of every command check in the same way: refused, repeated, final. */
import { randomUUID } from 'node:crypto';
import {
  newId,
  withMargin,
  type Actor,
  type CommandContracts,
  type CommandName,
  type Role,
} from '@mcpstack/contracts';
import { notFound } from '@mcpstack/domain';
import { ConflictError, type EventStore } from '@mcpstack/event-store';
import { DELTA_MS, problemOf, sha256, strongKey, type Harness } from './harness.ts';

type Input<Name extends CommandName> = CommandContracts[Name]['input'];
type Output<Name extends CommandName> = CommandContracts[Name]['output'];

export const person = (): Actor => ({ type: 'user', id: newId('user') });
export const keyActor = (id: string): Actor => ({ type: 'key', id });
export const systemActor: Actor = { type: 'system', id: 'scheduler' };

/** Sends a command twice under one id, and another request under the same: one answer, nothing more in the log. */
export async function expectRepeatable<Name extends CommandName>(
  harness: Harness,
  name: Name,
  input: Input<Name>,
  changes: object = {},
): Promise<Output<Name>> {
  const same = { ...changes, commandId: randomUUID(), idempotencyKey: strongKey() };
  const first = await harness.send(name, input, same);
  const head = await harness.head();
  expect(await harness.send(name, input, same)).toEqual(first);
  const other = harness.send(name, input, { ...same, requestDigest: sha256('another request') });
  expect((await problemOf(other)).code).toBe('idempotency-key-reused');
  expect(await harness.head()).toBe(head);
  return first;
}

/** Sends a restricting command that cannot be confirmed, and then its retry: recorded once, final in the end (G3). */
export async function expectFinal<Name extends CommandName>(
  harness: Harness,
  name: Name,
  input: Input<Name>,
  changes: object = {},
): Promise<Output<Name>> {
  const same = { ...changes, commandId: randomUUID(), idempotencyKey: strongKey() };
  harness.confirm = () => ({ confirmed: false, reason: 'spec' });
  const problem = await problemOf(harness.send(name, input, same));
  expect(problem.code).toBe('not-final');
  expect(problem.message.toLowerCase()).toContain('recorded, not yet final');
  const head = await harness.head();
  harness.confirm = () => ({ confirmed: true });
  harness.asked.splice(0);
  const began = performance.now();
  const output = await harness.send(name, input, same);
  expect(performance.now() - began).toBeGreaterThanOrEqual(withMargin(DELTA_MS) - 1);
  expect(harness.asked).toMatchObject([{ need: 'final', position: output.position }]);
  expect(await harness.head()).toBe(head);
  return output;
}

/** What is hidden looks in every case like what is not there, word for word (G8). */
export async function expectHidden(...sent: Promise<unknown>[]): Promise<void> {
  const problems = await Promise.all(sent.map(problemOf));
  const { code, message } = notFound();
  expect(problems.map((problem) => [problem.code, problem.message])).toEqual(
    Array.from(problems, () => [code, message]),
  );
}

export async function expectForbidden(sent: Promise<unknown>, permission?: string): Promise<void> {
  const { code, permission: missing } = await problemOf(sent);
  expect([code, missing]).toEqual(['forbidden', permission]);
}

/** Which fields a command that was not valid was refused for. */
export async function wrongFields(sent: Promise<unknown>): Promise<string[]> {
  const { code, errors } = await problemOf(sent);
  expect(code).toBe('validation-failed');
  return (errors ?? []).map(({ field }) => field.replace(/^input\./, ''));
}

/** Invites somebody into an organization. */
export async function invite(
  harness: Harness,
  role: Role,
  changes: object = {},
  organizationId = harness.organizationId,
) {
  const input = { organizationId, role, email: `${randomUUID()}@example.com` };
  const output = await harness.send('inviteMember', input, changes);
  const { invitation, token } = output;
  return { ...output, invitation, token: token!, email: input.email };
}

/** The command that accepts it. */
export function accept(
  harness: Harness,
  { invitation, token }: { invitation: { id: string; organizationId: string }; token: string },
  changes: object,
): Promise<Output<'acceptInvitation'>> {
  const { id: invitationId, organizationId } = invitation;
  return harness.send('acceptInvitation', { organizationId, invitationId, digest: sha256(token) }, changes);
}

/** Somebody new with this role. */
export async function join(
  harness: Harness,
  role: Role,
  organizationId = harness.organizationId,
  inviter = harness.owner,
): Promise<Actor> {
  const actor = person();
  await accept(harness, await invite(harness, role, { actor: inviter }, organizationId), { actor });
  return actor;
}

type Append = EventStore['append'];

/** The log as it is, but for what a spec puts in the place of `append`. */
export function storeWith(
  store: EventStore,
  append: (...args: Parameters<Append>) => ReturnType<Append>,
): EventStore {
  return {
    append,
    truncate: (...args) => store.truncate(...args),
    readStream: (...args) => store.readStream(...args),
    subscribe: (options) => store.subscribe(options),
    head: (options) => store.head(options),
    logId: (options) => store.logId(options),
    originId: (options) => store.originId(options),
    close: () => store.close(),
  };
}

/**
 * For controls: the log without the check of the revision. Of `writers` that have all read before the first appends,
 * every one succeeds, whatever stands by then.
 */
export function appendingAnyhow(store: EventStore, writers: number): EventStore {
  let arrived = 0;
  let open = (): void => undefined;
  const all = new Promise<void>((resolve) => (open = resolve));
  return storeWith(store, async (stream, expected, events, options) => {
    arrived += 1;
    if (arrived === writers) open();
    await all;
    for (let revision = expected === 'no_stream' ? 0n : expected; ; revision += 1n) {
      try {
        return await store.append(stream, revision, events, options);
      } catch (error) {
        if (!(error instanceof ConflictError)) throw error;
      }
    }
  });
}
