/** Everything that is made: path below deploy/kubernetes → text. */
import { chart } from './chart.ts';
import { kustomization } from './kustomization.ts';

/** @param version of the product, which chart and image bear. */
export function manifests(version: string): Map<string, string> {
  const made = [...chart(version)].map(([path, text]) => [`chart/${path}`, text] as const);
  return new Map([...made, ...kustomization()]);
}
