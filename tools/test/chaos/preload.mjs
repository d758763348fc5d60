// Loaded into every service before anything else: a wall clock that can be stepped, and protections that can be
// taken away. The monotonic clock is left alone.
import { readFileSync } from 'node:fs';
import { register } from 'node:module';
import { join } from 'node:path';
import { setInterval } from 'node:timers';

const { CHAOS_DIR, CHAOS_MUTATIONS } = process.env;
const RealDate = Date;
const realNow = RealDate.now;
let offsetMs = 0;

globalThis.Date = class extends RealDate {
  constructor(...parts) {
    if (parts.length === 0) super(realNow() + offsetMs);
    else super(...parts);
  }
  static now() {
    return realNow() + offsetMs;
  }
};

setInterval(() => {
  try {
    offsetMs = Number(readFileSync(join(CHAOS_DIR, `clock-${process.pid}`), 'utf8')) || 0;
  } catch {
    // Nobody has stepped this clock yet.
  }
}, 100).unref();

const mutations = JSON.parse(CHAOS_MUTATIONS || '[]');
if (mutations.length > 0)
  register('./mutating-loader.mjs', { parentURL: import.meta.url, data: { mutations, folder: CHAOS_DIR } });
