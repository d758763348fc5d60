/** One small service for each adapter, all with the same routes: what a service that checks keys looks like. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { Controller, Get, HttpException, Module, UseGuards, type ExecutionContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import express, { type Request, type Response } from 'express';
import fastify from 'fastify';
import { Hono } from 'hono';
import * as onExpress from '../../src/express.ts';
import * as onFastify from '../../src/fastify.ts';
import * as onHono from '../../src/hono.ts';
import * as onNode from '../../src/http-node.ts';
import type { CheckedKey, RequireKeyOptions } from '../../src/http.ts';
import { Key, keyGuard, keyOf, RequirePermission } from '../../src/nestjs.ts';
import type { Verifier } from '../../src/verifier.ts';

/**
 * `/any` takes any key, `/write` one with `servers:write`; both answer the key's id. `/forgot` reads a key that
 * nobody checked.
 */
export interface Service {
  url: string;
  close: () => Promise<void>;
}
type Start = (verifier: Verifier, options: RequireKeyOptions) => Promise<Service>;

const write = { permission: 'servers:write' } as const;

async function listening(server: Server): Promise<Service> {
  if (!server.listening) await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${port}`, close };
}

const node: Start = (verifier, options) => {
  const any = onNode.requireKey(verifier, options);
  const writing = onNode.requireKey(verifier, { ...options, ...write });
  const server = createServer((request, response) => {
    const path = request.url!.split('?')[0]!;
    const check = { '/any': any, '/write': writing }[path];
    const answered = (key: CheckedKey | undefined) => key && response.end(onNode.keyOf(request).keyId);
    if (check) return void check(request, response).then(answered);
    try {
      response.end(onNode.keyOf(request).keyId);
    } catch {
      response.writeHead(500).end();
    }
  });
  return listening(server);
};

const expressApp = () => express().set('env', 'test');

const onExpressApp: Start = (verifier, options) => {
  const app = expressApp();
  const router = express.Router();
  const answer = (request: Request, response: Response) => void response.end(onExpress.keyOf(request).keyId);
  router.get('/any', onExpress.requireKey(verifier, options), answer);
  router.get('/write', onExpress.requireKey(verifier, { ...options, ...write }), answer);
  router.get('/forgot', answer);
  return listening(createServer(app.use('/', router)));
};

const onFastifyApp: Start = async (verifier, options) => {
  const app = fastify();
  const answer = (request: object) => onFastify.keyOf(request).keyId;
  app.get('/any', { onRequest: onFastify.requireKey(verifier, options) }, answer);
  app.get('/write', { onRequest: onFastify.requireKey(verifier, { ...options, ...write }) }, answer);
  app.get('/forgot', answer);
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  return { url, close: () => app.close() };
};

const onHonoApp: Start = async (verifier, options) => {
  const app = new Hono();
  app.get('/any', onHono.requireKey(verifier, options), (c) => c.text(c.get('key').keyId));
  app.get('/write', onHono.requireKey(verifier, { ...options, ...write }), (c) =>
    c.text(onHono.keyOf(c).keyId),
  );
  app.get('/forgot', (c) => c.text(onHono.keyOf(c).keyId));
  app.onError((_, c) => c.body(null, 500));
  const server = await new Promise<Server>((resolve) => {
    const started = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, () =>
      resolve(started as Server),
    );
  });
  return listening(server);
};

const onNest: Start = async (verifier, options) => {
  const guard = keyGuard(verifier, options);
  @Controller()
  class Servers {
    @Get('any')
    @UseGuards(guard)
    any(@Key() key: CheckedKey): string {
      return key.keyId;
    }
    @Get('write')
    @UseGuards(guard)
    @RequirePermission('servers:write')
    write(@Key() key: CheckedKey): string {
      return key.keyId;
    }
    @Get('forgot')
    forgot(@Key() key: CheckedKey): string {
      return key.keyId;
    }
  }
  @Module({ controllers: [Servers] })
  class App {}
  const app = await NestFactory.create<NestFastifyApplication>(App, new FastifyAdapter(), { logger: false });
  await app.listen(0, '127.0.0.1');
  return { url: await app.getUrl(), close: () => app.close() };
};

/** The guard with a request and a response of Express, called as Nest calls it there. */
const onNestWithExpress: Start = (verifier, options) => {
  class Servers {
    any(this: void): void {}
    @RequirePermission('servers:write')
    write(this: void): void {}
  }
  const guard = keyGuard(verifier, options);
  const app = expressApp();
  for (const name of ['any', 'write'] as const) {
    app.get(`/${name}`, async (request, response) => {
      const http = { getRequest: () => request, getResponse: () => response };
      const context = {
        getType: () => 'http',
        getClass: () => Servers,
        getHandler: () => Servers.prototype[name],
        switchToHttp: () => http,
      } as unknown as ExecutionContext;
      try {
        if (await guard.canActivate(context)) response.end(keyOf(request).keyId);
      } catch (error) {
        if (!(error instanceof HttpException)) throw error;
        response.status(error.getStatus()).json(error.getResponse());
      }
    });
  }
  app.get('/forgot', (request, response) => void response.end(keyOf(request).keyId));
  return listening(createServer(app));
};

export const SERVICES: Readonly<Record<string, Start>> = {
  'plain Node': node,
  Express: onExpressApp,
  Fastify: onFastifyApp,
  Hono: onHonoApp,
  NestJS: onNest,
  'NestJS on Express': onNestWithExpress,
};
