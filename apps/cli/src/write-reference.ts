/** Writes docs/cli.md: `npm run docs:cli`. */
import { writeFileSync } from 'node:fs';
import { makeProgram } from './program.ts';
import { referenceOf } from './reference.ts';

const [path] = process.argv.slice(2);
if (path === undefined) throw new Error('Say where it is to be written.');
writeFileSync(path, referenceOf(makeProgram(() => () => Promise.resolve())));
