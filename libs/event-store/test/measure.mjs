// Measures the log by hand, on the built output: node libs/event-store/test/measure.mjs URL [STREAMS]
// Fills STREAMS streams of one event, then reads short streams among them, catches up, and follows live.
/* global AbortController, performance */
import { randomBytes, randomUUID } from 'node:crypto';
import { openEventStore } from '../dist/index.js';

const [url, wanted = '100000'] = process.argv.slice(2);
const AT_ONCE = 500;
const SAMPLES = 300;

const event = () => ({ id: randomUUID(), type: 'Measured', data: { text: 'x'.repeat(150) }, metadata: {} });
const stream = (category) => `${category}-${randomBytes(8).toString('hex')}`;
const say = (what, value) => console.log(`${what.padEnd(44)} ${value}`);

function spread(ms) {
  const sorted = [...ms].sort((a, b) => a - b);
  const at = (part) => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))].toFixed(2);
  return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`;
}

async function timed(count, action) {
  const took = [];
  for (let n = 0; n < count; n += 1) {
    const began = performance.now();
    await action(n);
    took.push(performance.now() - began);
  }
  return took;
}

const store = await openEventStore(url);
const short = Array.from({ length: SAMPLES }, () => stream('short'));
for (const one of short) await store.append(one, 'no_stream', [event()]);

let began = performance.now();
for (let left = Number(wanted); left > 0; left -= AT_ONCE) {
  await Promise.all(
    Array.from({ length: AT_ONCE }, () => store.append(stream('other'), 'no_stream', [event()])),
  );
}
say(
  `appends to ${wanted} new streams, ${AT_ONCE} in flight`,
  `${Math.round(Number(wanted) / ((performance.now() - began) / 1000))}/s`,
);
say(
  'append to an old stream, one at a time',
  spread(await timed(SAMPLES, (n) => store.append(short[n], 0n, [event()]))),
);
const reader = await openEventStore(url);
for (const round of ['first', 'second']) {
  const took = await timed(SAMPLES, async (n) => {
    for await (const one of reader.readStream(short[n])) if (!one.id) throw new Error('no id');
  });
  say(`read a stream of two appends, ${round} time`, spread(took));
}

const stop = new AbortController();
const head = await store.head();
let seen = 0;
began = performance.now();
for await (const one of store.subscribe({ signal: stop.signal })) {
  seen += 1;
  if (one.position >= head) stop.abort();
}
say('catch up, events', `${Math.round(seen / ((performance.now() - began) / 1000))}/s`);

const live = store.subscribe({ after: head, categories: ['live'], signal: new AbortController().signal });
const iterator = live[Symbol.asyncIterator]();
await Promise.all([iterator.next(), store.append(stream('live'), 'no_stream', [event()])]);
const delays = await timed(SAMPLES, () =>
  Promise.all([iterator.next(), store.append(stream('live'), 'no_stream', [event()])]),
);
say('append and see it in a subscription', spread(delays));
await Promise.all([store.close(), reader.close()]);
