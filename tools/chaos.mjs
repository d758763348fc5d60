// `npm run chaos`: the long form of the finality spec.
import { runHarness } from './harness.mjs';

await runHarness('chaos');
