/** Every service is replaced, one after the other, in the order of docs/operations.md. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { LogFile } from '@mcpstack/local-servers';
import { Service, type StackOptions } from '@mcpstack/testing';
import { type Product } from '../e2e/product.ts';
import { judgeAll, type Aftermath } from './judge.ts';
import { Load, type LoadCounts } from './load.ts';

/**
 * Who reads what another one says comes before it: the gateway before the authorizers, whose answers may name permissions
 * that are new, readers of Redis before the projection, readers of the log before issuance.
 */
export const ORDER = [
  'gateway',
  'forward-auth',
  'authorizer',
  'scheduler',
  'webhooks',
  'projection',
  'issuance',
  'checkpointer',
  'identity-provider',
] as const;

export interface Step extends LoadCounts {
  service: string;
  seconds: number;
}

export interface UpgradeResult {
  steps: Step[];
  totals: LoadCounts;
  failures: Record<string, number>;
  aftermath: Aftermath;
}

export interface UpgradeOptions {
  product: Product;
  /** Where the version stands that replaces the other one. */
  to: string;
  /** Back to an older version: in the other order. */
  isBack?: boolean;
  /** Each service runs for so many checks and commands before the next one is replaced. */
  between?: { checks: number; commands: number };
  onProgress?: (line: string) => void;
}

/** Two of each that can have two, as far as this version has the service. */
export function twoOfEach(root: string): StackOptions['instances'] {
  const has = (app: string) => existsSync(join(root, 'apps', app, 'dist', 'main.js'));
  const many = { 'identity-provider': 1, checkpointer: 1 } as Record<string, number>;
  return Object.fromEntries(ORDER.map((app) => [app, has(app) ? (many[app] ?? 2) : 0]));
}

/** Replaces all services under load, and judges what came of it. */
export async function upgrade({
  product,
  to,
  isBack = false,
  between,
  onProgress,
}: UpgradeOptions): Promise<UpgradeResult> {
  // A person's login would end meanwhile.
  product.token = (await product.create('operator', 'admin')).secret;
  const load = await Load.start(product);
  const pause = between ?? { checks: 100, commands: 5 };
  const steps: Step[] = [];
  try {
    await load.goOn(pause);
    for (const app of isBack ? ORDER.toReversed() : ORDER) {
      const running = [...product.stack.services.values()].filter(({ name }) =>
        new RegExp(`^${app}(-\\d+)?$`).test(name),
      );
      for (const service of running) {
        const before = { ...load.counts };
        const beganAtMs = performance.now();
        await service.restart({ root: to });
        const seconds = Math.round(performance.now() - beganAtMs) / 1000;
        await load.goOn(pause);
        const step = { service: service.name, seconds, ...since(before, load.counts) };
        steps.push(step);
        onProgress?.(
          `${service.name} in ${seconds.toFixed(1)} s: ${step.checks} checks, ${step.failed} failed; ` +
            `${step.commands} commands, ${step.repeated} of them repeated`,
        );
      }
      if (running.length === 0 && (await startNew(product, app, to)))
        onProgress?.(`${app} is new, and started`);
    }
    await load.goOn(pause);
  } finally {
    await load.stop();
  }
  const aftermath = await judgeAll(product, load.made, !isBack);
  return { steps, totals: load.counts, failures: load.failures, aftermath };
}

export function isGood({ totals, aftermath }: UpgradeResult): boolean {
  const { lost, twice, wrong, differences = 0 } = aftermath;
  return (
    totals.failed + totals.slow + totals.revived + lost.length + twice.length + wrong.length + differences ===
    0
  );
}

/** A service that the older version did not have. */
async function startNew(product: Product, app: string, root: string): Promise<boolean> {
  const { stack } = product;
  if (app === 'forward-auth' || !existsSync(join(root, 'apps', app, 'dist', 'main.js'))) return false;
  const log = new LogFile(join(stack.dataDir, 'logs', `${app}.log`));
  const service = await Service.start({ name: app, app, root, env: stack.env, log });
  stack.services.set(app, service);
  await service.ready();
  return true;
}

function since(before: LoadCounts, now: LoadCounts): LoadCounts {
  const entries = Object.entries(now) as [keyof LoadCounts, number][];
  return Object.fromEntries(entries.map(([name, count]) => [name, count - before[name]])) as never;
}
