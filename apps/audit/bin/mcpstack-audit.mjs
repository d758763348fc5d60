#!/usr/bin/env node
// Stands in the repository, so that `npx mcpstack-audit` finds it before anything is built.
import { existsSync } from 'node:fs';

const built = new URL('../dist/mcpstack-audit.js', import.meta.url);
if (!existsSync(built)) {
  process.stderr.write('mcpstack-audit is not built yet: run "npm run build" in the checkout.\n');
  process.exit(3);
}
await import(built.href);
