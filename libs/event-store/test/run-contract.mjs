// npm run test:log -- URL: holds a log server of your own to the event store's contract. It writes into
// that log (streams with random names), so give it one that is meant for tests.
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [url, ...rest] = process.argv.slice(2);
if (!/^(kurrentdb|esdb|nats|tls)(\+discover)?:\/\//.test(url ?? '') || rest.length > 0) {
  console.error(
    'Say which log: npm run test:log -- kurrentdb://host:2113?tls=false (or nats://host:4222). It writes test events there.',
  );
  process.exit(2);
}

const root = join(import.meta.dirname, '../../..');
const jest = join(createRequire(import.meta.url).resolve('jest/package.json'), '../bin/jest.js');
const spec = 'libs/event-store/test/by-url.contract.int.spec.ts';
const child = spawn(
  process.execPath,
  ['--experimental-vm-modules', '--no-warnings', '--expose-gc', jest, '--verbose', '--runTestsByPath', spec],
  // By environment, not by argument: a URL may hold a password.
  { cwd: root, stdio: 'inherit', env: { ...process.env, CONTRACT_EVENT_STORE_URL: url } },
);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('exit', (code) => {
  process.exitCode = code ?? 1;
});
