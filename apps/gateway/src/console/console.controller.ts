/** Serves the console: one page for all its addresses, and its files. */
import { randomBytes } from 'node:crypto';
import { ProblemError } from '@mcpstack/contracts';
import { Controller, Get, Param, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { Access } from '../auth/access.ts';
import { Accepts } from '../http/accepts.ts';
import { ConsoleFiles } from './console-files.ts';

/** Every address of a page; what else nobody knows is a problem, as everywhere. */
const PAGES = ['', 'signed-in', 'account', 'invitation', 'new-organization', 'organizations/*'];

/**
 * Scripts are files of ours alone. The component library writes style elements, which it may with the page's nonce. The
 * page speaks to this gateway, and to nobody else.
 */
const policy = (nonce: string): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

@ApiExcludeController()
@Access({ to: 'public' })
@Controller('/')
export class ConsoleController {
  private files: Promise<ConsoleFiles> | undefined;

  @Get(PAGES)
  @Accepts({ query: 'any' })
  async page(@Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    const files = await this.read();
    const nonce = randomBytes(16).toString('base64');
    void reply.headers({
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': policy(nonce),
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
    });
    return files.page(nonce);
  }

  /** Their names change with their content. */
  @Get('console-assets/:file')
  async asset(
    @Param('file') name: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Buffer> {
    const file = (await this.read()).asset(name);
    if (!file) throw new ProblemError('not-found', 'There is nothing at this address.');
    const isPacked = /\bgzip\b/.test(String(request.headers['accept-encoding']));
    void reply.headers({
      'Content-Type': file.type,
      'Cache-Control': 'public, max-age=31536000, immutable',
      Vary: 'Accept-Encoding',
      ...(isPacked && { 'Content-Encoding': 'gzip' }),
    });
    return isPacked ? file.packed : file.plain;
  }

  private read(): Promise<ConsoleFiles> {
    this.files ??= ConsoleFiles.read().catch((cause: unknown) => {
      this.files = undefined;
      throw new ProblemError('unavailable', 'The console was not built: run npm run build.', { cause });
    });
    return this.files;
  }
}
