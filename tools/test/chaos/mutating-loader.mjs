// Replaces one text in one compiled file while it is loaded. A text that is not there ends the process: a
// protection that was not taken away shows nothing.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

let mutations = [];
let folder = '';

export function initialize(data) {
  mutations = data.mutations;
  folder = data.folder;
}

export async function load(url, context, nextLoad) {
  const wanted = mutations.filter(({ file }) => url.endsWith(`/${file}`));
  if (wanted.length === 0) return nextLoad(url, context);
  let source = readFileSync(fileURLToPath(url), 'utf8');
  for (const { file, find, replace } of wanted) {
    if (!source.includes(find)) throw new Error(`${file} does not contain: ${find}`);
    source = source.replaceAll(find, replace);
    writeFileSync(join(folder, `mutated-${mutations.indexOf(wanted[0])}`), file);
  }
  return { format: 'module', source, shortCircuit: true };
}
