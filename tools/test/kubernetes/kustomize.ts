/** Builds overlays with the Kustomize that is in kubectl. */
import { spawnSync } from 'node:child_process';
import { objectsIn, type Kubernetes } from './objects.ts';

/** Why this machine cannot. */
export function whyNoKustomize(): string | undefined {
  const { stdout } = spawnSync('kubectl', ['version', '--client'], { encoding: 'utf8' });
  return /v[5-9]\./.test(stdout ?? '') ? undefined : 'there is no kubectl with Kustomize 5 here';
}

/** Fails with what it says, be it a warning alone. */
export function build(folder: string): Kubernetes[] {
  const { status, stdout, stderr } = spawnSync('kubectl', ['kustomize', folder], { encoding: 'utf8' });
  if (status !== 0 || stderr !== '') throw new Error(stderr || `kubectl ended with ${status}`);
  return objectsIn(stdout);
}
