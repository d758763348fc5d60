import { ProblemError, uuidFrom } from '@mcpstack/contracts';
import { key } from '@mcpstack/domain';
import { waitFor } from '@mcpstack/local-servers';
import { LogWorld } from './log-world.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;
const NO_DOMAINS = { DOMAIN_POLL_MS: '600000' };

let world: LogWorld;
beforeEach(async () => (world = await LogWorld.start()));
afterEach(() => world.stop());

const fromNow = (ms: number): string => new Date(Date.now() + ms).toISOString();
/** Made 40 days ago, ends so soon. */
const endsIn = (ms: number) => world.addKey({ createdAt: fromNow(-40 * DAY_MS), expiresAt: fromNow(ms) });
const start = () => world.startScheduler(NO_DOMAINS);
const expired = (keyId: string) =>
  waitFor(async () => (await world.keyEvents(keyId)).includes('KeyExpired'), { what: 'the expiry' });

/** Everything that is due of a key that had no notice yet and then ends. */
const WHOLE = ['KeyExpiring 30', 'KeyExpiring 7', 'KeyExpiring 1', 'KeyExpired'];

describe('what is due of a key', () => {
  it('is written when it is due, and not before', async () => {
    const [soon, later] = [await endsIn(1_200), await endsIn(3 * DAY_MS)];
    await start();
    await waitFor(async () => (await world.keyEvents(soon)).length === 3);
    expect(await world.keyEvents(soon)).toEqual(WHOLE.slice(0, 3));
    await expired(soon);
    expect(await world.keyEvents(soon)).toEqual(WHOLE);
    expect(await world.keyEvents(later)).toEqual(WHOLE.slice(0, 2));
  });

  it('is sent by the system, under the name of the scheduler', async () => {
    await endsIn(2 * DAY_MS);
    await start();
    const { name, envelope } = await waitFor(() => world.issuance.commands[0]);
    expect(name).toBe('recordKeyExpiry');
    expect(envelope).toMatchObject({
      actor: { type: 'system', id: 'scheduler' },
      commandId: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/) as string,
      requestDigest: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    });
  });

  it('is written exactly once by three schedulers at once, whatever restarts', async () => {
    const keys = await Promise.all([endsIn(900), endsIn(1_000), endsIn(1_100), endsIn(1_200)]);
    await Promise.all([start(), start(), start()]);
    await waitFor(async () => (await world.keyEvents(keys[0])).length > 0);
    await world.stopSchedulers();
    await Promise.all([start(), start()]);
    for (const keyId of keys) await expired(keyId);
    await world.stopSchedulers();
    await start();
    await waitFor(async () => (await world.models().listDueKeys(Date.now(), 10)).value.length === 0);
    for (const keyId of keys) expect(await world.keyEvents(keyId)).toEqual(WHOLE);
  });

  it('control: it is the decision that makes it once: one that forgets what was written writes it again', async () => {
    const keyId = await endsIn(2 * DAY_MS);
    world.issuance.keyDecider = {
      ...key,
      decide: (command, state) =>
        key.decide(command, state.status === 'none' ? state : { ...state, noticesGiven: [] }),
    };
    await Promise.all([start(), start(), start()]);
    await waitFor(async () => (await world.keyEvents(keyId)).length > 2);
    expect(new Set(await world.keyEvents(keyId))).toEqual(new Set(WHOLE.slice(0, 2)));
  });

  it('is written exactly once though every first reply is lost', async () => {
    const keyId = await endsIn(600);
    const seen = new Set<string>();
    world.issuance.behave = (_name, { commandId }) => {
      if (seen.size >= 3) return undefined;
      seen.add(commandId);
      return 'lost';
    };
    await Promise.all([start(), start()]);
    await expired(keyId);
    // Whoever waited for the reply in vain asks again, under another id.
    await waitFor(() => seen.size === 3);
    expect(await world.keyEvents(keyId)).toEqual(WHOLE);
  });

  it('control: an id that is a function of the key swallows what is due later', async () => {
    const keyId = await endsIn(900);
    world.issuance.commandIdOf = ({ input }) => uuidFrom(JSON.stringify(['key-expiry', input['keyId']]));
    await start();
    await waitFor(async () => (await world.keyEvents(keyId)).length === 3);
    const expiredAtMs = Date.now() + 900;
    // It is asked for again after the expiry, and answered with the notices.
    await waitFor(() => Date.now() > expiredAtMs && world.issuance.commands.length >= 2, {
      timeoutMs: 15_000,
    });
    await world.stopSchedulers();
    expect(await world.keyEvents(keyId)).toEqual(WHOLE.slice(0, 3));
  });

  it('is tried again at the next poll when issuance does not answer', async () => {
    const keyId = await endsIn(2 * DAY_MS);
    let isAway = true;
    world.issuance.behave = () => (isAway ? new ProblemError('unavailable', 'Away.') : undefined);
    await start();
    await waitFor(() => world.issuance.commands.length >= 3);
    expect(await world.keyEvents(keyId)).toEqual([]);
    isAway = false;
    await waitFor(async () => (await world.keyEvents(keyId)).length === 2);
  });

  it('is left alone for a while where it is refused, and others go on', async () => {
    const [refused, taken] = [await endsIn(2 * DAY_MS), await endsIn(2 * DAY_MS)];
    world.issuance.behave = (_name, { input }) =>
      input['keyId'] === refused ? new ProblemError('not-found', 'No such key.') : undefined;
    await start();
    await waitFor(async () => (await world.keyEvents(taken)).length === 2);
    const another = await endsIn(2 * DAY_MS);
    await waitFor(async () => (await world.keyEvents(another)).length === 2);
    // Many polls have passed; there was one try.
    expect(
      world.issuance.commands.filter(({ envelope }) => envelope.input['keyId'] === refused),
    ).toHaveLength(1);
  });

  it('is not sent on the word of read models that are not trusted', async () => {
    await endsIn(2 * DAY_MS);
    world.isTrusted = false;
    await start();
    await waitFor(() => world.log.includes('the read models are not trusted: a spec says so'));
    expect(world.issuance.commands).toEqual([]);
    world.isTrusted = true;
    await waitFor(() => world.issuance.commands.length > 0);
  });
});
