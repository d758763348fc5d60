// `npm run licences` writes docs/licences.md from the lock file.
import { readFileSync, writeFileSync } from 'node:fs';
import { licencesPage, shipped } from './dist/licences.js';

const at = (path) => new URL(`../${path}`, import.meta.url);
const lock = JSON.parse(readFileSync(at('package-lock.json'), 'utf8'));
writeFileSync(at('docs/licences.md'), licencesPage(shipped(lock)));
