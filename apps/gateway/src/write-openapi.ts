/**
 * Writes the OpenAPI document to a file, without any server: `node dist/write-openapi.js docs/openapi.json`.
 * Clients are made from that file, and a spec holds it to what the gateway serves.
 */
import { writeFile } from 'node:fs/promises';
import { Health, Log } from '@mcpstack/service-kit';
import { NestFactory } from '@nestjs/core';
import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { SessionParts } from './auth/session-parts.ts';
import { GatewayModule, type GatewayParts } from './gateway.module.ts';
import { GatewayAdapter } from './http/adapter.ts';
import { LeakParts } from './leaks/leak-parts.ts';
import { openApiDocument } from './openapi.ts';

const [, , path] = process.argv;
if (path === undefined) throw new Error('Say where to write the document.');

const tokenPrefix = 'mcpstack';
const log = new Log('gateway', 'error');
const adapter = new GatewayAdapter(log, tokenPrefix);
// In preview, Nest looks at the classes and their dependencies and makes no instance of its own.
const absent = {} as never;
const leaks = new LeakParts({ log, nats: absent, commands: absent, tokenPrefix, githubKeys: undefined });
const publicUrl = 'http://localhost:8080';
const sessions = new SessionParts({ log, nats: absent, tokenPrefix, publicUrl, loginIsSetUp: false });
const parts: GatewayParts = {
  ...{ log, health: new Health(), routes: adapter.routes, sessions, leaks, tokenPrefix },
  ...{ nats: absent, commands: absent, readModels: absent, login: absent },
  ...{ publicUrl, provider: undefined, browserLoginLimit: undefined },
};
const app = await NestFactory.create<NestFastifyApplication>(GatewayModule.of(parts), adapter, {
  logger: log,
  abortOnError: false,
  preview: true,
});
await writeFile(path, `${JSON.stringify(openApiDocument(app), null, 2)}\n`);
process.exit(0);
