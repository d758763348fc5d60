// `npm run --silent sbom > sbom.cdx.json`: the bill of materials of what we ship, in CycloneDX.
import { readFileSync } from 'node:fs';
import { billOfMaterials } from './dist/bill-of-materials.js';

const lock = JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8'));
process.stdout.write(`${JSON.stringify(billOfMaterials(lock), null, 2)}\n`);
