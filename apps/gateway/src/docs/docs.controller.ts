/** The documentation page: Swagger UI, served from its package, over our own OpenAPI document. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { ProblemError } from '@mcpstack/contracts';
import { Controller, Get, Param, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { type FastifyReply } from 'fastify';
import { Access } from '../auth/access.ts';

const PACKAGE = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));

/** The files of the package that the page needs, and nothing else of it. */
const FILES: Readonly<Record<string, string>> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
};

/**
 * Scripts and styles are files of ours alone: nothing inline, no eval. Swagger UI draws with the style objects of
 * elements, which the policy does not touch; only the alignment of a table inside a description would need inline
 * styles, and no description of ours has one. Its images are data, its requests go to this gateway alone.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>MCPStack Keys API</title>
    <link rel="icon" type="image/png" href="/api/docs/favicon-32x32.png">
    <link rel="stylesheet" href="/api/docs/swagger-ui.css">
  </head>
  <body>
    <div id="docs"></div>
    <noscript>This page needs JavaScript. The document itself is at <a href="/api/openapi.json">/api/openapi.json</a>.</noscript>
    <script src="/api/docs/swagger-ui-bundle.js"></script>
    <script src="/api/docs/start.js"></script>
  </body>
</html>
`;

/** Credentials that somebody enters are not kept: `persistAuthorization` stays off. */
const START = `SwaggerUIBundle({
  url: '/api/openapi.json',
  dom_id: '#docs',
  deepLinking: true,
  persistAuthorization: false,
  validatorUrl: null,
});
`;

@ApiExcludeController()
@Access({ to: 'public' })
@Controller('api/docs')
export class DocsController {
  private readonly files = new Map<string, Promise<Buffer>>();

  @Get()
  page(@Res({ passthrough: true }) reply: FastifyReply): string {
    void reply.headers({ 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': POLICY });
    return PAGE;
  }

  @Get(':file')
  async file(
    @Param('file') name: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Buffer | string> {
    void reply.header('Cache-Control', 'public, max-age=3600');
    if (name === 'start.js') {
      void reply.header('Content-Type', 'text/javascript; charset=utf-8');
      return START;
    }
    const type = Object.hasOwn(FILES, name) ? FILES[name] : undefined;
    if (type === undefined) throw new ProblemError('not-found', 'There is nothing at this address.');
    void reply.header('Content-Type', type);
    return this.read(name);
  }

  /** Read once, on the first request. */
  private read(name: string): Promise<Buffer> {
    let content = this.files.get(name);
    if (!content) {
      content = readFile(join(PACKAGE, name));
      this.files.set(name, content);
      content.catch(() => this.files.delete(name));
    }
    return content;
  }
}
