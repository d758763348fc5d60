/**
 * The bill of materials of what we ship, in CycloneDX 1.5, from the lock file alone: the same bytes at each run.
 * `npm sbom --omit dev` leaves out what development packages need too, which is most of it.
 */
import { shipped, type Shipped } from './licences.ts';

interface Lock {
  name?: string;
  version?: string;
  packages: Parameters<typeof shipped>[0]['packages'];
}

/** `pkg:npm/%40nestjs/core@12.5.1` (the purl specification, type npm). */
const purlOf = ({ name, version }: Shipped): string => `pkg:npm/${name.replace('@', '%40')}@${version}`;

/** SPDX names one licence by `id`; what is no SPDX id goes by `name`, and several by `expression`. */
function licenceOf(licence: string): object {
  if (/ (AND|OR) /.test(licence)) return { expression: licence };
  return { license: licence === 'Kurrent-1' ? { name: 'Kurrent License v1' } : { id: licence } };
}

function hashOf(integrity: string | undefined): object {
  const digest = /^sha512-(.+)$/.exec(integrity ?? '')?.[1];
  if (digest === undefined) return {};
  return { hashes: [{ alg: 'SHA-512', content: Buffer.from(digest, 'base64').toString('hex') }] };
}

export function billOfMaterials(lock: Lock): object {
  const root = `pkg:npm/${lock.name ?? 'root'}@${lock.version ?? '0'}`;
  const components = shipped(lock).map((one) => ({
    type: 'library',
    'bom-ref': purlOf(one),
    name: one.name,
    version: one.version,
    purl: purlOf(one),
    ...hashOf(one.integrity),
    licenses: [licenceOf(one.licence)],
    properties: [{ name: 'mcpstack:shipped-in', value: one.where }],
  }));
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.5.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    version: 1,
    metadata: {
      component: { type: 'application', 'bom-ref': root, name: lock.name, version: lock.version, purl: root },
    },
    components: [...new Map(components.map((one) => [one.purl, one])).values()],
  };
}
