/** `mcpstack-audit`, as an auditor runs it: in a process of its own, with nothing but addresses. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { repositoryRoot } from '@mcpstack/local-servers';
import type { Product } from './product.ts';

const MAIN = join(repositoryRoot(), 'apps', 'audit', 'dist', 'main.js');

export interface Comparison {
  exitCode: number;
  differences: { name: string; field: string; path: string; kind: string }[];
  stderr: string;
}

/** What `replay --compare` finds between the log and Redis. */
export async function compareWithLog({ stack }: Product): Promise<Comparison> {
  const args = [
    MAIN,
    'replay',
    '--compare',
    '--json',
    '--log',
    stack.eventStoreUrl,
    '--redis',
    stack.redisUrl,
  ];
  return new Promise((resolve) => {
    execFile(process.execPath, args, { env: {}, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      const told = stdout === '' ? undefined : (JSON.parse(stdout) as { comparison?: { listed: [] } });
      const exitCode = typeof error?.code === 'number' ? error.code : error ? -1 : 0;
      resolve({ exitCode, differences: told?.comparison?.listed ?? [], stderr });
    });
  });
}
