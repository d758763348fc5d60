// A process that checks keys as callers do, with the SDK and its warm answers or with plain requests, and tells
// when a VALID comes for what was forbidden before the check began.
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { connect } from '@nats-io/transport-node';
import { createVerifier } from '@mcpstack/verify';

const { CHAOS_CALLER: caller, CHAOS_NATS_URL: servers } = process.env;
const VERIFY_SUBJECT = 'mcpstack.keys.v1.verify';
/** When to look after a key was forbidden: right away, as answers age, and as stamps run out. Milliseconds. */
const LOOKS_MS = [0, 8, 20, 45, 90, 150, 220, 320, 500, 800, 1_200, 1_700, 2_500];
const WARM_EVERY_MS = 120;
/** Keys that stay forbidden are looked at again, the latest of them, for as long as the run goes on. */
const KEPT = 300;
const AGAIN_EVERY_MS = 60;
const DEADLINE_MS = 1_500;

const nats = await connect({
  servers,
  maxReconnectAttempts: -1,
  reconnectTimeWait: 50,
  reconnectJitter: 50,
  timeout: 20_000,
});
const verifier = caller === 'sdk' ? await createVerifier({ nats, timeoutMs: DEADLINE_MS }) : undefined;

const keys = new Map();
const ended = [];
const stats = { valid: 0, probes: 0, refused: 0, unavailable: 0, slowestMs: 0 };

/** What callers without the SDK keep: a VALID, until their own sending and freshForMs. */
const kept = new Map();

async function ask(question) {
  if (verifier) return verifier.verify(question);
  const text = JSON.stringify(question);
  const sentAtMs = performance.now();
  const answer = kept.get(text);
  if (answer && sentAtMs < answer.untilMs && Math.random() < 0.5) return answer.reply;
  const message = await nats.request(VERIFY_SUBJECT, text, { timeout: DEADLINE_MS }).catch(() => undefined);
  const reply = message ? message.json() : { valid: false, code: 'UNAVAILABLE' };
  if (reply.valid) kept.set(text, { reply, untilMs: sentAtMs + reply.freshForMs });
  else kept.delete(text);
  return reply;
}

/** Whether a reply permits what was taken away: all, or one permission. */
const permits = (reply, lost) => reply.valid && (lost === 'all' || (reply.permissions ?? []).includes(lost));

async function check(entry) {
  const { key, lost, epoch, forbiddenAtMs } = entry;
  const beganAtMs = performance.now();
  const withPermission = lost !== undefined && lost !== 'all' && Math.random() < 0.5;
  const reply = await ask({ key, ...(withPermission && { permission: lost }) });
  const tookMs = performance.now() - beganAtMs;
  stats.slowestMs = Math.max(stats.slowestMs, tookMs);
  if (reply.valid) entry.wasValid = true;
  if (lost === undefined) {
    if (reply.valid) stats.valid += 1;
    return;
  }
  stats.probes += 1;
  if (reply.code === 'UNAVAILABLE') stats.unavailable += 1;
  else if (!reply.valid) stats.refused += 1;
  // Allowed again in between: the answer may be of that time.
  if (entry.epoch !== epoch || !(withPermission ? reply.valid : permits(reply, lost))) return;
  process.send({
    type: 'violation',
    violation: {
      caller,
      id: entry.id,
      lost,
      what: entry.what,
      beganAfterMs: Math.round(beganAtMs - forbiddenAtMs),
      tookMs: Math.round(tookMs),
      freshForMs: reply.freshForMs,
    },
  });
}

async function warm(entry) {
  while (keys.get(entry.id) === entry && entry.lost === undefined) {
    await check(entry);
    await delay(WARM_EVERY_MS * (0.5 + Math.random()));
  }
}

async function look(entry) {
  const { epoch, forbiddenAtMs } = entry;
  for (const atMs of LOOKS_MS) {
    const waitMs = forbiddenAtMs + atMs * (0.8 + 0.4 * Math.random()) - performance.now();
    if (waitMs > 0) await delay(waitMs);
    if (entry.epoch !== epoch) return;
    // Several authorizers share the work: one request finds one of them.
    await (verifier ? check(entry) : Promise.all([check(entry), check(entry)]));
  }
}

process.on('message', (message) => {
  const entry = keys.get(message.id);
  if (message.type === 'watch') {
    const fresh = { id: message.id, key: message.key, lost: undefined, epoch: 0, what: '' };
    keys.set(message.id, fresh);
    void warm(fresh);
  } else if (message.type === 'forbid' && entry) {
    Object.assign(entry, { lost: message.lost, what: message.what, forbiddenAtMs: performance.now() });
    entry.epoch += 1;
    void look(entry);
  } else if (message.type === 'allow') {
    if (entry) {
      entry.epoch += 1;
      entry.lost = undefined;
      void warm(entry);
    }
    process.send({ type: 'allowed', token: message.token });
  } else if (message.type === 'end') {
    if (entry?.lost === 'all') ended.push(entry);
    if (ended.length > KEPT) ended.shift();
    // Its looks go on; it only is not kept.
    keys.delete(message.id);
  } else if (message.type === 'stats') process.send({ type: 'stats', stats });
});
process.on('disconnect', () => process.exit(0));

process.send({ type: 'ready' });
for (;;) {
  await delay(AGAIN_EVERY_MS);
  const entry = ended[Math.floor(Math.random() * ended.length)];
  if (entry) void check(entry);
}
