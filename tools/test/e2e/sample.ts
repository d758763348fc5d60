/** Keys in every state that a check tells apart, and what is asked of a log that holds them: before and after a move. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { repositoryRoot } from '@mcpstack/local-servers';
import { waitFor } from '@mcpstack/testing';
import type { Product } from './product.ts';

const ROOT = repositoryRoot();

export interface SampleKey {
  id: string;
  secret: string;
  code: string;
}

/** One key of each state. */
export async function makeSample(product: Product): Promise<SampleKey[]> {
  const expiring = await product.insist('POST', product.keysPath, {
    body: { name: 'expires', role: 'viewer', expiresAt: new Date(Date.now() + 3_000).toISOString() },
  });
  const [valid, narrow, revoked, suspended] = [
    await product.create('valid'),
    await product.create('narrow', 'viewer'),
    await product.create('revoked'),
    await product.create('suspended'),
  ];
  const at = (id: string) => `${product.keysPath}/${id}`;
  await product.insist('DELETE', at(revoked.id));
  await product.insist('POST', `${at(suspended.id)}/suspend`, { body: {} });
  const expired = expiring.body as unknown as { id: string; secret: string };
  const sample = [
    { ...valid, code: 'VALID' },
    { ...narrow, code: 'FORBIDDEN' },
    { ...revoked, code: 'REVOKED' },
    { ...suspended, code: 'SUSPENDED' },
    { ...expired, code: 'EXPIRED' },
  ].map(({ id, secret, code }) => ({ id, secret, code }));
  await codesAre(product, sample);
  return sample;
}

/** Waits until each is answered as it should be; a key that ended must never be VALID meanwhile. */
export async function codesAre(product: Product, sample: readonly SampleKey[]): Promise<void> {
  for (const { id, secret, code } of sample)
    await waitFor(
      async () => {
        const answer = await product.verify({ key: secret, permission: 'servers:write' });
        return answer.code === code ? answer : undefined;
      },
      { timeoutMs: 120_000, what: `${id} to be ${code}` },
    );
}

export interface Ran {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** A command of ours, in a process of its own. */
export function command(
  name: 'audit' | 'log',
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<Ran> {
  const main = join(ROOT, 'apps', name, 'dist', 'main.js');
  return new Promise((resolve) => {
    execFile(process.execPath, [main, ...args], { env, maxBuffer: 2 ** 28 }, (error, stdout, stderr) => {
      const exitCode = typeof error?.code === 'number' ? error.code : error ? -1 : 0;
      resolve({ exitCode, stdout, stderr });
    });
  });
}

/** Waits until a checkpoint covers all that is no checkpoint itself. */
export async function signed(product: Product): Promise<void> {
  const length = (await product.log()).findLastIndex(({ type }) => type !== 'CheckpointSigned') + 1;
  const covered = async () => {
    const answer = await fetch(`${product.stack.service('checkpointer').url}/health/checkpoints`);
    return ((await answer.json()) as { size: number }).size >= length;
  };
  await waitFor(covered, { timeoutMs: 240_000, what: 'all to be signed' });
}
