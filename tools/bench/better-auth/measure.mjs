// Checks keys with Better Auth's api-key plugin in a closed loop, and prints what it measured as one line of JSON.
//
//     node measure.mjs memory|redis redis://… inFlight durationMs
//
// Rate limiting is off, as the keys on our side have no limits. Nothing is hashed anew or deferred beyond defaults.
import { apiKey } from '@better-auth/api-key';
import { betterAuth } from 'better-auth';
import { memoryAdapter } from 'better-auth/adapters/memory';
import { performance } from 'node:perf_hooks';
import { createClient } from 'redis';

const KEYS = 1_000;
const [storage, redisUrl, inFlight, durationMs] = process.argv.slice(2);
const database = { user: [], session: [], account: [], verification: [], apikey: [] };

const redis = createClient({ url: redisUrl });
const isRedis = storage === 'redis';
if (isRedis) await redis.connect();
const secondaryStorage = {
  get: (key) => redis.get(key),
  set: async (key, value, ttl) =>
    void (await (ttl ? redis.set(key, value, { EX: ttl }) : redis.set(key, value))),
  delete: async (key) => void (await redis.del(key)),
};

const auth = betterAuth({
  baseURL: 'http://localhost',
  secret: 'only for a measurement, never for anything else',
  database: memoryAdapter(database),
  emailAndPassword: { enabled: true },
  logger: { disabled: true },
  ...(isRedis && { secondaryStorage }),
  plugins: [apiKey({ rateLimit: { enabled: false }, storage: isRedis ? 'secondary-storage' : 'database' })],
});

const body = { email: 'bench@localhost.test', password: 'correct horse battery', name: 'bench' };
const { user } = await auth.api.signUpEmail({ body });
const keys = [];
for (let number = 0; number < KEYS; number += 1)
  keys.push((await auth.api.createApiKey({ body: { name: `key ${number}`, userId: user.id } })).key);

const latencies = [];
const beganAtMs = performance.now();
const endsAtMs = beganAtMs + Number(durationMs);
let next = 0;
const worker = async () => {
  for (let sentAtMs = performance.now(); sentAtMs < endsAtMs;) {
    const { valid, error } = await auth.api.verifyApiKey({ body: { key: keys[next++ % KEYS] } });
    if (!valid) throw new Error(`a check was refused: ${JSON.stringify(error)}`);
    const nowMs = performance.now();
    latencies.push(nowMs - sentAtMs);
    sentAtMs = nowMs;
  }
};
await Promise.all(Array.from({ length: Number(inFlight) }, worker));
const tookMs = performance.now() - beganAtMs;
latencies.sort((a, b) => a - b);
const at = (percent) => latencies[Math.floor((latencies.length * percent) / 100)];
console.log(JSON.stringify({ perSecond: (latencies.length * 1_000) / tookMs, p50Ms: at(50), p99Ms: at(99) }));
process.exit(0);
