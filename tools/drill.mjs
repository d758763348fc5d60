// `npm run drill`: drills for operators.
import { runHarness } from './harness.mjs';

await runHarness('drill');
