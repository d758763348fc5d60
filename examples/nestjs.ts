// Checks keys in NestJS: npx tsc -b examples && NATS_URL=nats://localhost:4222 node examples/dist/nestjs.js
import 'reflect-metadata';
import { createVerifier } from '@mcpstack/verify';
import { Key, keyGuard, RequirePermission, type CheckedKey } from '@mcpstack/verify/nestjs';
import { Controller, Get, HttpCode, Module, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';

@Controller('servers')
class ServersController {
  @Get()
  @RequirePermission('servers:read')
  list(@Key() { orgId, keyId }: CheckedKey): object {
    return { organization: orgId, key: keyId };
  }

  @Post()
  @HttpCode(200)
  @RequirePermission('servers:write')
  create(@Key() { orgId, keyId }: CheckedKey): object {
    return { organization: orgId, key: keyId };
  }
}

@Module({ controllers: [ServersController] })
class AppModule {}

const verifier = await createVerifier({ nats: { servers: process.env['NATS_URL']! } });
const app = await NestFactory.create(AppModule, new FastifyAdapter(), { logger: ['error'] });
// For instance 10.0.0.0/8; without it nobody's X-Forwarded-For is believed.
const trustedProxies = process.env['TRUSTED_PROXIES']?.split(',') ?? [];
app.useGlobalGuards(keyGuard(verifier, { trustedProxies }));
await app.listen(process.env['PORT'] ?? 3000, '127.0.0.1');
process.stdout.write(`listening on ${await app.getUrl()}\n`);
process.once('SIGTERM', () => void app.close().then(() => verifier.close()));
