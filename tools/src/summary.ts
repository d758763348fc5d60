import { relative } from 'node:path';
import type { Timings } from './main-job.ts';
import type { Progress } from './progress.ts';

/** What the main job did, a line each. */
export function describeJob({ createMs, verifyMs, revokeMs, refusedMs }: Timings): string[] {
  const line = (what: string, ms: number) => `      ${what.padEnd(44)}${ms.toFixed(1).padStart(8)} ms`;
  return [
    line('created a key over HTTP', createMs),
    line('verified it over NATS: VALID', verifyMs),
    line('revoked it over HTTP, final when it returned', revokeMs),
    line('verified it again: REVOKED', refusedMs),
  ];
}

export interface SummaryFacts {
  gatewayUrl: string;
  natsUrl: string;
  redisUrl: string;
  eventStoreUrl: string;
  organizationId: string;
  ownerEmail: string;
  localFile: string;
  dataDir: string;
  root: string;
  check: boolean;
  begunMs: number;
}

/** Addresses and what to try next; no secret, those stand in the file. */
export function summary(facts: SummaryFacts, { paint }: Progress): string[] {
  const seconds = ((performance.now() - facts.begunMs) / 1000).toFixed(1);
  if (facts.check) return ['', `The main job works (${seconds} s).`];
  const file = relative(facts.root, facts.localFile);
  const keys = `${facts.gatewayUrl}/api/v1/organizations/${facts.organizationId}/api-keys`;
  const bearer = `-H "Authorization: Bearer $(node -p 'require("./${file}").adminKey')"`;
  return [
    '',
    `Ready after ${seconds} s; Ctrl-C stops everything and keeps the data.`,
    '',
    `  console    ${facts.gatewayUrl.replace('127.0.0.1', 'localhost')}/   (in a browser; docs/console.md)`,
    `  HTTP       ${facts.gatewayUrl}/api/v1   (guide: docs/api.md)`,
    `  API docs   ${facts.gatewayUrl}/api/docs   (OpenAPI: /api/openapi.json)`,
    `  NATS       ${withoutLogin(facts.natsUrl)}   verify: mcpstack.keys.v1.verify`,
    `  Redis      ${withoutLogin(facts.redisUrl)}`,
    `  event log  ${withoutLogin(facts.eventStoreUrl)}`,
    `  data       ${facts.dataDir}   (logs in its folder logs)`,
    `  log keys   ${facts.dataDir}/checkpoint-vkeys.txt   (public: who signs the log, docs/checkpoints.md)`,
    `  secrets    ${file}   (owner's password, an admin key; for you alone)`,
    `  log in     as ${facts.ownerEmail}, with the password that stands there`,
    '',
    paint(1, 'Try next, in another terminal in this folder:'),
    '',
    `  curl -s ${bearer} ${keys}`,
    `  curl -s ${bearer} -H 'Content-Type: application/json' \\`,
    `       -d '{"name":"ci","role":"developer"}' ${keys}`,
    `  curl -s ${facts.gatewayUrl}/health/ready`,
    '  node apps/cli/dist/mcpstack.js auth login',
  ];
}

function withoutLogin(url: string): string {
  return url.replace(/\/\/[^/@]*@/, '//');
}
