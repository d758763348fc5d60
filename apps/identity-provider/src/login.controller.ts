/** The page on which people log in, and what it sends. */
import { ConfigError, Log } from '@mcpstack/service-kit';
import {
  Body,
  Catch,
  Controller,
  Get,
  HttpException,
  Post,
  Req,
  Res,
  UseFilters,
  type ArgumentsHost,
  type ExceptionFilter,
} from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { errors, Provider } from 'oidc-provider';
import { Accounts } from './accounts.ts';
import { TooManyAttempts } from './login-limits.ts';
import { errorPage, loginPage } from './pages.ts';
import { send } from './serve-provider.ts';

/** Where the page stands, and where its form may lead. */
export class LoginPlace {
  constructor(
    readonly origin: string,
    readonly clientOrigins: readonly string[],
  ) {}
}

const WRONG = 'The e-mail or the password is wrong.';

@Catch()
class LoginErrorFilter implements ExceptionFilter {
  constructor(private readonly log: Log) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    if (error instanceof errors.SessionNotFound) {
      const why =
        'This login has ended: it was finished already, took too long, or began in another browser.';
      return send(reply, 400, errorPage(400, 'expired', why));
    }
    if (error instanceof HttpException && error.getStatus() < 500) {
      const status = error.getStatus();
      return send(reply, status, errorPage(status, 'refused', error.message));
    }
    this.log.error('a login failed', { err: error });
    send(reply, 500, errorPage(500, 'internal', undefined));
  }
}

@Controller('login')
@UseFilters(LoginErrorFilter)
export class LoginController {
  constructor(
    private readonly provider: Provider,
    private readonly accounts: Accounts,
    private readonly place: LoginPlace,
    private readonly log: Log,
  ) {}

  @Get(':uid')
  async show(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { params } = await this.provider.interactionDetails(request.raw, reply.raw);
    this.page(request, reply, 200, textOf(params['login_hint']));
  }

  @Post(':uid')
  async logIn(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Body() body: Record<string, unknown> | undefined,
  ): Promise<void> {
    this.refuseForeign(request);
    await this.provider.interactionDetails(request.raw, reply.raw);
    const [email, password] = [textOf(body?.['email']), textOf(body?.['password'])];
    if (email.length > 254 || password.length > 1024) return this.page(request, reply, 403, '', WRONG);
    try {
      const user = await this.accounts.logIn(email, password, request.ip);
      if (!user) return this.page(request, reply, 403, email, WRONG);
      const result = { login: { accountId: user.id, remember: false } };
      const next = await this.provider.interactionResult(request.raw, reply.raw, result);
      void reply.header('Cache-Control', 'no-store').redirect(next, 303);
    } catch (error) {
      this.explain(error, request, reply, email);
    }
  }

  private explain(error: unknown, request: FastifyRequest, reply: FastifyReply, email: string): void {
    if (error instanceof TooManyAttempts) {
      const minutes = Math.ceil(error.retryAfterS / 60);
      const when = minutes === 1 ? 'a minute' : `${minutes} minutes`;
      void reply.header('Retry-After', String(error.retryAfterS));
      return this.page(request, reply, 429, email, `Too many attempts to log in. Try again in ${when}.`);
    }
    if (!(error instanceof ConfigError)) throw error;
    this.log.error('the file of local users cannot be used', { err: error });
    this.page(request, reply, 503, email, 'Nobody can log in now: the file of local users cannot be used.');
  }

  private page(
    request: FastifyRequest,
    reply: FastifyReply,
    status: number,
    email: string,
    problem?: string,
  ): void {
    const action = request.raw.url!.split('?')[0]!;
    const parts = { action, email, ...(problem !== undefined && { problem }) };
    send(reply, status, loginPage({ ...parts, formTargets: this.place.clientOrigins }));
  }

  /** A page of somebody else must not log a browser in under another name. */
  private refuseForeign({ headers }: FastifyRequest): void {
    const site = headers['sec-fetch-site'];
    const isOurs = site === undefined ? headers.origin === this.place.origin : site === 'same-origin';
    if (!isOurs) throw new HttpException('This form was sent by another page.', 403);
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
