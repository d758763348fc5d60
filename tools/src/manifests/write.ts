/** `npm run manifests`: writes deploy/kubernetes anew, what is no longer made is gone. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { manifests } from './manifests.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
const target = join(root, 'deploy', 'kubernetes');
for (const folder of ['base', 'chart', 'components'])
  rmSync(join(target, folder), { recursive: true, force: true });
for (const [path, text] of manifests(version)) {
  mkdirSync(dirname(join(target, path)), { recursive: true });
  writeFileSync(join(target, path), text);
}
