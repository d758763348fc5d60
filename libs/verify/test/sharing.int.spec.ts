/** G3 in the SDK: whom a VALID answer is shared with, and that each rule is needed. */
import { withMargin } from '@mcpstack/contracts';
import { waitFor } from '@mcpstack/testing';
import { SHARING_RULES, type SharingRules } from '../src/checks.ts';
import { refused, valid } from './responder.ts';
import { checks, responder } from './responding.ts';
import { digest, past } from './world.ts';

const KEY = { digest: digest(1), permission: 'servers:read' };

const FROM_REPLY: SharingRules = {
  ...SHARING_RULES,
  untilMs: (_, freshForMs, receivedAtMs) => receivedAtMs + freshForMs,
};
const ANYBODY_JOINS: SharingRules = { ...SHARING_RULES, mayJoin: () => true };

describe('a VALID answer is reused', () => {
  it('in process, frozen, and with no time left to pass on', async () => {
    responder.answer(() => valid(5_000));
    const verifier = await checks();
    expect(await verifier.verify(KEY)).toEqual(valid(5_000));
    const reused = await verifier.verify({ ...KEY, userAgent: 'curl/8' });
    expect(reused).toEqual(valid(0));
    expect(Object.isFrozen(reused) && Object.isFrozen(reused.permissions)).toBe(true);
    expect(verifier.stats()).toMatchObject({ checks: 2, reused: 1, messages: 1 });
  });

  it.each<[string, object]>([
    ['another key', { ...KEY, digest: digest(2) }],
    ['another permission', { ...KEY, permission: 'servers:write' }],
    ['no permission', { digest: digest(1) }],
    ['an origin', { ...KEY, origin: 'https://a.example' }],
    ['an address', { ...KEY, ip: '192.0.2.1' }],
    ['an expectation', { ...KEY, expect: { agentId: 'agent_1' } }],
    ['a cost', { ...KEY, cost: 2 }],
    ['a position', { ...KEY, position: '1' }],
  ])('but not for %s', async (_, question) => {
    responder.answer(() => valid(5_000));
    const verifier = await checks();
    await verifier.verify(KEY);
    responder.answer(() => refused('FORBIDDEN'));
    expect(await verifier.verify(question)).toMatchObject({ code: 'FORBIDDEN' });
    expect(await verifier.verify(KEY)).toMatchObject({ code: 'VALID' });
  });

  it('never where the reply gives it no time, nor a refusal, nor where nothing is kept', async () => {
    const verifier = await checks();
    for (const reply of [valid(0), refused(), refused('RATE_LIMITED')]) {
      responder.received.length = 0;
      responder.answer(() => reply);
      for (let index = 0; index < 3; index += 1) await verifier.verify(KEY);
      expect(responder.received).toHaveLength(3);
    }
    responder.received.length = 0;
    responder.answer(() => valid(5_000));
    const without = await checks({ maxReused: 0 });
    await Promise.all([without.verify(KEY), without.verify(KEY)]);
    await without.verify(KEY);
    expect(responder.requests).toHaveLength(3);
  });

  it('by no more keys than are kept', async () => {
    responder.answer(() => valid(5_000));
    const verifier = await checks({ maxReused: 10 });
    for (let index = 0; index < 50; index += 1) await verifier.verify({ digest: digest(index) });
    responder.received.length = 0;
    for (let index = 0; index < 50; index += 1) await verifier.verify({ digest: digest(index) });
    expect(responder.requests.length).toBeGreaterThanOrEqual(40);
  });
});

describe('counted from the sending of the question', () => {
  /** The reply says 100 ms, and is 120 ms under way. */
  async function slowReply(rules?: SharingRules): Promise<string> {
    const verifier = await checks(rules && { rules });
    const first = verifier.verify(KEY);
    const asked = await responder.message(0);
    await past(120);
    asked.reply([valid(100)]);
    expect((await first).code).toBe('VALID');
    responder.answer(() => refused());
    return (await verifier.verify(KEY)).code;
  }

  it('an answer whose time was spent under way is not reused', async () => {
    expect(await slowReply()).toBe('REVOKED');
  });
  it('control: counted from when the reply came, it is', async () => {
    expect(await slowReply(FROM_REPLY)).toBe('VALID');
  });
});

describe('a check that joins a question under way', () => {
  /** The reply gives 30 ms; the second check joins after 50. */
  async function lateJoin(rules?: SharingRules): Promise<string> {
    const verifier = await checks(rules && { rules });
    const first = verifier.verify(KEY);
    const asked = await responder.message(0);
    await past(50);
    const second = verifier.verify(KEY);
    responder.answer(() => refused());
    asked.reply([valid(30)]);
    expect((await first).code).toBe('VALID');
    return (await second).code;
  }

  it('gets its answer only if it began before the sending plus what the reply gives', async () => {
    expect(await lateJoin()).toBe('REVOKED');
  });
  it('control: without the rule it gets an answer from before it began', async () => {
    expect(await lateJoin(ANYBODY_JOINS)).toBe('VALID');
  });

  it('is not asked: many at once are one question', async () => {
    const verifier = await checks();
    const all = Array.from({ length: 50 }, () => verifier.verify(KEY));
    (await responder.message(0)).reply([valid(1_000)]);
    expect((await Promise.all(all)).every(({ code }) => code === 'VALID')).toBe(true);
    expect(responder.requests).toHaveLength(1);
    expect(verifier.stats()).toMatchObject({ checks: 50, reused: 49 });
  });

  it('asks for itself where the first was refused: that may have ended since', async () => {
    const verifier = await checks();
    const first = verifier.verify(KEY);
    const asked = await responder.message(0);
    const others = [verifier.verify(KEY), verifier.verify(KEY)];
    responder.answer(() => valid(0));
    asked.reply([refused('SUSPENDED')]);
    expect((await first).code).toBe('SUSPENDED');
    expect((await Promise.all(others)).map(({ code }) => code)).toEqual(['VALID', 'VALID']);
  });

  it('pays for itself where the key has limits, and does not join the next time', async () => {
    const verifier = await checks();
    const limited = valid(0, { rateLimits: [{ name: 'a', limit: 9, remaining: 1, resetMs: 1 }] });
    const all = Array.from({ length: 5 }, () => verifier.verify(KEY));
    const asked = await responder.message(0);
    responder.answer(() => limited);
    asked.reply([limited]);
    await Promise.all(all);
    expect(responder.requests).toHaveLength(5);
    const again = Array.from({ length: 5 }, () => verifier.verify(KEY));
    await Promise.all(again);
    expect(responder.requests).toHaveLength(10);
    expect(responder.requests.every(({ reused }) => reused === undefined)).toBe(true);
  });

  it('does not join one that hangs', async () => {
    const verifier = await checks({ timeoutMs: 200 });
    const first = verifier.verify(KEY);
    await responder.message(0);
    await past(110);
    responder.answer(() => valid(1_000));
    expect((await verifier.verify(KEY)).code).toBe('VALID');
    expect((await first).code).toBe('UNAVAILABLE');
  });
});

describe('a key in use', () => {
  it('is renewed before its time ends, so that no check waits; one that is not used is let go', async () => {
    responder.answer(() => valid(800));
    const verifier = await checks();
    await verifier.verify(KEY);
    await verifier.verify({ digest: digest(2) });
    const { messages } = verifier.stats();
    let missed = 0;
    const endMs = performance.now() + 3_200;
    while (performance.now() < endMs) {
      const before = verifier.stats().reused;
      await verifier.verify(KEY);
      if (verifier.stats().reused === before) missed += 1;
      await past(10);
    }
    expect(verifier.stats().messages).toBeGreaterThan(messages + 3);
    // A machine that is busy may be late now and then.
    expect(missed).toBeLessThanOrEqual(3);
    const renewals = responder.requests.filter(({ refresh }) => refresh);
    expect(new Set(renewals.map((request) => request.digest))).toEqual(new Set([KEY.digest]));
  });

  it('is refused at once when its renewal is, although its time has not ended', async () => {
    const firstOf = (code: 'VALID' | 'REVOKED') => (code === 'VALID' ? valid(3_000) : refused());
    let code: 'VALID' | 'REVOKED' = 'VALID';
    responder.answer(() => firstOf(code));
    const verifier = await checks();
    const beganAtMs = performance.now();
    await verifier.verify(KEY);
    await verifier.verify(KEY);
    code = 'REVOKED';
    await waitFor(() => responder.requests.some(({ refresh }) => refresh), { what: 'the renewal' });
    await waitFor(async () => (await verifier.verify(KEY)).code === 'REVOKED', { what: 'the refusal' });
    expect(performance.now() - beganAtMs).toBeLessThan(3_000);
  });
});

describe('a hint that something has changed', () => {
  it.each(['key_1', 'org_1', 'agent_1'])(
    'about %s drops the answers that rest on it, and no other',
    async (id) => {
      const other = valid(5_000, { keyId: 'key_2', orgId: 'org_2', agentId: 'agent_2' });
      responder.answer(({ digest: asked }) =>
        asked === KEY.digest ? valid(5_000, { agentId: 'agent_1' }) : other,
      );
      const verifier = await checks();
      await verifier.verify(KEY);
      await verifier.verify({ digest: digest(2) });
      await verifier.verify(KEY);
      responder.answer(() => refused());
      responder.hint('no hint');
      responder.hint(JSON.stringify({ ids: ['key_9', id] }));
      await waitFor(async () => !(await verifier.verify(KEY)).valid, {
        what: 'the refusal',
        timeoutMs: 4_000,
      });
      expect(await verifier.verify({ digest: digest(2) })).toMatchObject({ keyId: 'key_2' });
      // Its use was told of.
      await waitFor(() => responder.requests.some(({ reused }) => reused! > 0), { what: 'the use' });
    },
  );
});

describe('no VALID for a check that began after the restriction returned', () => {
  const DELTA_MS = 40;
  const KEYS = 40;
  /** A control that chance spared is tried again. */
  const TRIES = 5;

  /**
   * An authorizer whose replies are under way for up to 100 ms, and keys that are revoked one after the other while
   * they are in use. A restriction returns as issuance lets it: Δ and a margin after the key is revoked.
   */
  async function validAfterReturn(rules?: SharingRules): Promise<number> {
    const verifier = await checks(rules && { rules });
    const revoked = new Set<string>();
    responder.onMessage = ({ requests, reply }) => {
      // Read and decided now: all of Δ travels with the answer, which may be slow.
      const answers = requests.map((request) => (revoked.has(request.digest!) ? refused() : valid(DELTA_MS)));
      setTimeout(() => reply(answers), Math.random() * 100);
    };
    const one = async (key: string): Promise<number> => {
      const beganAtMs = performance.now();
      let isOver = false;
      const asking = async (): Promise<void> => {
        while (!isOver) {
          await verifier.verify({ digest: key });
          await past(2);
        }
      };
      const askers = [asking(), asking(), asking()];
      await past(2 * DELTA_MS + Math.random() * 4 * DELTA_MS, beganAtMs);
      revoked.add(key);
      await past(withMargin(DELTA_MS));
      const late = Array.from({ length: 20 }, async (_, index) => {
        await past(index * 2);
        return verifier.verify({ digest: key });
      });
      const replies = await Promise.all(late);
      isOver = true;
      await Promise.all(askers);
      return replies.filter((reply) => reply.valid).length;
    };
    const wrong = await Promise.all(Array.from({ length: KEYS }, (_, index) => one(digest(index))));
    return wrong.reduce((sum, count) => sum + count);
  }

  async function someAfterReturn(rules: SharingRules): Promise<boolean> {
    for (let tries = 0; tries < TRIES; tries += 1) if ((await validAfterReturn(rules)) > 0) return true;
    return false;
  }

  it(`none for ${KEYS} keys, with slow replies`, async () => {
    expect(await validAfterReturn()).toBe(0);
  });
  it('control: some when the time is counted from when the reply came', async () => {
    expect(await someAfterReturn(FROM_REPLY)).toBe(true);
  });
  it('control: some when anybody may join', async () => {
    expect(await someAfterReturn(ANYBODY_JOINS)).toBe(true);
  });
});
